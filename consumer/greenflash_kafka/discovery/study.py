"""All that is concluded from the messages of one topic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from typing import Final

import msgspec

from greenflash_kafka.discovery.discriminators import Discriminator, candidates, ranked
from greenflash_kafka.discovery.distinct_hashes import DistinctHashes
from greenflash_kafka.discovery.event_times import EventTime, TimeEvidence, best_times, time_candidates
from greenflash_kafka.discovery.identities import KINDS, Identity, best_identities, identity_candidates
from greenflash_kafka.discovery.kinds_of_event import KindOfEvent, facts, kinds_of
from greenflash_kafka.discovery.known_events import SuggestedEvent
from greenflash_kafka.discovery.name_pairs import Pair, best_pair, pair_candidates
from greenflash_kafka.discovery.path_table import PathTable
from greenflash_kafka.discovery.path_values import follow, path_text, text_at
from greenflash_kafka.discovery.personal_values import personal
from greenflash_kafka.discovery.topic_documents import TopicDocuments
from greenflash_kafka.discovery.unique_ids import UniqueEvidence, UniqueId, unique_candidates
from greenflash_kafka.expressions.paths import Steps

MOST_TEXTS: Final = 5_000
"""So many different ids of a path are kept, to be compared with those of other topics."""


class TopicStudy(msgspec.Struct, frozen=True):
    """What was found in a topic. Lists have the best first; `names` is empty if no path tells the kind of a fact,
    `pair` are two paths that tell it together, where none does alone; `facts` are the kinds that rules are proposed
    for; `texts` has different ids of each path that may be one."""

    documents: TopicDocuments
    table: PathTable
    names: tuple[Discriminator, ...]
    pair: Pair | None
    kinds: tuple[KindOfEvent, ...]
    facts: tuple[tuple[KindOfEvent, SuggestedEvent], ...]
    times: tuple[EventTime, ...]
    ids: tuple[UniqueId, ...]
    users: tuple[Identity, ...]
    organizations: tuple[Identity, ...]
    conversations: tuple[Identity, ...]
    personal: tuple[tuple[Steps, str], ...]
    texts: Mapping[Steps, Set[str]]

    @property
    def name_ways(self) -> tuple[Steps, ...]:
        """The paths of the event name: one, two, or none."""
        return _ways(self.names, self.pair)

    def hashes(self, way: Steps) -> DistinctHashes:
        """The different values of a path."""
        return self.table.paths[way].distinct


def study(documents: TopicDocuments) -> TopicStudy:
    """Go through the messages three times: paths; what candidates hold; each event name by itself."""
    table = PathTable()
    signatures = [table.add(document.roots) for document in documents]
    found = candidates(table)
    identities = {kind: identity_candidates(table, kind) for kind in KINDS}
    evidence = _Evidence(
        table,
        [each.way for each in found],
        [each.way for each in time_candidates(table)],
        [each.way for each in unique_candidates(table)],
        sorted({each.way for kind in identities.values() for each in kind}),
        pair_candidates(table),
    )
    evidence.read(documents, signatures)
    names = tuple(ranked(table, found, evidence.joint))
    pair = best_pair(list(evidence.pairs), evidence.pairs, names, table)
    kinds = kinds_of(documents, table, _ways(names, pair), _is_stripe(table))
    chosen = facts(kinds, documents.topic)
    tables = [(kind.table, kind.count) for kind, _ in chosen]
    keyed = {kind: best_identities(map(evidence.with_key, every), tables) for kind, every in identities.items()}
    data = [(each.way, personal(each)) for each in table.paths.values()]
    return TopicStudy(
        documents,
        table,
        names,
        pair,
        kinds,
        tuple(chosen),
        tuple(best_times(evidence.times(), tables)),
        tuple(each.result(documents) for each in evidence.ids),
        keyed["user"],
        keyed["organization"],
        keyed["conversation"],
        tuple(sorted((each for each in data if each[1]), key=lambda each: path_text(each[0]))),
        evidence.texts,
    )


class _Evidence:
    """What the second reading counts."""

    def __init__(
        self,
        table: PathTable,
        names: Sequence[Steps],
        times: Sequence[Steps],
        ids: Sequence[Steps],
        identities: Sequence[Steps],
        pairs: Sequence[Pair],
    ) -> None:
        self._table = table
        self._documents = 0
        self.joint: dict[Steps, Counter[tuple[str, frozenset[int]]]] = {way: Counter() for way in names}
        self.pairs: dict[Pair, Counter[tuple[str, str]]] = {pair: Counter() for pair in pairs}
        self._times = [TimeEvidence(way) for way in times]
        self.ids = [UniqueEvidence(way) for way in ids]
        self._keys = dict.fromkeys(identities, 0)
        self.texts: dict[Steps, set[str]] = {way: set() for way in identities}
        self._keyed = 0

    def read(self, documents: TopicDocuments, signatures: Sequence[frozenset[int]]) -> None:
        """Count what the documents say; `signatures` are those of each, in their order."""
        seen: set[tuple[bytes | None, int]] = set()
        message = None
        place = 0
        for document, signature in zip(documents, signatures, strict=False):
            self._documents += 1
            place = place + 1 if document.message is message else 0
            message = document.message
            repeated = (message.value, place) in seen
            seen.add((message.value, place))
            for way, counts in self.joint.items():
                counts[text_at(document.roots, way), signature] += 1
            for (one, other), beside in self.pairs.items():
                beside[text_at(document.roots, one), text_at(document.roots, other)] += 1
            for time in self._times:
                time.add(follow(document.roots, time.way), document)
            for each in self.ids:
                each.add(follow(document.roots, each.way), document, place, repeated=repeated)
            for way, texts in self.texts.items():
                value = follow(document.roots, way)
                if isinstance(value, str | int) and len(texts) < MOST_TEXTS:
                    texts.add(str(value))
            key = document.key
            if key:
                self._keyed += 1
                for way in self._keys:
                    self._keys[way] += _is_key(follow(document.roots, way), key)

    def times(self) -> Iterator[EventTime]:
        """The paths that are times."""
        for each in self._times:
            found = each.result(self._documents)
            if found is not None:
                yield found

    def with_key(self, identity: Identity) -> Identity:
        """The identity, with how often it is the record's key."""
        share = self._keys[identity.way] / self._keyed if self._keyed else 0.0
        return msgspec.structs.replace(identity, key=share)


def _ways(names: Sequence[Discriminator], pair: Pair | None) -> tuple[Steps, ...]:
    return pair or tuple(each.way for each in names[:1])


def _is_key(value: object, key: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    text = str(value)
    return text == key or key == f'"{text}"' or (key[:1] == "{" and key.endswith((f':"{text}"}}', f":{text}}}")))


def _is_stripe(table: PathTable) -> bool:
    kind = table.paths.get(("payload", "object"))
    names = {way[1] for way in table.paths if len(way) > 1}
    return (
        kind is not None
        and set(kind.values) == {"event"}
        and {"api_version", "livemode", "data"} <= names
        and any(way[:3] == ("payload", "data", "object") for way in table.paths)
    )
