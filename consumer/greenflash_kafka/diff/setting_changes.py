"""Settings in mapping files that differ: what decides what production sends, and past messages show in part or not at
all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from greenflash_kafka.diff.written_settings import ENVIRONMENT, THERE, Setting, Settings

NEVER_SHOWN: Final = frozenset(("source.initial_offset", "source.max_age", "max_delay"))
"""Settings that act on when and where `run` reads: two rule sets that differ in them alone evaluate alike."""

NONE: Final = "none"

_NOT_RENAMED: Final[Mapping[str, str]] = {}


class SettingChange(msgspec.Struct, frozen=True):
    """One setting: whose (`topic NAME`, `rule NAME`, `conversation NAME`, `table NAME`, `environment`), its name, what
    is written before and after (`none` for nothing), and where, as `file:line`. `shown`: messages show it as far as
    they reach. Without a name: a rule that one side has (`there`), or of which these `parts` differ;
    `literals` are those that only one side has, each with its place."""

    owner: str
    name: str
    old: str
    new: str
    at: str
    shown: bool
    parts: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()


def changes(old: Settings, new: Settings, renamed: Mapping[str, str] = _NOT_RENAMED) -> tuple[SettingChange, ...]:
    """The settings that differ, sorted: of topics, conversations and tables that both have, of all rules that both
    have, the rules that only one side has or that are written otherwise (under the name ""), and variables that only
    the new rules name. `renamed` rules have another name now, old to new."""
    old = {(_now(owner, renamed), name): each for (owner, name), each in old.items()}
    ours, theirs = {owner for owner, _ in old}, {owner for owner, _ in new}
    found: dict[tuple[str, ...], SettingChange] = {}
    for owner, name in sorted(old.keys() | new.keys()):
        before, after = old.get((owner, name)), new.get((owner, name))
        if owner == ENVIRONMENT and after is None:
            continue
        both = owner in ours and owner in theirs
        if not (both or owner == ENVIRONMENT or (name == "" and owner.startswith("rule "))):
            continue
        if name == "" and before is not None and after is not None:
            each = _other_parts(owner, before, after)
            if each is not None:
                found[owner, "", each.at] = each
            continue
        was, became = (NONE if each is None else each.text for each in (before, after))
        if was != became:
            at = after.at if after is not None else f"{before.at} before" if before is not None else ""
            shown = name not in NEVER_SHOWN and name.rpartition(".")[2] not in NEVER_SHOWN
            # A file of several topics says it once.
            found.setdefault((name, was, became, at), SettingChange(owner, name, was, became, at, shown))
    return tuple(found.values())


def _now(owner: str, renamed: Mapping[str, str]) -> str:
    kind, _, name = owner.partition(" ")
    return f"rule {renamed[name]}" if kind == "rule" and name in renamed else owner


def _other_parts(owner: str, before: Setting, after: Setting) -> SettingChange | None:
    """The parts of a rule that differ, and where the first of them stands; None if all are the same."""
    ours, theirs = before.parts, after.parts
    names = [
        name for name in sorted(ours.keys() | theirs.keys()) if ours.get(name, ("",))[0] != theirs.get(name, ("",))[0]
    ]
    if not names:
        return None
    first = names[0]
    at = theirs[first][1] if first in theirs else f"{ours[first][1]} before"
    literals = [f"{text} ({after.literals[text]})" for text in sorted(after.literals.keys() - before.literals.keys())]
    literals += [
        f"{text} ({before.literals[text]} before)" for text in sorted(before.literals.keys() - after.literals.keys())
    ]
    return SettingChange(owner, "", THERE, THERE, at, True, tuple(names), tuple(literals))
