"""Rules of both sides that are the same one: by their names, by what messages show, or by what they are made of."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from greenflash_kafka.diff.renamed_rules import alike
from greenflash_kafka.diff.written_settings import WrittenEntry

RulePair = tuple[WrittenEntry, WrittenEntry]


def rule_pairs(
    old: Sequence[WrittenEntry], new: Sequence[WrittenEntry], moved: Collection[tuple[str, str]] = ()
) -> list[RulePair]:
    """Each old rule with the new one of its name, of the same topics if several have it; with those that its events are
    `moved` to, old name and new one; and of what is left with the one that is most alike. One that is split, or joined
    with another, stands in several pairs."""
    found = list(_by_name(old, new))
    found += [
        (ours, theirs)
        for ours in old
        for theirs in new
        if (ours.name, theirs.name) in moved and _together(ours, theirs) and not _holds(found, ours, theirs)
    ]
    left = [each for each in old if all(ours is not each for ours, _ in found)]
    right = [each for each in new if all(theirs is not each for _, theirs in found)]
    matched = alike([_texts(each) for each in left], [_texts(each) for each in right])
    return [*found, *((left[ours], right[theirs]) for ours, theirs in matched)]


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


def _holds(pairs: Iterable[RulePair], ours: WrittenEntry, theirs: WrittenEntry) -> bool:
    return any(one is ours and other is theirs for one, other in pairs)


def _texts(rule: WrittenEntry) -> frozenset[tuple[str, str]]:
    return frozenset((name, text) for name, (text, _) in rule.parts.items())
