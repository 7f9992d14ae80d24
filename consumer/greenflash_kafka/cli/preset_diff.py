"""Comparison of a copied preset with the shipped one: ids of events first, then rules, then lines."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Final

import msgspec

from greenflash_kafka.cli.preset_copy import with_links
from greenflash_kafka.cli.preset_folder import Preset, stamp_of
from greenflash_kafka.documents.plain_document import plain_document

_OF_THE_ID: Final = ("event_type", "insert_id", "each")
"""Parts of a rule of which the ids of its events are made, beside its names for values."""

_NAME: Final = re.compile(r"[A-Za-z_]\w*")


class Difference(msgspec.Struct, frozen=True):
    """The comparison in lines for people, and whether anything differs."""

    lines: tuple[str, ...]
    differs: bool


def difference(text: str, preset: Preset, file: str) -> Difference:
    """Compare a copied mapping's text with the shipped preset."""
    shipped, copied = preset.mapping.read_text(encoding="utf-8"), with_links(text)
    stamp = stamp_of(text)
    yours, theirs = _rule_ids(copied), _rule_ids(shipped)
    if yours is None or theirs is None:
        lines = [f"{file} can't be read as a mapping file: `greenflash-kafka lint {file}` says why"]
    elif copied == shipped:
        return Difference((f"{file} is the shipped version {preset.stamp.version} of {preset.stamp.name}",), False)
    else:
        lines = [f"{file}: version {stamp.version if stamp else '?'}; shipped: {preset.stamp.version}", ""]
        lines += _of_ids(yours, theirs)
        lines += [f"rule {name}: only in your file" for name in yours if name not in theirs]
        lines += [f"rule {name}: only in the shipped version" for name in theirs if name not in yours]
    diff = difflib.unified_diff(
        copied.splitlines(),
        shipped.splitlines(),
        file,
        f"shipped {preset.stamp.name} {preset.stamp.version}",
        "",
        "",
        2,
        "",
    )
    return Difference((*lines, "", *diff), True)


def _of_ids(yours: Mapping[str, Mapping[str, str]], theirs: Mapping[str, Mapping[str, str]]) -> Iterator[str]:
    """What differs in the ids of events, rule by rule; one line if nothing does."""
    changed = [name for name in yours if name in theirs and yours[name] != theirs[name]]
    if not changed:
        yield "ids of events: the same in all rules that both have"
    for name in changed:
        parts = [part for part in {**yours[name], **theirs[name]} if yours[name].get(part) != theirs[name].get(part)]
        yield f"ids of events of rule {name} differ, by {', '.join(parts)}: what is sent again would be stored twice"


def _rule_ids(text: str) -> dict[str, dict[str, str]] | None:
    """Of each rule all texts that decide the ids of its events; None if the text is no mapping file."""
    document = plain_document(text.encode(), "").value
    if not isinstance(document, dict):
        return None
    rules = document.get("rules") or []
    return {str(rule["name"]): _parts(document, rule) for rule in rules if isinstance(rule, dict) and "name" in rule}


def _parts(document: Mapping[str, object], rule: Mapping[str, object]) -> dict[str, str]:
    event = {**_map(document.get("defaults")), **_map(rule.get("event"))}
    whole = {**event, "each": rule.get("each", document.get("each"))}
    parts = {part: str(whole[part]) for part in _OF_THE_ID if whole.get(part) is not None}
    names = {**_map(document.get("let")), **_map(rule.get("let"))}
    reached = set(_NAME.findall(" ".join(parts.values()))) & names.keys()
    while reached:
        parts |= {name: str(names[name]) for name in reached}
        reached = set(_NAME.findall(" ".join(parts.values()))) & names.keys() - parts.keys()
    return parts


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {}
