"""Membership in a replay's or a backfill's group, so that two of them never send the same messages at once.

Who sends is a member of the group that keeps the progress. The broker itself guards that place: it takes commits from
members alone, and frees it when a member leaves or is silent for a session.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Any, Final

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import ConsumerGroupDescription, MemberDescription

from greenflash_kafka.errors import BrokerUnreachable, NotAllowed, ReplayRuns

SESSION_SECONDS: Final = 10
"""Seconds until the membership of a killed replay expires."""

JOIN_SECONDS: Final = 60.0
"""Longest time to join, in seconds: a broker waits some seconds for more members of a new group."""

RPC_SECONDS: Final = 10.0

_REBALANCING: Final = (KafkaError.REBALANCE_IN_PROGRESS, KafkaError.ILLEGAL_GENERATION)
"""Errors of a commit during a rebalance: it succeeds once the rebalance is over."""


class ReplayPlace:
    """A member of `group` that reads nothing. `properties` are a consumer's; `describe` starts a query of the
    group's members."""

    def __init__(
        self,
        properties: Mapping[str, str],
        describe: Callable[[], Future[ConsumerGroupDescription]],
        group: str,
        topic: str,
        logger: logging.Logger,
        monotonic: Callable[[], float] = time.monotonic,
        what: str = "replay",
        refusal: str = "",
    ) -> None:
        """`what` takes the place: a word for people. `refusal`: the text of `NotAllowed` if this user may not be a
        member of the group."""
        self._refusal = refusal
        self._what = what
        self._group, self._topic, self._monotonic = group, topic, monotonic
        self._describe = describe
        settings: dict[str, Any] = {
            **properties,
            "session.timeout.ms": SESSION_SECONDS * 1000,
            "heartbeat.interval.ms": SESSION_SECONDS * 100,
            # A letter whose original has to be looked for may take seconds, and 200 are judged between two polls. That
            # this process is alive its heartbeats tell.
            "max.poll.interval.ms": 3_600_000,
            "partition.assignment.strategy": "range",
        }
        settings.pop("group.instance.id", None)
        self._consumer = Consumer(settings, logger=logger)
        self._joined = self._lost = False

    def take(self) -> None:
        """Join the group. Raises `ReplayRuns` when it has another member, `NotAllowed` and `BrokerUnreachable`."""
        self._alone()
        self._consumer.subscribe([self._topic], on_assign=self._on_assign, on_lost=self._on_lost)
        until = self._monotonic() + JOIN_SECONDS
        while not self._joined:
            if self._monotonic() > until:
                raise BrokerUnreachable(f"the group {self._group} could not be joined within {JOIN_SECONDS:.0f} s")
            self._turn(0.2)
        # Of two that joined at the same time at least one sees the other here; it may be both.
        self._alone()

    def commit(self, offsets: list[TopicPartition]) -> None:
        """Commit, and wait for the confirmation; without offsets only the membership is kept. Raises `KafkaException`,
        and `ReplayRuns` when the membership was lost meanwhile."""
        until = self._monotonic() + RPC_SECONDS
        self._turn(0)
        while offsets:
            try:
                self._consumer.commit(offsets=offsets, asynchronous=False)
                return
            except KafkaException as error:
                if error.args[0].code() not in _REBALANCING or self._monotonic() > until:
                    raise
            self._turn(0.2)

    def close(self) -> None:
        """Leave the group, so that another replay can join."""
        self._consumer.close()

    def _turn(self, seconds: float) -> None:
        self._consumer.poll(seconds)
        if self._lost:
            raise ReplayRuns(
                f"this {self._what} was silent for longer than {SESSION_SECONDS} s, so its place in the group "
                f"{self._group} is gone, and another one may have begun. What isn't committed is sent again under the "
                "same ids: start again"
            )

    def _alone(self) -> None:
        own = self._consumer.memberid() if self._joined else None
        for member in self._members():
            if member.member_id != own:
                raise ReplayRuns(
                    f"another {self._what} runs: the group {self._group} has the member {member.client_id} at "
                    f"{member.host.removeprefix('/')}. Nothing was sent. Wait until it ends; if it was killed, its "
                    f"place is free after {SESSION_SECONDS} s"
                )

    def _members(self) -> list[MemberDescription]:
        until = self._monotonic() + RPC_SECONDS
        while True:
            try:
                found: list[MemberDescription] = self._describe().result(RPC_SECONDS + 1).members
                return found
            except KafkaException as error:
                if error.args[0].code() == KafkaError.GROUP_ID_NOT_FOUND:
                    return []
                if error.args[0].code() == KafkaError.GROUP_AUTHORIZATION_FAILED and self._refusal:
                    raise NotAllowed(self._refusal) from None
                if not error.args[0].retriable() or self._monotonic() > until:
                    said = error.args[0].str() or error.args[0].name()
                    raise BrokerUnreachable(f"the group {self._group} can't be described: {said}") from None
            except TimeoutError:
                raise BrokerUnreachable(f"the group {self._group} could not be described in time") from None
            time.sleep(0.2)

    def _on_assign(self, consumer: Consumer, _: list[TopicPartition]) -> None:
        # The place is all that is wanted: nothing is read by it.
        consumer.assign([])
        self._joined = True

    def _on_lost(self, consumer: Consumer, _: list[TopicPartition]) -> None:
        consumer.unassign()
        self._lost = True
