"""`conversations:` of cases: the activities that are known to links, and those that a message must give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from greenflash_kafka.cases.case_message import milliseconds
from greenflash_kafka.cases.case_spec import ToldActivity
from greenflash_kafka.cases.nodes import instant, items, text
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar, UnreadableNode, beginning, place
from greenflash_kafka.model.conversations import Activity

_PARTS: Final = ("source", "id", "at")
_TOLD_PARTS: Final = (*_PARTS, "arrived")

_CLOCKS_MS: Final = 60_000
"""Clocks of producers may differ by so much."""

Sources = Mapping[str, frozenset[str]]
"""The names of the keys of each conversation source, by its name."""


def told(node: Node | None, sources: Sources | None, report: FileReport) -> tuple[ToldActivity, ...]:
    """The activities that are known; one that says no `arrived` was logged when it happened. `sources` None: not
    known."""
    found = []
    for each in items(node, "conversations", report):
        parts = _entry(each, _TOLD_PARTS, sources, report)
        if parts is None:
            continue
        activity = _activity(parts, report)
        arrived = instant(parts.get("arrived"), "arrived", report)
        if activity is not None and arrived is not None and milliseconds(arrived) < activity.at - _CLOCKS_MS:
            said = "`arrived` is before `at`, but nothing is logged before it happens"
            report.add(place(parts.get("arrived") or parts), "arrived-before-at", said)
        if activity is not None:
            found.append(ToldActivity(activity, activity.at if arrived is None else milliseconds(arrived)))
    return tuple(found)


def expected_activities(node: Node | None, sources: Sources | None, report: FileReport) -> tuple[Activity, ...]:
    """The activities that a message must give, whole."""
    found = []
    for each in items(node, "conversations", report):
        parts = _entry(each, _PARTS, sources, report)
        activity = None if parts is None else _activity(parts, report)
        if activity is not None:
            found.append(activity)
    return tuple(found)


def named_sources(nodes: Iterable[Node | None]) -> frozenset[str]:
    """The names of the sources in these lists of conversations."""
    entries = (each for node in nodes if isinstance(node, List) for each in node.items if isinstance(each, Map))
    names = (each.get("source") for each in entries)
    return frozenset(each.text for each in names if isinstance(each, Scalar))


def _entry(node: Node, own: tuple[str, ...], sources: Sources | None, report: FileReport) -> Map | None:
    """The entry, with a finding for each key that is neither one of its own parts nor a key of its source."""
    if isinstance(node, UnreadableNode):
        return None
    if not isinstance(node, Map):
        report.add(place(node), "wrong-type", f"a conversation must be a map: {', '.join(own)}, and its keys")
        return None
    source_node = node.get("source")
    source = text(source_node, "source", report)
    keys = None
    if source_node is not None and source is not None and sources is not None:
        keys = sources.get(source)
        if keys is None:
            hint = did_you_mean(source, sources) or (
                "name the mapping file that has it: `conversations_from: [../chat/x.yaml]`, relative to this file"
            )
            report.add(place(source_node), "unknown-name", f"there is no conversation source `{source}`", hint)
    given = 0
    for entry in node.entries:
        name = entry.key.text
        given += name not in own
        if name not in own and keys is not None and name not in keys:
            known = (*own, *sorted(keys))
            hint = did_you_mean(name, known) or f"one of {', '.join(known)}"
            report.add(place(entry.key), "unknown-name", f"the source `{source}` has no key `{name}`", hint)
    for name in _PARTS:
        if node.get(name) is None:
            report.add(beginning(node), "missing-key", f"the conversation has no `{name}`")
    if not given:
        hint = f"one of {', '.join(sorted(keys))}" if keys else "a key of its source, as `external_user_id: u-5`"
        report.add(beginning(node), "missing-key", "the conversation has no key, so nothing finds it", hint)
    return node


def _activity(parts: Map, report: FileReport) -> Activity | None:
    source, conversation = text(parts.get("source"), "source", report), text(parts.get("id"), "id", report)
    at: datetime | None = instant(parts.get("at"), "at", report)
    keys = []
    for entry in parts.entries:
        if entry.key.text not in _TOLD_PARTS:
            value = text(entry.value, entry.key.text, report)
            if value is not None:
                keys.append((entry.key.text, value))
    if source is None or conversation is None or at is None:
        return None
    return Activity(source, None, conversation, milliseconds(at), tuple(keys))
