"""Ids that two topics share: how facts of one can be found in the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from greenflash_kafka.discovery.path_values import path_text
from greenflash_kafka.discovery.study import TopicStudy
from greenflash_kafka.expressions.paths import Steps
from greenflash_kafka.link_study.id_joins import joined
from greenflash_kafka.link_study.id_steps import written

_LEAST: Final = 0.2
_FEWEST: Final = 5
_TRIED: Final = 2
_MOST_TRIED: Final = 24
_LOOKED_UP: Final = 1_000


class SharedIds(msgspec.Struct, frozen=True):
    """Two paths of two topics; `share` is the part of the first one's different values that the second has, too, as
    far as `looked_at` of them tell. Where they are equal only after a change, `words` says by what they differ, and
    `read_as` and `other_read_as` are the expressions that make them equal."""

    topic: str
    path: str
    other_topic: str
    other_path: str
    share: float
    looked_at: int
    words: str = ""
    read_as: str = ""
    other_read_as: str = ""


def shared_ids(studies: Sequence[TopicStudy]) -> tuple[SharedIds, ...]:
    """The pairs of paths that share ids, those that share most first."""
    found = []
    tried = 0
    for number, one in enumerate(studies):
        for other in studies[number + 1 :]:
            shared = list(_equal(one, other))
            found += shared
            for way, others in () if shared else _like(one, other):
                tried += 1
                if tried <= _MOST_TRIED:
                    found += _changed(one, way, other, others)
    return tuple(
        sorted(found, key=lambda each: (-each.share, each.topic, each.path, each.other_topic, each.other_path))
    )


def _equal(one: TopicStudy, other: TopicStudy) -> Iterator[SharedIds]:
    for way in _ids(one):
        for others in _ids(other):
            share, looked_at = one.hashes(way).shared(other.hashes(others))
            if share >= _LEAST and looked_at >= _FEWEST:
                topics = one.documents.topic, path_text(way), other.documents.topic, path_text(others)
                yield SharedIds(*topics, round(share, 3), looked_at)


def _like(one: TopicStudy, other: TopicStudy) -> Iterator[tuple[Steps, Steps]]:
    """Paths of both that may name the same persons, or the same organizations."""
    for some, others in ((one.users, other.users), (one.organizations, other.organizations)):
        yield from ((each.way, beside.way) for each in some[:_TRIED] for beside in others[:_TRIED])


def _changed(one: TopicStudy, way: Steps, other: TopicStudy, others: Steps) -> Iterator[SharedIds]:
    """The pair, if a change that the rule language has makes their ids equal: a prefix, capitals, zeros."""
    ids, beside = sorted(one.texts[way])[:_LOOKED_UP], sorted(other.texts[others])
    if len(ids) < _FEWEST or len(beside) < _FEWEST:
        return
    join = joined(ids, beside)
    if not join.joins or join.after < _LEAST * join.of:
        return
    topics = one.documents.topic, path_text(way), other.documents.topic, path_text(others)
    changes = written(join.outcomes, topics[1]), written(join.conversations, topics[3])
    yield SharedIds(*topics, round(join.after / join.of, 3), join.of, join.words, *changes)


def _ids(study: TopicStudy) -> Iterator[Steps]:
    whose = (*study.users[:4], *study.organizations[:3], *study.conversations[:3])
    ways = [*(each.way for each in whose), *(each.way for each in study.ids[:4])]
    yield from (way for way in dict.fromkeys(ways) if study.hashes(way).count >= _FEWEST)
