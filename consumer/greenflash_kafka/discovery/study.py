"""All that is concluded from the messages of one topic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from greenflash_kafka.discovery.amount_units import judged
from greenflash_kafka.discovery.amounts import Amount, amount_candidates, amount_score, amounts_in_lists, sample_of
from greenflash_kafka.discovery.discriminators import Discriminator, candidates, ranked
from greenflash_kafka.discovery.event_times import EventTime, TimeEvidence, best_times, time_candidates
from greenflash_kafka.discovery.identities import (
    KINDS,
    Identity,
    UniqueEvidence,
    UniqueId,
    currencies,
    identity_candidates,
    unique_candidates,
)
from greenflash_kafka.discovery.known_events import suggested
from greenflash_kafka.discovery.path_table import PathTable
from greenflash_kafka.discovery.path_values import DistinctHashes, follow, path_text
from greenflash_kafka.discovery.personal_values import personal
from greenflash_kafka.discovery.topic_documents import Document, TopicDocuments
from greenflash_kafka.rules.expressions.paths import Steps

MOST_KINDS: Final = 24
"""So many event names are looked at by themselves, the most frequent ones."""

_OF_A_KIND: Final = 400
_AMOUNTS: Final = 3


class KindOfEvent(msgspec.Struct, frozen=True):
    """Messages of one event name ("" if there is none): how many, what is in them, their amounts, those that
    stand in lists, a few of the messages."""

    name: str
    count: int
    table: PathTable
    amounts: tuple[Amount, ...]
    in_lists: tuple[Steps, ...]
    examples: tuple[Document, ...]


class TopicStudy(msgspec.Struct, frozen=True):
    """What was found in a topic. Lists have the best first; `names` is empty if no path tells the kind of a fact;
    `second` is a path with few values that tells kinds apart inside an event name."""

    documents: TopicDocuments
    table: PathTable
    names: tuple[Discriminator, ...]
    kinds: tuple[KindOfEvent, ...]
    times: tuple[EventTime, ...]
    ids: tuple[UniqueId, ...]
    users: tuple[Identity, ...]
    organizations: tuple[Identity, ...]
    conversations: tuple[Identity, ...]
    personal: tuple[tuple[Steps, str], ...]
    stripe: bool

    @property
    def event_name(self) -> Steps | None:
        """The path of the event name."""
        return self.names[0].way if self.names else None

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
    )
    evidence.read(documents, signatures)
    names = tuple(ranked(table, found, evidence.joint))
    stripe = _is_stripe(table)
    kinds = _kinds(documents, table, names[0].way if names else None, stripe)
    keyed = {kind: tuple(evidence.with_key(each) for each in every) for kind, every in identities.items()}
    data = [(each.way, personal(each)) for each in table.paths.values()]
    return TopicStudy(
        documents,
        table,
        names,
        kinds,
        tuple(best_times(evidence.times())),
        tuple(each.result() for each in evidence.ids),
        keyed["user"],
        keyed["organization"],
        keyed["conversation"],
        tuple(sorted((each for each in data if each[1]), key=lambda each: path_text(each[0]))),
        stripe,
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
    ) -> None:
        self._table = table
        self._documents = 0
        self.joint: dict[Steps, Counter[tuple[str, frozenset[int]]]] = {way: Counter() for way in names}
        self._times = [TimeEvidence(way) for way in times]
        self.ids = [UniqueEvidence(way) for way in ids]
        self._keys = dict.fromkeys(identities, 0)
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
                value = follow(document.roots, way)
                counts[value[:64] if isinstance(value, str) else "", signature] += 1
            for time in self._times:
                time.add(follow(document.roots, time.way), document)
            for each in self.ids:
                each.add(follow(document.roots, each.way), repeated=repeated)
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


def _kinds(documents: TopicDocuments, table: PathTable, way: Steps | None, stripe: bool) -> tuple[KindOfEvent, ...]:
    """Each event name by itself, the most frequent first."""
    counts: Counter[str] = Counter()
    groups: dict[str, list[Document]] = {}
    for document in documents:
        value = follow(document.roots, way) if way is not None else ""
        if not isinstance(value, str):
            continue
        counts[value] += 1
        group = groups.setdefault(value, []) if value in groups or len(groups) < 4 * MOST_KINDS else []
        if len(group) < _OF_A_KIND:
            group.append(document)
    found = []
    for name, count in sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_KINDS]:
        group = groups.get(name, [])
        if group:
            found.append(_kind(name, count, group, table, stripe))
    return tuple(found)


def _kind(name: str, count: int, group: Sequence[Document], whole: PathTable, stripe: bool) -> KindOfEvent:
    table = PathTable()
    for document in group:
        table.add(document.roots)
    codes = [each.way for each in currencies(table) if table.share(each.way) >= 0.5]
    event = suggested(name)
    refund = event is not None and event.event_type == "refund_requested"
    ways = [each.way for each in amount_candidates(table, refund=refund)]
    amounts = []
    for way in ways[:_AMOUNTS]:
        currency = max(codes, key=lambda code: _nearness(code, way), default=None)
        samples = [each for document in group if (each := sample_of(document, way, currency, ways)) is not None]
        of_all = whole.paths.get(way)
        elsewhere = of_all is not None and of_all.fractions > 0
        amounts.append(judged(way, currency, samples, stripe=stripe, elsewhere=elsewhere))
    return KindOfEvent(
        name, count, table, tuple(_sure_first(amounts)), tuple(amounts_in_lists(table)), tuple(group[:50])
    )


def _sure_first(amounts: list[Amount]) -> list[Amount]:
    """With an amount in front whose unit is known, if its name says as much as the first one's."""
    for each in amounts[1:]:
        sure = amounts[0].unit == "?" and each.unit != "?" and each.currency is not None
        if sure and amount_score(each.way) >= amount_score(amounts[0].way) - 0.15:
            return [each, *(other for other in amounts if other is not each)]
    return amounts


def _nearness(code: Steps, way: Steps) -> tuple[int, int]:
    """How much of its way a currency shares with an amount, and how short it is."""
    shared = 0
    for one, other in zip(code, way, strict=False):
        if one != other:
            break
        shared += 1
    return shared, -len(code)
