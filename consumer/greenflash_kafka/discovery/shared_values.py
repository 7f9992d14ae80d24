"""Ids that two topics share: how facts of one can be found in the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from greenflash_kafka.discovery.path_values import path_text
from greenflash_kafka.discovery.study import TopicStudy
from greenflash_kafka.rules.expressions.paths import Steps

_LEAST: Final = 0.2
_FEWEST: Final = 5


class SharedIds(msgspec.Struct, frozen=True):
    """Two paths of two topics; `share` is the part of the first one's different values that the second has, too, as
    far as `looked_at` of them tell."""

    topic: str
    path: str
    other_topic: str
    other_path: str
    share: float
    looked_at: int


def shared_ids(studies: Sequence[TopicStudy]) -> tuple[SharedIds, ...]:
    """The pairs of paths that share ids, those that share most first."""
    found = []
    for number, one in enumerate(studies):
        for other in studies[number + 1 :]:
            for way in _ids(one):
                for others in _ids(other):
                    share, looked_at = one.hashes(way).shared(other.hashes(others))
                    if share >= _LEAST and looked_at >= _FEWEST:
                        topics = one.documents.topic, path_text(way), other.documents.topic, path_text(others)
                        found.append(SharedIds(*topics, round(share, 3), looked_at))
    return tuple(
        sorted(found, key=lambda each: (-each.share, each.topic, each.path, each.other_topic, each.other_path))
    )


def _ids(study: TopicStudy) -> Iterator[Steps]:
    whose = (*study.users[:4], *study.organizations[:3], *study.conversations[:3])
    ways = [*(each.way for each in whose), *(each.way for each in study.ids[:4])]
    yield from (way for way in dict.fromkeys(ways) if study.hashes(way).count >= _FEWEST)
