"""Checks of links and conversations that need all files: names of conversations, and keys that only one side has."""

from __future__ import annotations

from collections.abc import Sequence

from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.yaml_nodes import place
from greenflash_kafka.mappings.link_reader import WrittenLink, WrittenTry
from greenflash_kafka.mappings.mapping import Understood
from greenflash_kafka.model.conversations import ConversationSource


def check_links(files: Sequence[Understood], *, whole: bool) -> None:
    """Report conversations of one name, and links that can't find anything. `whole` false: conversations may also be
    described elsewhere."""
    names: dict[str, str] = {}
    sources: dict[str, ConversationSource] = {}
    for file in files:
        for entry in file.conversations:
            name = entry.name
            if name.text in names:
                said = f"a conversation has the name {name.text}, too: {names[name.text]}"
                file.report.add(place(name), "duplicate-name", said, "choose another name")
            names[name.text] = f"{file.path}, line {name.line}"
            sources.setdefault(name.text, entry.source)
    if not whole or any(_unknown(file) for file in files):
        return
    for file in files:
        for link in file.links:
            if not sources:
                said = f"{link.rule} links its events, and no file describes conversations"
                hint = "load the file that has `conversations`, or leave `link` out"
                link.report.add(link.tries[0].at, "no-conversations", said, hint)
            else:
                for one in link.tries:
                    _check(one, link, sources)


def _unknown(file: Understood) -> bool:
    """True if conversations are written here that have mistakes: what refers to them isn't wrong, too."""
    return file.conversations_written > len(file.conversations)


def _check(one: WrittenTry, link: WrittenLink, sources: dict[str, ConversationSource]) -> None:
    """Report what this way of finding names and nobody has."""
    say = link.report.add
    for name, at in one.to:
        if name not in sources:
            hint = did_you_mean(name, sources) or f"there is {', '.join(sources)}"
            say(at, "unknown-name", f"there is no conversation {name}", hint)
    if any(name not in sources for name, _ in one.to):
        return
    asked = [sources[name] for name, _ in one.to] or list(sources.values())
    known = list(dict.fromkeys(key for source in asked for key in source.keys))
    of = "no conversation" if len(asked) > 1 or not one.to else f"{asked[0].name} doesn't"
    for key in one.keys:
        if key.name not in known:
            has = "has" if of == "no conversation" else "have"
            said = f"{of} {has} the key {key.name}"
            if one.by_default:
                said += ", by which a link goes that has no `by`"
            hint = did_you_mean(key.name, known) or f"there is {', '.join(known)}"
            say(key.at, "unknown-name", said, hint)
    for (name, at), source in zip(one.to, asked, strict=False):
        if not any(key.name in source.keys for key in one.keys) and len(asked) > 1:
            said = f"{name} has none of the keys of this link"
            say(at, "unknown-name", said, f"it has {', '.join(source.keys)}")
        if link.product is not None and source.product_id not in (None, link.product):
            said = f"{name} is a conversation of another product than the events of {link.rule}"
            say(at, "link-to-other-product", said, "give both the same product_id")
    if not one.to and link.product is not None:
        able = [source for source in asked if any(key.name in source.keys for key in one.keys)]
        if able and all(source.product_id not in (None, link.product) for source in able):
            said = f"all conversations with these keys are of other products than the events of {link.rule}"
            say(one.at, "link-to-other-product", said, "give both the same product_id")
