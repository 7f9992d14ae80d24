"""Settings in mapping files that differ: what decides what production sends, and past messages show in part or not at
all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

import msgspec

from greenflash_kafka.diff.tallies import Tallies
from greenflash_kafka.diff.written_rules import Given, like_pairs, rule_pairs
from greenflash_kafka.diff.written_settings import Setting, WrittenEntry, WrittenSettings

NEVER_SHOWN: Final = frozenset(("source.initial_offset", "source.max_age", "max_delay"))
"""WrittenSettings that act on when and where `run` reads: two rule sets that differ in them alone evaluate alike."""

NONE: Final = "none"
THERE: Final = "there"

ENVIRONMENT: Final = "environment"
"""Whose variables are."""


class SettingChange(msgspec.Struct, frozen=True):
    """One setting: whose (`topic NAME`, `rule NAME`, `conversation NAME`, `table NAME`, `environment`), its name, what
    is written before and after (`none` for nothing), and where, as `file:line`. `shown`: messages show it as far as
    they reach. Without a name: a rule or conversation that one side has (`there`), or a rule of which these `parts`
    differ; `literals` are those that only one side has, each with its place. `was`: another name that the rule had."""

    owner: str
    name: str
    old: str
    new: str
    at: str
    shown: bool
    parts: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    was: str = ""

    @property
    def kind(self) -> Literal["setting", "variable", "literals", "parts", "there"]:
        """What is said of it."""
        if self.owner == ENVIRONMENT:
            return "variable"
        if self.name:
            return "setting"
        return "literals" if self.literals else "parts" if self.parts else "there"


class RulesShown(msgspec.Struct, frozen=True):
    """What messages showed: the rules that gave events, by topic, with their old name and their new one ("" for none);
    and the names of rules that give something `changed`."""

    given: Collection[Given] = ()
    changed: Collection[str] = ()

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


_SAME_NAMES: Final[Mapping[str, str]] = {}

NO_MESSAGES: Final = RulesShown()


def rules_shown(tallies: Tallies) -> RulesShown:
    """What was counted of all messages, as far as it tells of rules."""
    changed = {rule for _, rule, _ in tallies.changes}
    changed |= {rule for what, rule, _, _ in tallies.moves if what != "renamed"}
    return RulesShown(tallies.given, changed)


def changes(old: WrittenSettings, new: WrittenSettings, shown: RulesShown = NO_MESSAGES) -> tuple[SettingChange, ...]:
    """The settings that differ, sorted: of topics, conversations and rules that both have, whatever rules are called,
    and variables that only the new rules name. Of rules that only one side has, or that are written otherwise, those
    that give no event of the messages; of those that do, and give the same, the literals that only one side names."""
    found: dict[tuple[str, ...], SettingChange] = {}
    for each in (*_shared(old, new), *_rules(old, new, shown)):
        # A file of several topics, or rules, says it once.
        found.setdefault((each.owner if not each.name else "", each.name, each.old, each.new, each.at), each)
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
        old, new = (NONE if each is None else each.text for each in (was, became))
        if old != new:
            shown = name not in NEVER_SHOWN and name.rpartition(".")[2] not in NEVER_SHOWN
            owner, at = _owner_and_place(was, became)
            owner = after.owner if owner == before.owner else owner
            other = before.name if before.name != after.name and owner == after.owner else ""
            yield SettingChange(owner, name, old, new, at, shown, was=other)


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
            yield from _otherwise(olds, rule, [theirs for ours, theirs in pairs if ours in olds], names, shown)
        elif not rule.draft and not shown.compared((), rule):
            yield SettingChange(rule.owner, "", NONE, THERE, rule.at, True)
    for rule in old.rules:
        if not rule.draft and all(ours is not rule for ours, _ in pairs) and not shown.gave(rule):
            yield SettingChange(rule.owner, "", THERE, NONE, f"{rule.at} before", True)


def _otherwise(
    olds: Sequence[WrittenEntry],
    rule: WrittenEntry,
    news: Iterable[WrittenEntry],
    names: Mapping[str, str],
    shown: RulesShown,
) -> Iterator[SettingChange]:
    """The parts of a rule that differ, if it gives no event; the literals that only one side has, if its
    events are the same. `olds` are what became of it, `news` all that these became."""
    was, differing = min(((each, _differing(each, rule, names)) for each in olds), key=lambda each: len(each[1]))
    if not differing or (rule.draft and all(each.draft for each in olds)):
        return
    first = differing[0]
    at = rule.parts[first][1] if first in rule.parts else f"{was.parts[first][1]} before"
    change = SettingChange(
        rule.owner, "", THERE, THERE, at, True, differing, was=was.name if was.name != rule.name else ""
    )
    if not shown.compared(olds, rule):
        yield change
        return
    if rule.name in shown.changed:
        return
    if "first_match" in differing:
        # Only a message that fits several rules shows it.
        before_it, now = _order(was, names), _order(rule)
        if before_it != now:
            yield SettingChange(rule.owner, "first_match", before_it, now, rule.at, True)
    before = {text: place for each in olds for text, place in each.literals.items()}
    after = {text: place for each in news for text, place in each.literals.items()}
    literals = [f"{text} ({rule.literals[text]})" for text in sorted(rule.literals.keys() - before.keys())]
    literals += [f"{text} ({before[text]} before)" for text in sorted(before.keys() - after.keys())]
    if literals:
        yield msgspec.structs.replace(change, literals=tuple(literals))


def _differing(before: WrittenEntry, after: WrittenEntry, names: Mapping[str, str]) -> tuple[str, ...]:
    ours = {name: text for name, (text, _) in before.parts.items()}
    theirs = {name: text for name, (text, _) in after.parts.items()}
    if "first_match" in ours:
        ours["first_match"] = _named_now(ours["first_match"], names)
    return tuple(name for name in sorted(ours.keys() | theirs.keys()) if ours.get(name) != theirs.get(name))


def _order(rule: WrittenEntry, names: Mapping[str, str] = _SAME_NAMES) -> str:
    """The rules of which none may match, as they are called now."""
    before = _named_now(rule.parts.get("first_match", ("",))[0], names)
    return f"after {before}" if before else NONE


def _named_now(rules: str, names: Mapping[str, str]) -> str:
    return " ".join(names.get(each, each) for each in rules.split())
