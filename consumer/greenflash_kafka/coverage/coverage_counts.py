"""Counts of coverage: by topic, event name, rule and path; two of them make the one of both their messages."""

from __future__ import annotations

from typing import Final

import msgspec

from greenflash_kafka.coverage.link_questions import LinkSample

MOST_NAMES: Final = 10_000
"""Event names that are told apart in a topic; of one that has more, the rest is counted together. (Only beyond it does
the order of messages matter.)"""

Seen = tuple[int, str]
"""A time in milliseconds since 1970, and the coordinates of a message; the first of several is the smallest."""

RuleKey = tuple[str, str]
"""(file, rule)"""


class NameCounts(msgspec.Struct):
    """Messages of one event name (items, where the name stands in items of a list), and what became of them. `taken`:
    a rule made an event of it, or failed to; `ignored`: they fit an entry of `ignored`. `rules`: events by rule, with 0
    of a rule that asks for the name. `first`: None if no message has a timestamp."""

    messages: int = 0
    taken: int = 0
    events: int = 0
    invalid: int = 0
    ignored: int = 0
    rules: dict[RuleKey, int] = {}
    first: Seen | None = None


class TopicCounts(msgspec.Struct):
    """Messages of one topic. `unreadable`: nothing is known of them but that they can't be decoded; `skipped`: by what
    they are instead of facts. `more`: those of names beyond MOST_NAMES."""

    messages: int = 0
    unreadable: int = 0
    skipped: dict[str, int] = {}
    names: dict[str, NameCounts] = {}
    more: int = 0

    def name(self, name: str) -> NameCounts | None:
        """The counts of an event name; None if there are too many."""
        found = self.names.get(name)
        if found is None and len(self.names) < MOST_NAMES:
            found = self.names[name] = NameCounts()
        return found


class RuleCounts(msgspec.Struct):
    """Messages (or items) that a rule took: `events` of them, `invalid` ones, and events that aren't sent (drafts, what
    isn't in the sample). `users`: events with a user, of a rule that looks it up in a table of a file."""

    events: int = 0
    invalid: int = 0
    unsent: int = 0
    users: int = 0

    @property
    def taken(self) -> int:
        """All of them."""
        return self.events + self.invalid + self.unsent


class PathCounts(msgspec.Struct):
    """A path that a rule reads: messages in which it was looked for, and those of them that lack it."""

    asked: int = 0
    missing: int = 0
    first_missing: Seen | None = None


class IgnoredCounts(msgspec.Struct):
    """Messages that fit an entry of `ignored`, and those of them that rules take all the same."""

    messages: int = 0
    taken: int = 0
    first_taken: Seen | None = None


PathKey = tuple[str, str, str, str]
"""(file, rule, `condition` or the event's field, path as a rule writes it)"""


class CoverageCounts(msgspec.Struct):
    """Everything that is counted; `ignored` by (file, line), `links` by rule."""

    topics: dict[str, TopicCounts] = {}
    rules: dict[RuleKey, RuleCounts] = {}
    paths: dict[PathKey, PathCounts] = {}
    ignored: dict[tuple[str, int], IgnoredCounts] = {}
    links: dict[str, LinkSample] = {}

    @property
    def messages(self) -> int:
        """All messages."""
        return sum(each.messages for each in self.topics.values())

    def add(self, other: CoverageCounts) -> None:
        """Count what another has counted of other messages."""
        for topic, counts in other.topics.items():
            _add_topic(self.topics.setdefault(topic, TopicCounts()), counts)
        for key, rule in other.rules.items():
            _plus(self.rules.setdefault(key, RuleCounts()), rule, "events", "invalid", "unsent", "users")
        for place, path in other.paths.items():
            ours = self.paths.setdefault(place, PathCounts())
            _plus(ours, path, "asked", "missing")
            ours.first_missing = earlier(ours.first_missing, path.first_missing)
        for entry, ignored in other.ignored.items():
            known = self.ignored.setdefault(entry, IgnoredCounts())
            _plus(known, ignored, "messages", "taken")
            known.first_taken = earlier(known.first_taken, ignored.first_taken)
        for name, links in other.links.items():
            self.links.setdefault(name, LinkSample()).merge(links)


def earlier(one: Seen | None, other: Seen | None) -> Seen | None:
    """The first of both; None if there is neither."""
    return one if other is None or (one is not None and one <= other) else other


def _add_topic(ours: TopicCounts, theirs: TopicCounts) -> None:
    _plus(ours, theirs, "messages", "unreadable", "more")
    for what, count in theirs.skipped.items():
        ours.skipped[what] = ours.skipped.get(what, 0) + count
    for name, counts in theirs.names.items():
        known = ours.name(name)
        if known is None:
            ours.more += counts.messages
            continue
        _plus(known, counts, "messages", "taken", "events", "invalid", "ignored")
        known.first = earlier(known.first, counts.first)
        for rule, count in counts.rules.items():
            known.rules[rule] = known.rules.get(rule, 0) + count


def _plus(ours: msgspec.Struct, theirs: msgspec.Struct, *names: str) -> None:
    for name in names:
        setattr(ours, name, getattr(ours, name) + getattr(theirs, name))
