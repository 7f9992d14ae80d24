"""`conversations:` of cases: the activities that are known to links, and those that a message must give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from greenflash_kafka.cases.case import ToldActivity
from greenflash_kafka.cases.case_message import milliseconds
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Key, ListType, RecordType, Values
from greenflash_kafka.documents.value_types import AnyTextType, InstantType
from greenflash_kafka.documents.yaml_nodes import Scalar, beginning, place
from greenflash_kafka.model.conversations import Activity

_PARTS: Final = (
    Key("source", AnyTextType(), "The name of the conversation in its mapping file.", True),
    Key("id", AnyTextType(), "The conversation's id.", True),
    Key("at", InstantType("at"), "When the interaction happened.", True),
)
_ARRIVED: Final = Key("arrived", InstantType("arrived"), "When it was logged, if not `at`.")
_OWN: Final = (*(key.name for key in _PARTS), _ARRIVED.name)

CONVERSATION: Final = RecordType("a conversation", (*_PARTS, _ARRIVED), others=AnyTextType())
"""An activity by its source, with its source's keys."""

TOLD: Final = ListType(CONVERSATION, "a list of conversations")
"""The activities that links can find."""

ACTIVITIES: Final = ListType(RecordType("a conversation", _PARTS, others=AnyTextType()), "a list of conversations")
"""The activities that a message must give."""

_CLOCKS_MS: Final = 60_000
"""Clocks of producers may differ by so much."""

Sources = Mapping[str, frozenset[str]]
"""The names of the keys of each conversation source, by its name."""


def told(entries: Iterable[object], sources: Sources | None, report: FileReport) -> tuple[ToldActivity, ...]:
    """The activities that are known; one that says no `arrived` was logged when it happened. `sources` None: not
    known."""
    found = []
    for entry in _checked(entries, _OWN, sources, report):
        activity, arrived = _activity(entry), entry.get("arrived")
        logged = milliseconds(arrived) if isinstance(arrived, datetime) else None
        if activity is None:
            continue
        if logged is not None and logged < activity.at - _CLOCKS_MS:
            said = "`arrived` is before `at`, but nothing is logged before it happens"
            at = entry.node.get("arrived")
            report.add(place(at or entry.node), "arrived-before-at", said)
        found.append(ToldActivity(activity, activity.at if logged is None else logged))
    return tuple(found)


def expected_activities(entries: Iterable[object], sources: Sources | None, report: FileReport) -> tuple[Activity, ...]:
    """The activities that a message must give, whole."""
    found = (_activity(entry) for entry in _checked(entries, _OWN[:3], sources, report))
    return tuple(activity for activity in found if activity is not None)


def named_sources(entries: Iterable[object]) -> frozenset[str]:
    """The names of the sources of these conversations."""
    names = (entry.get("source") for entry in entries if isinstance(entry, Values))
    return frozenset(name.text for name in names if isinstance(name, Scalar))


def _checked(
    entries: Iterable[object], own: tuple[str, ...], sources: Sources | None, report: FileReport
) -> list[Values]:
    """The entries, with a finding for each source and each key that isn't known."""
    checked = [entry for entry in entries if isinstance(entry, Values)]
    for entry in checked:
        _check(entry, own, sources, report)
    return checked


def _check(entry: Values, own: tuple[str, ...], sources: Sources | None, report: FileReport) -> None:
    source, keys = entry.get("source"), None
    if isinstance(source, Scalar) and sources is not None:
        keys = sources.get(source.text)
        if keys is None:
            hint = did_you_mean(source.text, sources) or (
                "name the mapping file that has it: `conversations_from: [../chat/x.yaml]`, relative to this file"
            )
            report.add(place(source), "unknown-name", f"there is no conversation source `{source.text}`", hint)
    given = [line.key for line in entry.node.entries if line.key.text not in own]
    for key in given:
        if isinstance(source, Scalar) and keys is not None and key.text not in keys:
            known = (*own, *sorted(keys))
            hint = did_you_mean(key.text, known) or f"one of {', '.join(known)}"
            report.add(place(key), "unknown-name", f"the source `{source.text}` has no key `{key.text}`", hint)
    if not given:
        hint = f"one of {', '.join(sorted(keys))}" if keys else "a key of its source, as `external_user_id: u-5`"
        report.add(beginning(entry.node), "missing-key", "the conversation has no key, so nothing finds it", hint)


def _activity(entry: Values) -> Activity | None:
    source, conversation, at = entry.get("source"), entry.get("id"), entry.get("at")
    if not isinstance(source, Scalar) or not isinstance(conversation, Scalar) or not isinstance(at, datetime):
        return None
    keys = ((name, each.text) for name, each in entry.by.items() if name not in _OWN and isinstance(each, Scalar))
    return Activity(source.text, None, conversation.text, milliseconds(at), tuple(keys))
