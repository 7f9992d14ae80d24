"""Settings in mapping files that differ: what decides what production sends, and past messages show in part or not at
all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from greenflash_kafka.diff.tallies import OTHERS, Tallies
from greenflash_kafka.diff.written_names import NAMED_BY_MESSAGES
from greenflash_kafka.diff.written_rules import Given, like_pairs, rule_pairs
from greenflash_kafka.diff.written_settings import Setting, WrittenEntry, WrittenSettings
from greenflash_kafka.model.conversations import MINUTE_MS
from greenflash_kafka.rules.durations import duration_text

NEVER_SHOWN: Final = frozenset(("source.initial_offset", "source.max_age", "max_delay"))
"""WrittenSettings that act on when and where `run` reads: two rule sets that differ in them alone evaluate alike."""

NONE: Final = "none"
DEFAULT_DELAY: Final = duration_text(MINUTE_MS)
"""`max_delay` of a conversation, or a table from a topic, that says none."""

THERE: Final = "there"

ENVIRONMENT: Final = "environment"
"""Whose variables are."""


class SettingChange(msgspec.Struct, frozen=True):
    """One setting: whose (`topic NAME`, `rule NAME`, `conversation NAME`, `table NAME`, `environment`), its name, what
    is written before and after (`none` for nothing), and where, as `file:line`. `shown`: messages show it as far as
    they reach. Without a name: a rule or conversation that one side has (`there`), or a rule of which these `parts`
    differ: it gives no event, or (`shown` false) events that are the same. `was`: another name that the rule had."""

    owner: str
    name: str
    old: str
    new: str
    at: str
    shown: bool
    parts: tuple[str, ...] = ()
    was: str = ""

    @property
    def rules(self) -> list[str]:
        """The names of the rules whose it is."""
        return self.owner.partition(" ")[2].split(", ") if self.owner.startswith("rule") else []

    @property
    def kind(self) -> Literal["setting", "variable", "unshown", "parts", "there"]:
        """What is said of it."""
        if self.owner == ENVIRONMENT:
            return "variable"
        if self.name:
            return "setting"
        if not self.parts:
            return "there"
        return "parts" if self.shown else "unshown"


class RulesShown(msgspec.Struct, frozen=True):
    """What messages showed: the rules that gave events, by topic, with their old name and their new one ("" for none);
    the event `fields` that differ, each with its rule's name; and the names of rules of which other messages are
    `taken`: events are gone, new, invalid or mended."""

    given: Collection[Given] = ()
    fields: Collection[tuple[str, str]] = ()
    taken: Collection[str] = ()

    def gave(self, old: WrittenEntry) -> bool:
        """Whether an old rule gave an event."""
        return any(old.name == was and old.reads(topic) for topic, was, _ in self.given)

    def compared(self, old: Sequence[WrittenEntry], new: WrittenEntry | None) -> bool:
        """Whether the new rule gave an event, or one of these old ones gives it no longer: only of those the parts are
        compared."""
        return any(
            (not became and any(each.name == was and each.reads(topic) for each in old))
            or (new is not None and new.name == became and new.reads(topic))
            for topic, was, became in self.given
        )

    def shows(self, part: str, names: Collection[str]) -> bool:
        """Whether messages show what a part of a rule does, or settings say it; the rule had these names."""
        kind, _, field = part.partition(".")
        if kind in _SETTINGS:
            return True
        if kind != "event":
            return any(name in self.taken for name in names) or (kind == "each" and self._any_field(names))
        if field.partition(".")[0] == "properties" and ("", OTHERS[1]) in self.fields:
            return True
        return any(_is_of(changed, field) for name, changed in self.fields if name in names)

    def _any_field(self, names: Collection[str]) -> bool:
        return any(name in names for name, _ in self.fields)


_SETTINGS: Final = frozenset(("draft", "link", "sample", "valid"))
"""Parts of rules that are compared as settings."""


def _is_of(changed: str, field: str) -> bool:
    """Whether a field that differs is one that a rule writes; a property may be one of all that a rule gives."""
    if field.partition(".")[0] == "properties" and changed.startswith("properties."):
        return changed in (field, NAMED_BY_MESSAGES) or field == "properties"
    return changed == field or (changed, field) == ("value_type", "value")


NO_MESSAGES: Final = RulesShown()


def rules_shown(tallies: Tallies) -> RulesShown:
    """What was counted of all messages, as far as it tells of rules."""
    fields = {(rule, field) for what, rule, field in tallies.changes if what == "changed"}
    fields |= {
        (rule, field.rpartition(": ")[0])
        for what, rule, field in tallies.changes
        if what in ("problem", "unreadable", "mended")
    }
    taken = {rule for what, rule, _ in tallies.changes if what not in ("changed", "unreadable")}
    taken |= {name for what, _, *names in tallies.moves if what == "taken_over" for name in names}
    return RulesShown(tallies.given, fields, taken)


def changes(old: WrittenSettings, new: WrittenSettings, shown: RulesShown = NO_MESSAGES) -> tuple[SettingChange, ...]:
    """The settings that differ, sorted: of topics, conversations and rules that both have, whatever rules are called,
    and variables that only the new rules name. Of rules that only one side has, or that are written otherwise, those
    that give no event of the messages; of those that do, the parts of which these messages show nothing."""
    found: dict[tuple[object, ...], SettingChange] = {}
    for each in (*_shared(old, new), *_rules(old, new, shown)):
        # A file of several topics, or rules, says it once.
        alone = each.owner if not each.name and each.kind != "unshown" else ""
        key = (alone, each.name, each.old, each.new, each.at, each.parts)
        known = found.get(key)
        if known is None:
            found[key] = each
        elif each.kind == "unshown":
            rules = dict.fromkeys((*known.rules, *each.rules))
            found[key] = msgspec.structs.replace(
                known, owner=f"rules {', '.join(rules)}" if len(rules) > 1 else each.owner
            )
    return tuple(sorted(found.values(), key=lambda each: (each.owner, each.name, each.at)))


def _shared(old: WrittenSettings, new: WrittenSettings) -> Iterator[SettingChange]:
    for name, at in new.variables.items():
        if name not in old.variables:
            yield SettingChange(ENVIRONMENT, name, NONE, "named", at, True)
    for topic in old.topics.keys() & new.topics.keys():
        yield from _settings(old.topics[topic], new.topics[topic])
    ours, theirs = ({each.name: each for each in side.conversations} for side in (old, new))
    for name in ours.keys() & theirs.keys():
        yield from _settings(ours[name], theirs[name])
    left = [each for name, each in ours.items() if name not in theirs]
    for each in (each for name, each in theirs.items() if name not in ours):
        same = next((other for other in left if _texts(other) == _texts(each)), None)
        if same is None:
            yield SettingChange(each.owner, "", NONE, THERE, each.at, True)
        else:
            left.remove(same)
    for each in left:
        yield SettingChange(each.owner, "", THERE, NONE, f"{each.at} before", True)


def _texts(written: WrittenEntry) -> dict[tuple[str, str], str]:
    return {key: each.text for key, each in written.settings.items()}


def _settings(before: WrittenEntry, after: WrittenEntry) -> Iterator[SettingChange]:
    """The settings of what both sides have."""
    for kind, name in sorted(before.settings.keys() | after.settings.keys()):
        was, became = before.settings.get((kind, name)), after.settings.get((kind, name))
        absent = _default(kind, name, before, after)
        old, new = (absent if each is None else each.text for each in (was, became))
        if old != new:
            shown = name not in NEVER_SHOWN and name.rpartition(".")[2] not in NEVER_SHOWN
            owner, at = _owner_and_place(was, became)
            owner = after.owner if owner == before.owner else owner
            other = before.name if before.name != after.name and owner == after.owner else ""
            yield SettingChange(owner, name, old, new, at, shown, was=other)


def _default(kind: str, name: str, before: WrittenEntry, after: WrittenEntry) -> str:
    """What holds where nothing is written."""
    if name != "max_delay":
        return NONE
    if kind == "":
        return DEFAULT_DELAY
    # A table of a file has no delay.
    told = all((kind, "topic") in each.settings for each in (before, after))
    return DEFAULT_DELAY if told else NONE


def _owner_and_place(was: Setting | None, became: Setting | None) -> tuple[str, str]:
    if became is not None:
        return became.owner, became.at
    assert was is not None
    return was.owner, f"{was.at} before"


def _rules(old: WrittenSettings, new: WrittenSettings, shown: RulesShown) -> Iterator[SettingChange]:
    pairs = rule_pairs(old.rules, new.rules, shown.given)
    likely = like_pairs(old.rules, new.rules, pairs)
    for before, after in (*pairs, *likely):
        yield from _settings(before, after)
    names = {ours.name: theirs.name for ours, theirs in pairs}
    for rule in new.rules:
        olds = [ours for ours, theirs in pairs if theirs is rule]
        if olds:
            yield from _otherwise(olds, rule, names, shown)
        elif not rule.draft and not shown.compared((), rule):
            yield SettingChange(rule.owner, "", NONE, THERE, rule.at, True)
    for rule in old.rules:
        if not rule.draft and all(ours is not rule for ours, _ in pairs) and not shown.gave(rule):
            yield SettingChange(rule.owner, "", THERE, NONE, f"{rule.at} before", True)


def _otherwise(
    olds: Sequence[WrittenEntry], rule: WrittenEntry, names: Mapping[str, str], shown: RulesShown
) -> Iterator[SettingChange]:
    """The parts of a rule that differ, if it gives no event; of one that does, those of which no message here shows
    anything. `olds` are what became of it."""
    was, differing = min(((each, _differing(each, rule, names)) for each in olds), key=lambda each: len(each[1]))
    if not differing or (rule.draft and all(each.draft for each in olds)):
        return
    other = was.name if was.name != rule.name else ""
    places = {part: rule.parts[part][1] if part in rule.parts else f"{was.parts[part][1]} before" for part in differing}
    if not shown.compared(olds, rule):
        yield SettingChange(rule.owner, "", THERE, THERE, places[differing[0]], True, differing, was=other)
        return
    for part in differing:
        if not shown.shows(part, {rule.name, *(each.name for each in olds)}):
            yield SettingChange(rule.owner, "", THERE, THERE, places[part], False, (part,), was=other)


def _differing(before: WrittenEntry, after: WrittenEntry, names: Mapping[str, str]) -> tuple[str, ...]:
    ours = {name: text for name, (text, _) in before.parts.items()}
    theirs = {name: text for name, (text, _) in after.parts.items()}
    if "first_match" in ours and "first_match" in theirs:
        # The rules that are tried before it, as they are called now: one that only one side has is said by itself.
        earlier, now = ([names.get(each, each) for each in ours["first_match"].split()], theirs["first_match"].split())
        ours["first_match"] = " ".join(each for each in earlier if each in now)
        theirs["first_match"] = " ".join(each for each in now if each in earlier)
    return tuple(name for name in sorted(ours.keys() | theirs.keys()) if ours.get(name) != theirs.get(name))
