"""A group's coordinator: members, sessions, who owns what, and which commits it takes.

`eager` and `cooperative` are the classic protocol with its two kinds of assignor: all members join, then all get an
assignment of a new generation. `consumer` is KIP-848: each member is led to its target by itself. Under both of the
latter a partition goes to its new owner only after the old one gave it up, or is out of the group.

As in Apache Kafka a commit is checked against member and generation (or epoch), never against who owns the partition.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Literal, NamedTuple

from confluent_kafka import KafkaError

from tests.simulation.scheduler import Scheduler

Key = tuple[str, int]
"""(topic, partition)."""

Protocol = Literal["eager", "cooperative", "consumer"]


class Committed(NamedTuple):
    """What the group remembers of a partition."""

    offset: int
    metadata: str


class Joining(NamedTuple):
    """What a member says when it joins; `assign(epoch, partitions)` is how it gets the answer."""

    protocol: Protocol
    topics: Callable[[], Collection[str]]
    session: float
    rebalance: float
    owned: frozenset[Key]
    assign: Callable[[int, frozenset[Key]], None]


class _Member:
    def __init__(self, joining: Joining, now: float) -> None:
        self.joining = joining
        self.joined = True
        self.epoch = 0
        self.assigned: frozenset[Key] = joining.owned
        self.owned = joining.owned
        self.seen = now
        self.revoke_until: float | None = None
        self.told = 0
        """How many assignments it was sent since it joined."""

    def assign(self, epoch: int, partitions: frozenset[Key]) -> None:
        """Send it its assignment."""
        self.told += 1
        self.joining.assign(epoch, partitions)


class Group:
    """One group; `partitions_of` lists the partitions of topics by name, `up` says whether the coordinator runs."""

    def __init__(
        self, scheduler: Scheduler, partitions_of: Callable[[Iterable[str]], list[Key]], up: Callable[[], bool]
    ) -> None:
        self._up = up
        self._scheduler = scheduler
        self._partitions_of = partitions_of
        self.offsets: dict[Key, Committed] = {}
        self.epoch = 0
        """The generation, or the group's epoch."""
        self.history: list[tuple[float, str, Key, int]] = []
        """Every commit taken: time, member, partition, offset."""
        self._members: dict[str, _Member] = {}
        self._targets: dict[str, frozenset[Key]] = {}
        self._numbers = 0
        self._rebalancing = False
        self._round = 0

    # --- members ----------------------------------------------------------------------------------------------------

    def join(self, member: str, joining: Joining) -> str:
        """Join, or join again, under this id (empty: a new one); returns the id. The assignment comes later."""
        if member not in self._members:
            self._numbers += 1
            member = f"member-{self._numbers:04d}"
            self._members[member] = _Member(joining, self._scheduler.now)
            self._watch(member)
        one = self._members[member]
        one.joining, one.joined, one.owned, one.seen = joining, True, joining.owned, self._scheduler.now
        one.told = 0
        self._change(joining.protocol)
        return member

    @property
    def members(self) -> Collection[str]:
        """The ids of its members."""
        return self._members

    def knows(self, member: str) -> bool:
        """Whether it is in the group."""
        return member in self._members

    def stands_by(self, member: str) -> bool:
        """Whether this is a member that has nothing and is to get nothing, while others have something."""
        with_any = {
            name: bool(one.owned or one.assigned or self._targets.get(name)) for name, one in self._members.items()
        }
        return with_any.get(member) is False and any(with_any.values())

    def heartbeat(self, member: str, epoch: int, owned: frozenset[Key], heard: int) -> int:
        """A sign of life of who has heard of so many assignments; 0, or what it must know (an error code)."""
        one = self._members.get(member)
        if one is None:
            return KafkaError.UNKNOWN_MEMBER_ID
        one.seen = self._scheduler.now
        if one.joining.protocol == "consumer":
            if heard != one.told:
                return 0  # it was on its way before the latest assignment had come
            one.owned = owned
            if one.owned <= one.assigned:
                one.revoke_until = None
            self._reconcile()
            return 0
        if epoch != one.epoch:
            return KafkaError.ILLEGAL_GENERATION
        return KafkaError.REBALANCE_IN_PROGRESS if self._rebalancing and not one.joined else 0

    def leave(self, member: str) -> None:
        """Leave at once; harmless for who isn't a member."""
        one = self._members.pop(member, None)
        if one is not None and self._members:
            self._change(one.joining.protocol)

    def topics_changed(self) -> None:
        """Some member has seen other topics or partitions: assign anew."""
        if self._members:
            self._change(next(iter(self._members.values())).joining.protocol)

    def loaded(self) -> None:
        """The coordinator is back: sessions begin anew, as after a failover."""
        for one in self._members.values():
            one.seen = self._scheduler.now

    @property
    def owners(self) -> dict[Key, list[str]]:
        """Who has been given each partition."""
        found: dict[Key, list[str]] = {}
        for name, one in self._members.items():
            for key in sorted(one.assigned):
                found.setdefault(key, []).append(name)
        return found

    # --- offsets ----------------------------------------------------------------------------------------------------

    def commit(self, member: str, epoch: int, offsets: Mapping[Key, Committed]) -> int:
        """Take these offsets, or none: 0 or an error code."""
        one = self._members.get(member)
        if one is None:
            if member or self._members:
                return KafkaError.UNKNOWN_MEMBER_ID
        elif epoch != one.epoch:
            classic = one.joining.protocol != "consumer"
            return KafkaError.ILLEGAL_GENERATION if classic else KafkaError.STALE_MEMBER_EPOCH
        self.offsets.update(offsets)
        self.history += [(self._scheduler.now, member, key, each.offset) for key, each in offsets.items()]
        return 0

    def expire(self, keys: Iterable[Key]) -> None:
        """Forget these offsets, as offsets.retention.minutes does."""
        for key in keys:
            self.offsets.pop(key, None)

    # --- assigning --------------------------------------------------------------------------------------------------

    def _watch(self, name: str) -> None:
        one = self._members.get(name)
        if one is None:
            return
        now, end = self._scheduler.now, one.seen + one.joining.session
        if not self._up():
            # Nobody is thrown out while there is no coordinator; the next one lets sessions begin anew.
            self._scheduler.call_at(now + one.joining.session, lambda: self._watch(name))
        elif now >= end or (one.revoke_until is not None and now >= one.revoke_until):
            self.leave(name)
        else:
            self._scheduler.call_at(end, lambda: self._watch(name))

    def _change(self, protocol: Protocol) -> None:
        if protocol == "consumer":
            self.epoch += 1
            self._targets = self._share(lambda one: one.assigned)
            self._reconcile()
            return
        if not self._rebalancing:
            self._rebalancing = True
            self._round += 1
            number = self._round
            longest = max(each.joining.rebalance for each in self._members.values())
            self._scheduler.call_at(self._scheduler.now + longest, lambda: self._too_late(number))
        # The others learn it by their heartbeats, and join again.
        self._complete()

    def _too_late(self, number: int) -> None:
        if self._rebalancing and self._round == number:
            self._members = {name: each for name, each in self._members.items() if each.joined}
            self._complete()

    def _complete(self) -> None:
        if not self._members or not all(each.joined for each in self._members.values()):
            return
        self._rebalancing = False
        self.epoch += 1
        target = self._share(lambda one: one.owned)
        for name, one in self._members.items():
            others = {key for other in self._members.values() if other is not one for key in other.owned}
            eager = one.joining.protocol == "eager"
            one.assigned = target[name] if eager else target[name] - others
            one.epoch, one.joined = self.epoch, False
        for one in list(self._members.values()):
            one.assign(self.epoch, one.assigned)

    def _reconcile(self) -> None:
        """KIP-848: give each member what is free of its target, take what isn't of it."""
        for name, one in self._members.items():
            held = {k for other in self._members.values() if other is not one for k in other.owned | other.assigned}
            allowed = self._targets.get(name, frozenset()) - held
            changed = allowed != one.assigned
            if changed:
                # What it was told of is its own until it says otherwise.
                one.owned |= one.assigned | allowed
                one.assigned = allowed
            if one.owned <= allowed:
                if changed or one.epoch != self.epoch:
                    one.epoch = self.epoch
                    one.assign(self.epoch, allowed)
            elif changed:
                # It stays at its epoch until it has given up what it must: commits from before are then refused.
                one.revoke_until = self._scheduler.now + one.joining.rebalance
                self._scheduler.call_at(one.revoke_until, lambda name=name: self._watch(name))  # type: ignore[misc]
                one.assign(one.epoch, allowed)

    def _share(self, now: Callable[[_Member], frozenset[Key]]) -> dict[str, frozenset[Key]]:
        """Evenly, and as few moves as that allows."""
        wants = {name: set(one.joining.topics()) for name, one in self._members.items()}
        keys = self._partitions_of(set().union(*wants.values())) if wants else []
        shares: dict[str, set[Key]] = {name: set() for name in wants}
        limit = -(-len(keys) // len(wants)) if wants else 0
        free = []
        for key in keys:
            holders = [n for n, one in self._members.items() if key in now(one) and key[0] in wants[n]]
            if holders and len(shares[holders[0]]) < limit:
                shares[holders[0]].add(key)
            else:
                free.append(key)
        for key in free:
            takers = [name for name in shares if key[0] in wants[name]]
            if takers:
                shares[min(takers, key=lambda name: (len(shares[name]), name))].add(key)
        # What rounding left uneven: nobody has two more than another who wants it too.
        moved = True
        while moved:
            moved = False
            most, least = max(shares, key=lambda n: len(shares[n])), min(shares, key=lambda n: len(shares[n]))
            if len(shares[most]) - len(shares[least]) > 1:
                fitting = [key for key in sorted(shares[most]) if key[0] in wants[least]]
                if fitting:
                    shares[most].discard(fitting[-1])
                    shares[least].add(fitting[-1])
                    moved = True
        return {name: frozenset(share) for name, share in shares.items()}
