"""`try --conversations`: the records of conversation topics from files, and the activities that they give."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

import msgspec

from greenflash_kafka.cases.case import ToldActivity
from greenflash_kafka.cases.reasons import plain_reason
from greenflash_kafka.cli.given_records import GivenRecord, Largest, counts_from, records_of
from greenflash_kafka.cli.records_of_keys import RecordsOfKeys
from greenflash_kafka.evaluate import explain
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import Resolver, resolve_activities
from greenflash_kafka.snapshot import Snapshot

MOST: Final = 10
"""So many different things that are wrong are shown of each file."""


class Heard(msgspec.Struct, frozen=True):
    """The activities that records gave, and one line for each kind of thing that is wrong with them. `own`: why records
    that name an id of the event give no activity; `others`: activities of other ids, which aren't among those told."""

    told: tuple[ToldActivity, ...]
    wrong: tuple[str, ...]
    own: tuple[str, ...] = ()
    others: int = 0


def heard(given: Sequence[str], topic_for: Callable[[], str], snapshot: Snapshot) -> Heard:
    """The activities of these files, each FILE or TOPIC=FILE; `topic_for` gives the topic where none is said.

    A record counts from when `records_of` says, one without a timestamp from the activity's own time on. Raises click's
    usage errors for what can't be read.
    """

    def is_read(topic: str) -> bool:
        return snapshot.conversations_by_topic[topic] is not None

    told: list[ToldActivity] = []
    wrong: list[str] = []
    for each in given:
        found, problems, unused = _heard(records_of(each, topic_for, is_read, "--conversations", snapshot), snapshot)
        wrong += _grouped(problems)
        if not found:
            wrong += [f"no record of {each} gives a conversation", *_grouped(unused)]
        told += found
    return Heard(tuple(told), tuple(wrong))


def heard_in_history(
    messages: Iterable[Message], snapshot: Snapshot, wanted: Callable[[Activity], bool], of_keys: RecordsOfKeys
) -> Heard:
    """The activities of records of conversation topics, those of a partition in their order, as far as they are
    `wanted`; of records of these keys why they give none, of others what is wrong, without their values."""
    largest: Largest = {}
    told: list[ToldActivity] = []
    problems: Grouped = {}
    others = 0
    resolver = Resolver(snapshot)
    for each in messages:
        logged = counts_from(each, largest)
        found = resolver.activities(each)
        for activity in found.found:
            if activity.too_early(each.record_ms):
                problems.setdefault(_TOO_EARLY, []).append(each.coordinates)
            elif wanted(activity):
                told.append(ToldActivity(activity, activity.at if logged is None else logged))
            else:
                others += 1
        if not found.found and of_keys.names(each):
            said = [problem.describe(values=True) for problem in found.problems]
            of_keys.add(each, said or _why_none(each, snapshot))
            continue
        for problem in found.problems:
            problems.setdefault(problem.describe(), []).append(each.coordinates)
    return Heard(tuple(told), tuple(_grouped(problems)), of_keys.lines(), others)


_TOO_EARLY: Final = "`at` lies more than a day after the record's timestamp, so that it is no activity (bad-time)"

Grouped = dict[str, list[str]]
"""What is said, and of which records."""


def _heard(records: Iterable[GivenRecord], snapshot: Snapshot) -> tuple[list[ToldActivity], Grouped, Grouped]:
    """The activities, what is wrong with records, and why others give none."""
    told: list[ToldActivity] = []
    problems: Grouped = {}
    unused: Grouped = {}
    for each in records:
        message = each.message
        found = resolve_activities(message, snapshot)
        for problem in found.problems:
            problems.setdefault(problem.describe(values=True), []).append(each.where)
        if not told and not found.found and not found.problems:
            for why in _why_none(message, snapshot):
                unused.setdefault(why, []).append(each.where)
        for activity in found.found:
            if activity.too_early(message.record_ms):
                problems.setdefault(_TOO_EARLY, []).append(each.where)
            else:
                told.append(ToldActivity(activity, activity.at if each.logged is None else each.logged))
    return told, problems, unused


def _why_none(message: Message, snapshot: Snapshot) -> list[str]:
    """Why a record gives no conversation, by each source of its topic."""
    if snapshot.conversations_by_topic[message.topic] is None:
        return [f"no entry of `conversations` reads the topic {message.topic}"]
    sources = {each.name for each in snapshot.ruleset.sources}
    return [
        f"{each.rule}: none of its `keys` has a value here" if each.result == "matched" else plain_reason(each)
        for each in explain(message, snapshot)
        if each.rule in sources
    ]


def _grouped(found: Mapping[str, Sequence[str]]) -> list[str]:
    """One line for each text, with the first record and the number of others of which it is true; the most frequent
    first."""
    by_number = sorted(found.items(), key=lambda each: -len(each[1]))[:MOST]
    return [
        f"{where[0]}: {said}" + (f" (and {len(where) - 1} more)" if len(where) > 1 else "") for said, where in by_number
    ]
