"""Rules of both sides that are the same one: by their names, by what messages show, or by what they are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from greenflash_kafka.diff.renamed_rules import alike
from greenflash_kafka.diff.written_settings import WrittenEntry

RulePair = tuple[WrittenEntry, WrittenEntry]

Given = tuple[str, str, str]
"""A topic, and the old rule and the new one of an event of one of its messages; "" for none."""


def rule_pairs(
    old: Sequence[WrittenEntry], new: Sequence[WrittenEntry], given: Collection[Given] = ()
) -> list[RulePair]:
    """Each old rule with those that give its events now: one that is split, or joined with another, stands in several
    pairs. One of which messages show nothing stands with that of its name, of the same topics if several have it."""
    found = list(_moved(old, new, given))
    left = [each for each in old if all(ours is not each for ours, _ in found)]
    right = [each for each in new if all(theirs is not each for _, theirs in found)]
    named = _by_name(old, new)
    return [*found, *(each for each in named if each[0] in left or each[1] in right)]


def like_pairs(old: Sequence[WrittenEntry], new: Sequence[WrittenEntry], pairs: Collection[RulePair]) -> list[RulePair]:
    """Of the rules in no pair those that are most alike: perhaps one that is renamed."""
    left = [each for each in old if all(ours is not each for ours, _ in pairs)]
    right = [each for each in new if all(theirs is not each for _, theirs in pairs)]
    matched = alike([_texts(each) for each in left], [_texts(each) for each in right])
    return [(left[ours], right[theirs]) for ours, theirs in matched]


def _moved(old: Iterable[WrittenEntry], new: Iterable[WrittenEntry], given: Iterable[Given]) -> Iterator[RulePair]:
    shown: dict[tuple[str, str], list[str]] = {}
    for topic, was, became in sorted(given):
        shown.setdefault((was, became), []).append(topic)
    olds, news = _named(old), _named(new)
    for (was, became), topics in shown.items():
        for ours in olds.get(was, ()):
            for theirs in news.get(became, ()):
                if any(ours.reads(topic) and theirs.reads(topic) for topic in topics):
                    yield ours, theirs


def _named(rules: Iterable[WrittenEntry]) -> dict[str, list[WrittenEntry]]:
    found: dict[str, list[WrittenEntry]] = {}
    for each in rules:
        found.setdefault(each.name, []).append(each)
    return found


def _by_name(old: Iterable[WrittenEntry], new: Iterable[WrittenEntry]) -> Iterator[RulePair]:
    left = list(old)
    unmatched = []
    for rule in new:
        same = next((each for each in left if each.name == rule.name and _together(each, rule)), None)
        if same is None:
            unmatched.append(rule)
            continue
        left = [each for each in left if each is not same]
        yield same, rule
    for rule in unmatched:
        # Its file reads other topics now.
        same = next((each for each in left if each.name == rule.name), None)
        if same is not None:
            left = [each for each in left if each is not same]
            yield same, rule


def _together(ours: WrittenEntry, theirs: WrittenEntry) -> bool:
    """Whether both read some topic, or one of them a pattern, of which that isn't known here."""
    patterns = any(each.startswith("/") for each in (*ours.topics, *theirs.topics))
    return patterns or any(topic in theirs.topics for topic in ours.topics)


def _texts(rule: WrittenEntry) -> frozenset[tuple[str, str]]:
    return frozenset((name, text) for name, (text, _) in rule.parts.items())
