"""Known mistakes, planted into the real code one at a time: the simulation has to find each of them."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch
from weakref import WeakKeyDictionary

from confluent_kafka import KafkaException, TopicPartition

import greenflash_kafka.app.engine as engine
import greenflash_kafka.delivery.dispatcher as dispatcher
import greenflash_kafka.pipeline as pipeline
import tests.simulation.life as life
from greenflash_kafka.backpressure import Backpressure
from greenflash_kafka.delivery.response_table import ACCEPTED, Verdict, judge
from greenflash_kafka.model.body import encode
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.schema import SchemaRefused
from greenflash_kafka.offsets.tracker import OffsetTracker
from greenflash_kafka.offsets.trackers import OffsetTrackers
from greenflash_kafka.pauses import Pauses
from greenflash_kafka.pending_message import PendingMessage
from greenflash_kafka.pipeline import Pipeline
from greenflash_kafka.ports import Reply
from greenflash_kafka.rules.topic_rules import TopicRules
from greenflash_kafka.schemas.wanted import WantedKey, WantedSchemas
from greenflash_kafka.source.gaps import LogRange
from greenflash_kafka.source.kafka_offsets import KafkaOffsets
from greenflash_kafka.source.partitions import Partitions
from greenflash_kafka.source.topic_ids import TopicIds
from greenflash_kafka.waiting_lines import WaitingLines
from greenflash_kafka.waiting_messages import WaitingMessages
from tests.simulation.points import Consumer


def _commits_before_the_ack() -> Any:
    return patch.object(OffsetTracker, "committable", lambda tracker, _=None: tracker.next_offset)


def _counts_over_gaps() -> Any:
    taken: dict[int, int] = {}

    def count(tracker: OffsetTracker, offset: int) -> None:
        taken[id(tracker)] = tracker.next_offset = taken.get(id(tracker), tracker.start) + 1
        assert offset >= 0

    return patch.multiple(
        OffsetTracker, take=count, skip=count, committable=lambda tracker, _=None: tracker.next_offset
    )


def _another_id_in_every_life() -> Any:
    lives = itertools.count()
    return patch.object(
        life, "EvaluationContext", lambda cluster_id, **rest: EvaluationContext(f"{cluster_id}{next(lives)}", **rest)
    )


def _acks_before_the_dead_letter_is_confirmed() -> Any:
    write = Pipeline.events_settled

    def settled(pipeline: Pipeline, work: Any) -> None:
        work.tracker.ack(work.message.offset)
        write(pipeline, work)

    return patch.object(Pipeline, "events_settled", settled)


def _throws_the_batch_of_a_rebalance_away() -> Any:
    class Careless(Consumer):
        rebalanced = False

        def subscribe(self, topics: Any, on_assign: Any = None, on_revoke: Any = None, on_lost: Any = None) -> None:
            super().subscribe(topics, *(self._noting(each) for each in (on_assign, on_revoke, on_lost)))

        def _noting(self, callback: Callable[..., None]) -> Callable[..., None]:
            def noted(client: Any, partitions: Any) -> None:
                self.rebalanced = True
                callback(client, partitions)

            return noted

        def consume(self, num_messages: int = 1, timeout: float = -1) -> Any:
            self.rebalanced = False
            found = super().consume(num_messages, timeout)
            return [] if self.rebalanced else found

    return patch.object(life, "Consumer", Careless)


def _lets_a_callback_raise_and_goes_on() -> Any:
    class Careless(Consumer):
        def __init__(self, process: Any, settings: Any, cluster: Any) -> None:
            def on_commit(error: Any, partitions: Any) -> None:
                settings["on_commit"](error, partitions)
                if error is not None:
                    raise KafkaException(error)

            super().__init__(process, {**settings, "on_commit": on_commit}, cluster)

        def consume(self, num_messages: int = 1, timeout: float = -1) -> Any:
            try:
                return super().consume(num_messages, timeout)
            except KafkaException:
                return []

    return patch.object(life, "Consumer", Careless)


def _starts_without_committing_where() -> Any:
    begin = Partitions.begin
    return patch.object(Partitions, "begin", lambda self, starts, _, unknown=(): begin(self, starts, {}, unknown))


def _does_not_watch_the_topics_ids() -> Any:
    return patch.object(TopicIds, "poll", lambda *_: {})


def _goes_on_at_the_end_after_a_gap() -> Any:
    logs = KafkaOffsets.logs

    def ended(offsets: KafkaOffsets, partitions: Any) -> Any:
        return {each: LogRange(log.end, log.end) for each, log in logs(offsets, partitions).items()}

    return patch.object(KafkaOffsets, "logs", ended)


def _never_goes_on_with_what_it_paused() -> Any:
    return patch.object(Partitions, "resume", lambda *_: None)


def _commits_what_it_has_lost() -> Any:
    class Careless(Consumer):
        def subscribe(self, topics: Any, on_assign: Any = None, on_revoke: Any = None, on_lost: Any = None) -> None:
            def lost(client: Any, partitions: Any) -> None:
                on_lost(client, partitions)
                offsets = [TopicPartition(each.topic, each.partition, 1) for each in partitions]
                # Once it has joined again: the broker asks who commits, not what is whose.
                for seconds in (1.0, 2.0, 3.0):
                    self.after(seconds, lambda: self.commit_at_once(offsets))

            super().subscribe(topics, on_assign, on_revoke, lost)

        def commit_at_once(self, offsets: Any) -> None:
            super(Consumer, self).commit(offsets=offsets, asynchronous=True)

    return patch.object(life, "Consumer", Careless)


@contextmanager
def _sends_while_a_partition_goes() -> Iterator[None]:
    class Careless(Pipeline):
        def _drive(self, wait: float) -> None:
            super()._drive(wait)
            # The loop would only spin until its time is over: no time passes here by itself.
            self._clock.sleep(wait)

    may_send = property(lambda work: not (work.tracker.closed or work.pipeline.draining))
    with patch.object(PendingMessage, "may_send", may_send), patch.object(engine, "Pipeline", Careless):
        yield


def _sends_while_it_ends() -> Any:
    return patch.object(PendingMessage, "may_send", property(lambda work: not work.tracker.closing))


def _finds_the_tracker_of_an_old_epoch_by_its_name() -> Any:
    class ByName(OffsetTrackers):
        def __init__(self) -> None:
            super().__init__()
            self._old: dict[Any, OffsetTracker] = {}

        def open(self, partition: Any, start: int) -> OffsetTracker:
            tracker = self._trackers[partition] = self._old.get(partition) or super().open(partition, start)
            tracker.closing = False
            self._old[partition] = tracker
            return tracker

        def close(self, partitions: Any) -> None:
            for each in partitions:
                self._trackers.pop(each, None)

    return patch.object(pipeline, "OffsetTrackers", ByName)


@contextmanager
def _makes_the_id_of_what_the_rules_gave() -> Iterator[None]:
    apply = TopicRules.apply_found

    def applied(rules: TopicRules, *rest: Any) -> Any:
        result = apply(rules, *rest)
        result.drafts[:] = [_with_id_of_content(each) if isinstance(each, Event) else each for each in result.drafts]
        return result

    with patch.object(TopicRules, "apply_found", applied):
        yield


def _with_id_of_content(event: Event) -> Event:
    if not event.insert_id.startswith(f"{event.rule}/"):
        return event
    given = repr(sorted((name, each) for name, each in event.fields.items() if name != "insert_id"))
    identity = hashlib.sha256(given.encode()).hexdigest()
    body = event.body.replace(encode(event.insert_id), encode(identity))
    return Event(event.rule, event.item, identity, body, event.sampled, event.link)


def _judges(wrong: Callable[[Reply], Verdict | None]) -> Any:
    return patch.object(dispatcher, "judge", lambda reply, **rest: wrong(reply) or judge(reply, **rest))


def _gives_up_on_a_failing_service() -> Any:
    return _judges(lambda reply: Verdict("dead_letter", "status-500", "") if reply.status >= 500 else None)


def _takes_every_200_for_success() -> Any:
    return _judges(lambda reply: ACCEPTED if reply.status == 200 else None)


def _takes_a_timeout_for_success() -> Any:
    return _judges(lambda reply: ACCEPTED if reply.fault == "timeout" else None)


def _lets_what_waits_be_overtaken() -> Any:
    return patch.object(WaitingMessages, "follow", lambda *_: False)


def _commits_past_what_waits() -> Any:
    return patch.object(OffsetTracker, "waits", False)


def _forgets_nothing_of_what_waits_when_a_partition_goes() -> Any:
    return patch.object(WaitingMessages, "forget", lambda *_: None)


def _keeps_in_the_line_what_it_puts_back() -> Any:
    give_back = WaitingLines.give_back

    def given(lines: WaitingLines) -> Any:
        before = {each: list(each.messages) for each in lines.by_tracker.values()}
        found = give_back(lines)
        if found is not None:
            found[0].messages.extend(before[found[0]][len(found[0].messages) :])
        return found

    return patch.object(WaitingLines, "give_back", given)


@contextmanager
def _puts_back_without_pausing() -> Iterator[None]:
    add = Pauses.add

    def added(pauses: Pauses, partitions: Any, reason: Any) -> None:
        if reason != "waiting":
            add(pauses, partitions, reason)

    put_back = Partitions.put_back

    def put(partitions: Partitions, partition: Any, offset: int) -> None:
        with patch.object(partitions, "pause"):
            put_back(partitions, partition, offset)

    with patch.object(Pauses, "add", added), patch.object(Partitions, "put_back", put):
        yield


def _never_resumes_what_it_put_back() -> Any:
    remove = Pauses.remove

    def removed(pauses: Pauses, partitions: Any, reason: Any) -> None:
        if reason != "waiting":
            remove(pauses, partitions, reason)

    return patch.object(Pauses, "remove", removed)


@contextmanager
def _evaluates_what_waits_while_a_partition_goes() -> Iterator[None]:
    forget, release = WaitingMessages.forget, WaitingMessages.release
    asked: WeakKeyDictionary[WaitingMessages, Any] = WeakKeyDictionary()

    def released(waiting: WaitingMessages, limit: int, *asks: Any) -> int:
        asked[waiting] = asks
        return release(waiting, limit, *asks)

    def forgot(waiting: WaitingMessages, trackers: Any) -> None:
        if waiting in asked:
            waiting.ask_again()
            release(waiting, 500, *asked[waiting])
        forget(waiting, trackers)

    with patch.multiple(WaitingMessages, release=released, forget=forgot):
        yield


@contextmanager
def _stops_everything_when_what_waits_takes_its_memory() -> Iterator[None]:
    init, has_room, add, remove = Backpressure.__init__, Backpressure.has_room, Pauses.add, Pauses.remove
    pauses_of: WeakKeyDictionary[Backpressure, Pauses] = WeakKeyDictionary()
    full: WeakKeyDictionary[Pauses, set[Any]] = WeakKeyDictionary()

    def made(pressure: Backpressure, source: Any, pauses: Pauses, *rest: Any) -> None:
        init(pressure, source, pauses, *rest)
        pauses_of[pressure] = pauses

    def added(pauses: Pauses, partitions: Any, reason: Any) -> None:
        add(pauses, partitions, reason)
        if reason == "waiting":
            full.setdefault(pauses, set()).update(partitions)

    def removed(pauses: Pauses, partitions: Any, reason: Any) -> None:
        remove(pauses, partitions, reason)
        if reason == "waiting":
            full.get(pauses, set()).difference_update(partitions)

    def had_room(pressure: Backpressure, draining: bool) -> bool:
        return has_room(pressure, draining or bool(full.get(pauses_of[pressure])))

    with (
        patch.multiple(Backpressure, __init__=made, has_room=had_room),
        patch.multiple(Pauses, add=added, remove=removed),
    ):
        yield


def _remembers_for_ever_that_a_schema_was_unknown() -> Any:
    def unknown(wanted: WantedSchemas, key: WantedKey, _: float) -> SchemaRefused:
        refused = SchemaRefused("unknown-schema", "it wasn't known once")
        wanted.cannot_be_used(key.key, refused)
        return refused

    return patch.object(WantedSchemas, "_unknown", unknown)


BUGS: dict[str, Callable[[], Any]] = {
    each.__name__.strip("_"): each
    for each in (
        _commits_before_the_ack,
        _counts_over_gaps,
        _another_id_in_every_life,
        _acks_before_the_dead_letter_is_confirmed,
        _throws_the_batch_of_a_rebalance_away,
        _lets_a_callback_raise_and_goes_on,
        _starts_without_committing_where,
        _does_not_watch_the_topics_ids,
        _goes_on_at_the_end_after_a_gap,
        _never_goes_on_with_what_it_paused,
        _commits_what_it_has_lost,
        _sends_while_a_partition_goes,
        _sends_while_it_ends,
        _finds_the_tracker_of_an_old_epoch_by_its_name,
        _makes_the_id_of_what_the_rules_gave,
        _gives_up_on_a_failing_service,
        _takes_every_200_for_success,
        _takes_a_timeout_for_success,
        _lets_what_waits_be_overtaken,
        _commits_past_what_waits,
        _forgets_nothing_of_what_waits_when_a_partition_goes,
        _keeps_in_the_line_what_it_puts_back,
        _puts_back_without_pausing,
        _never_resumes_what_it_put_back,
        _evaluates_what_waits_while_a_partition_goes,
        _remembers_for_ever_that_a_schema_was_unknown,
        _stops_everything_when_what_waits_takes_its_memory,
    )
}
"""What is planted, by what the code then does."""


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The real code with this mistake in it."""
    with BUGS[name]():
        yield
