"""The report of coverage, as data: what `coverage --json` writes, and what `--baseline` reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final, Literal

import msgspec

from greenflash_kafka.coverage.coverage_counts import CoverageCounts, NameCounts, Seen, TopicCounts
from greenflash_kafka.coverage.link_share import LinkShare
from greenflash_kafka.coverage.user_tables import UserTable, user_tables
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.rules.ruleset import Ruleset

VERSION: Final = 1

NameStatus = Literal["rules", "ignored", "none"]
"""rules: a rule asks for the name, or took a message; ignored: every message fits `ignored`; none: neither."""


class FirstSeen(msgspec.Struct, frozen=True):
    """The first message of its kind in the window, by its timestamp; `time` is ISO 8601."""

    time: str
    coordinates: str


class EventName(msgspec.Struct, frozen=True):
    """One event name: the numbers are those of `NameCounts`, `rules` by the rule's name. `new`: it has no rule, and the
    baseline didn't have it."""

    messages: int
    events: int
    invalid: int
    ignored: int
    status: NameStatus
    rules: dict[str, int]
    first: FirstSeen | None = None
    new: bool = False

    @property
    def unmatched(self) -> int:
        """Messages that neither a rule asks for nor `ignored` names."""
        return self.messages - self.ignored if self.status == "none" else 0


class TopicCoverage(msgspec.Struct, frozen=True):
    """One topic. `by`: the path of its event names, "" if its rules test none; `more`: messages with names beyond
    those that are told apart."""

    by: str
    messages: int
    unreadable: int
    skipped: dict[str, int]
    names: dict[str, EventName]
    more: int = 0


class RuleCoverage(msgspec.Struct, frozen=True, omit_defaults=True):
    """One rule: what it made of messages; `unsent` are events of drafts, and those that a sample leaves out.
    `user_tables`: tables of files that its events' user is looked up in, `users` the events that have one: both
    are left out of a rule that has no such table."""

    file: str
    rule: str
    events: int
    invalid: int
    unsent: int
    users: int | None = None
    user_tables: tuple[UserTable, ...] = ()

    @property
    def userless(self) -> bool:
        """Whether it looks users up, and none of its events has one."""
        return bool(self.user_tables and self.events and not self.users)

    @property
    def taken(self) -> int:
        """Everything that it matched."""
        return self.events + self.invalid + self.unsent


class PathCoverage(msgspec.Struct, frozen=True):
    """A path that a rule reads: `of` is `condition`, or the event's fields that it is read for. `asked`: messages in
    which it was looked for (of conditions those with an event name that the rule asks for, of fields those that it
    takes); `missing`: those that lack it, or have null."""

    file: str
    rule: str
    of: str
    path: str
    asked: int
    missing: int
    first_missing: FirstSeen | None = None


class IgnoredCoverage(msgspec.Struct, frozen=True):
    """An entry of `ignored`: messages that fit, and those of them that a rule takes."""

    file: str
    line: int
    because: str
    messages: int
    taken: int
    first_taken: FirstSeen | None = None


class Drift(msgspec.Struct, frozen=True):
    """What isn't as it was in the baseline: the share of messages that lack a path, or (no path) the share of messages
    that a rule takes, which takes none any more."""

    file: str
    rule: str
    of: str
    path: str
    was: float
    now: float
    since: FirstSeen | None = None


class CoverageReport(msgspec.Struct, frozen=True):
    """Everything, in a stable order. `rules_version` as `Ruleset.version` has it; `missing` is what retention took
    meanwhile; `partial`: it was ended early; `unread`: topics that rules name and that can't be read, and why;
    `drift` is empty without a baseline."""

    program: str
    rules_version: str
    messages: int
    topics: dict[str, TopicCoverage]
    rules: tuple[RuleCoverage, ...]
    paths: tuple[PathCoverage, ...]
    ignored: tuple[IgnoredCoverage, ...]
    links: tuple[LinkShare, ...]
    ranges: tuple[OffsetRange, ...]
    missing: tuple[OffsetRange, ...]
    notes: tuple[str, ...] = ()
    partial: bool = False
    unread: dict[str, str] = {}
    drift: tuple[Drift, ...] = ()
    version: int = VERSION

    def to_json(self) -> str:
        """One JSON object."""
        return msgspec.json.format(msgspec.json.encode(self)).decode()

    @property
    def unmatched(self) -> Iterator[tuple[str, str, EventName]]:
        """Topic, name and counts of the event names without a rule, the most frequent first."""
        found = [
            (topic, name, each)
            for topic, counts in self.topics.items()
            for name, each in counts.names.items()
            if each.status == "none"
        ]
        yield from sorted(found, key=lambda each: (-each[2].unmatched, each[0], each[1]))

    @property
    def idle(self) -> tuple[RuleCoverage, ...]:
        """Rules that match nothing."""
        return tuple(each for each in self.rules if not each.taken)


def read_report(content: bytes) -> CoverageReport:
    """A report that was written as JSON. Raises ValueError for anything else."""
    found = msgspec.json.decode(content, type=CoverageReport)
    if found.version != VERSION:
        raise ValueError(f"it is of version {found.version}, this is {VERSION}")
    return found


def made_report(
    program: str,
    ruleset: Ruleset,
    counts: CoverageCounts,
    topics: Mapping[str, str],
    ranges: Sequence[OffsetRange],
    missing: Sequence[OffsetRange] = (),
    links: Sequence[LinkShare] = (),
    notes: Sequence[str] = (),
    unread: Mapping[str, str] = MappingProxyType({}),
    *,
    partial: bool = False,
) -> CoverageReport:
    """The report of what was counted in these topics (each with the path of its event names). Rules and ignored
    messages of the files that read one of them are in it, whether there were any messages for them or not."""
    files = {file.path: file for topic in topics for file in ruleset.files_reading(topic)}
    rules = []
    ignored = []
    for path, file in files.items():
        for rule in file.rules:
            found = counts.rules.get((path, rule.name))
            told = (0, 0, 0) if found is None else (found.events, found.invalid, found.unsent)
            tables = user_tables(rule)
            users = (0 if found is None else found.users) if tables else None
            rules.append(RuleCoverage(path, rule.name, *told, users, tables))
        for entry in file.ignored:
            fitting = counts.ignored.get((path, entry.line))
            taken = (0, 0, None) if fitting is None else (fitting.messages, fitting.taken, _seen(fitting.first_taken))
            ignored.append(IgnoredCoverage(path, entry.line, entry.because, *taken))
    paths = [
        PathCoverage(*place, each.asked, each.missing, _seen(each.first_missing))
        for place, each in sorted(counts.paths.items())
    ]
    return CoverageReport(
        program,
        ruleset.version,
        counts.messages,
        {topic: _topic(counts.topics.get(topic, TopicCounts()), by) for topic, by in sorted(topics.items())},
        tuple(rules),
        tuple(paths),
        tuple(ignored),
        tuple(links),
        tuple(ranges),
        tuple(missing),
        tuple(notes),
        partial,
        dict(sorted(unread.items())),
    )


def _topic(counts: TopicCounts, by: str) -> TopicCoverage:
    names = sorted(counts.names.items(), key=lambda each: (-each[1].messages, each[0]))
    return TopicCoverage(
        by,
        counts.messages,
        counts.unreadable,
        dict(sorted(counts.skipped.items())),
        {name: _name(each) for name, each in names},
        counts.more,
    )


def _name(counts: NameCounts) -> EventName:
    status: NameStatus = "none"
    if counts.rules or counts.taken:
        status = "rules"
    elif counts.ignored == counts.messages:
        status = "ignored"
    rules = _by_rule(sorted(counts.rules.items(), key=lambda each: (-each[1], each[0])))
    return EventName(counts.messages, counts.events, counts.invalid, counts.ignored, status, rules, _seen(counts.first))


def _by_rule(counts: Iterable[tuple[tuple[str, str], int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for (_, rule), count in counts:
        found[rule] = found.get(rule, 0) + count
    return found


def _seen(seen: Seen | None) -> FirstSeen | None:
    if seen is None:
        return None
    try:
        time = datetime.fromtimestamp(seen[0] / 1000, UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        time = str(seen[0])  # no time of any calendar: a producer's fault
    return FirstSeen(time, seen[1])
