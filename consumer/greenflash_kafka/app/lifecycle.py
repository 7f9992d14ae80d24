"""The life of one process of `run`: the loop over what `build` has made, and the order of ending."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress

import msgspec

from greenflash_kafka.allocator import FreeMemory, allocator
from greenflash_kafka.app.engine import CLOSE_SECONDS, Engine
from greenflash_kafka.app.idle import IdleWatch
from greenflash_kafka.app.stop import Stop
from greenflash_kafka.delivery.endpoint import KEY_REFUSED
from greenflash_kafka.errors import (
    AskedToStop,
    ClientLost,
    DrainDeadlinePassed,
    GreenflashKafkaError,
    KeyRefused,
    NotIdle,
    TooManyDeadLetters,
    TooManyTopics,
)
from greenflash_kafka.instrumentation.health import Health
from greenflash_kafka.instrumentation.listener import Listeners
from greenflash_kafka.instrumentation.logs import Logs
from greenflash_kafka.instrumentation.operator_server import OperatorServer
from greenflash_kafka.instrumentation.systemd import Systemd
from greenflash_kafka.model.summary import STOPPED_WITH, Summary
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.kafka import KafkaSource
from greenflash_kafka.source.lost_clients import SYMPTOMS, LostClients
from greenflash_kafka.source.properties import ClientSettings
from greenflash_kafka.source.reading_bounds import ReadingBounds

_BOUNDS_SECONDS = 0.1
"""Seconds between looks whether a dry run is at its end."""

_LOOK_SECONDS = 1.0
"""Seconds between looks for a lost client."""


class RunSettings(msgspec.Struct, frozen=True):
    """How a run ends. `until_idle` and `drain_seconds` are seconds; `commits` is False for a dry run, and
    `bootstrap_servers` are named in the summary and in advice."""

    bootstrap_servers: str
    commits: bool = True
    until_idle: float | None = None
    drain_seconds: float = 25.0


class Run(msgspec.Struct, frozen=True):
    """Everything that one process of `run` is made of. Nothing is read or sent before `run`."""

    settings: RunSettings
    client: ClientSettings
    cluster: AdminQueries
    source: KafkaSource
    engine: Engine
    logs: Logs
    listener: Listeners
    health: Health
    server: OperatorServer
    systemd: Systemd
    lost_clients: LostClients
    key_confirmed: bool
    """Whether Greenflash has taken the key at start, or none is needed."""
    bounds: ReadingBounds | None = None
    """Where a dry run ends; None if it doesn't end by itself."""


class Ended(msgspec.Struct, frozen=True):
    """How a run ended: what it did, and the error if it didn't end as it should (TooManyTopics, ClientLost,
    TooManyDeadLetters, NotIdle or DrainDeadlinePassed)."""

    summary: Summary
    error: GreenflashKafkaError | None
    hangs: bool
    """The broker didn't confirm the last commit, so the Kafka client can't be closed; or a client is lost, and can't
    either; or nobody reads the log's stream any more, so it can't be flushed. The process has to `leave`."""

    def leave(self, code: int) -> None:
        """End the process now if the Kafka client, or the log, would hang on its way out; otherwise do nothing."""
        if self.hangs:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
            # Of standard error nothing waits: it is written line by line, and flushing could wait for its reader.
            os._exit(code)


def run(made: Run, stop: Stop, between: Callable[[], None] = lambda: None) -> Ended:
    """Run until `stop` is asked for, or until idle if the settings say so; `between` is called every turn.

    Raises `KeyRefused` and `SourceFailed`; what else went wrong is in what it returns, and then everything is closed.
    """
    made.server.start()
    made.source.stopping = lambda: stop.asked
    # What was made until now stays to the end: rules, tables, modules. Looking through all of it again would stop
    # the loop for 27 ms with two rules, and for longer with more.
    gc.collect()
    gc.freeze()
    blocked_by: list[str] = []
    ended_by: TooManyTopics | ClientLost | None = None
    try:
        blocked_by = _turns(made, stop, between)
    except AskedToStop:
        pass
    except (TooManyTopics, ClientLost) as error:
        # What can't go on, though what is in hand can be finished: it ends in order.
        ended_by = error
    if isinstance(ended_by, ClientLost):
        made.listener.notice("client_lost", text=str(ended_by))
    summary, hangs = _end(made, blocked_by)
    return Ended(summary, ended_by or _failure(made, summary), hangs or isinstance(ended_by, ClientLost))


# --- the loop ----------------------------------------------------------------------------------------------------


def _turns(made: Run, stop: Stop, between: Callable[[], None]) -> list[str]:
    """Turn until it is over; what waits for an operator, if that is why."""
    pipeline, watch = made.engine.pipeline, _idle_watch(made)
    clock = made.engine.parts.clock
    memory, look_at, bounds_at = FreeMemory(clock, allocator()), 0.0, 0.0
    pipeline.start()
    while not (stop.asked or pipeline.too_many_dead_letters):
        pipeline.step()
        made.health.beat()
        made.systemd.beat()
        between()
        memory.turn(pipeline.totals.consumed)
        _check_key(made)
        _report_ignored_signal(made, stop)
        if clock.monotonic() >= look_at:
            look_at = clock.monotonic() + _LOOK_SECONDS
            made.lost_clients.watch(_trouble(made.health))
        if made.bounds is not None and clock.monotonic() >= bounds_at:
            bounds_at = clock.monotonic() + _BOUNDS_SECONDS
            if _bounds_reached(made, made.bounds):
                return []
        if watch is not None:
            status = watch.status()
            if status.over:
                return list(status.blocked_by)
    return []


def _bounds_reached(made: Run, bounds: ReadingBounds) -> bool:
    """Whether a dry run is at its end, and has shown all that it read."""
    pipeline = made.engine.pipeline
    if pipeline.unfinished or made.engine.dispatcher.outstanding:
        return False
    return bounds.reached(pipeline.positions(), pipeline.halts)


def _trouble(health: Health) -> float:
    """The age of the oldest condition that a lost Kafka client may have opened, in seconds."""
    return max((each.seconds for each in health.conditions() if each.name in SYMPTOMS), default=0.0)


def _idle_watch(made: Run) -> IdleWatch | None:
    settings, engine = made.settings, made.engine
    if settings.until_idle is None:
        return None
    return IdleWatch(
        engine.pipeline,
        made.source,
        engine.dispatcher,
        engine.parts.clock,
        settings.until_idle,
        settings.commits,
        settings.bootstrap_servers,
    )


def _check_key(made: Run) -> None:
    """A key that was never good is refused at start; one that was is waited for."""
    dispatcher = made.engine.dispatcher
    if dispatcher.pause_reason is None or made.key_confirmed or dispatcher.accepted:
        return
    if dispatcher.pause_reason.code in ("status-401", "status-403"):
        raise KeyRefused(KEY_REFUSED.format(dispatcher.pause_reason.code.removeprefix("status-")))


def _report_ignored_signal(made: Run, stop: Stop) -> None:
    if stop.heard is not None:
        name, stop.heard = stop.heard.name, None
        made.listener.notice(
            "signal_ignored",
            signal=name,
            text=f"{name} reloads nothing: restart to read other mapping files or settings; SIGTERM ends in order",
        )


# --- the end -----------------------------------------------------------------------------------------------------


def _end(made: Run, blocked_by: list[str]) -> tuple[Summary, bool]:
    """The engine first, which keeps messages safe; then what only told about it. Whether the process would hang."""
    made.systemd.stopping()
    summaries: list[Summary] = []
    confirmed = made.engine.end(
        made.settings.drain_seconds, lambda answers: summaries.append(_summary(made, _behind(made, answers)))
    )
    (summary,) = summaries
    summary.blocked_by = blocked_by
    made.server.stop()
    made.listener.notice("stopped", **{name: getattr(summary, name) for name in STOPPED_WITH})
    flushed = made.logs.flush()
    return summary, not (confirmed and flushed)


def _failure(made: Run, summary: Summary) -> GreenflashKafkaError | None:
    too_many = made.engine.pipeline.too_many_dead_letters
    if too_many:
        return TooManyDeadLetters(
            f"too many dead letters: {too_many}. Nothing more is written, and nothing "
            "is committed that isn't. `greenflash-kafka dlq list` shows what was written: correct the rule "
            "(or product_id, greenflash.base_url) and start again, or raise the limit"
        )
    if summary.blocked_by:
        return NotIdle("not everything could be settled:\n" + "\n".join(f"  {each}" for each in summary.blocked_by))
    if summary.unanswered:
        return DrainDeadlinePassed(
            f"{summary.unanswered} requests or dead letters had no answer within delivery.drain_seconds "
            f"({made.settings.drain_seconds:g} s); {summary.uncommitted} messages aren't committed: they are delivered "
            "again, under the same ids"
        )
    if summary.uncommitted:
        return DrainDeadlinePassed(
            f"{summary.uncommitted} messages were sent and aren't committed, since events of theirs failed, or no "
            "broker confirmed the commit: they are delivered again, under the same ids"
        )
    return None


def _summary(made: Run, behind: Mapping[TopicPartition, int]) -> Summary:
    """What was done; `behind` is how far partitions are behind their ends, where that is known."""
    pipeline = made.engine.pipeline
    totals, at = pipeline.totals, _committed(made)
    lag = sum(behind.get(key, 0) for key in pipeline.starts)
    linked, with_link = pipeline.linked or (None, None)
    return Summary(
        broker=made.settings.bootstrap_servers,
        produced=totals.consumed + lag,
        consumed=totals.consumed,
        filtered=totals.filtered,
        mapped=totals.mapped,
        dead_lettered=totals.dead_lettered,
        committed=sum(max(0, at.get(key, start) - start) for key, start in pipeline.starts.items()),
        lag=lag,
        events=totals.events,
        accepted=made.engine.dispatcher.accepted,
        unanswered=pipeline.unanswered,
        uncommitted=pipeline.left_over(at) if made.settings.commits else 0,
        dry_run=not made.settings.commits,
        drafts=pipeline.drafts,
        linked=linked,
        with_link=with_link,
    )


def _committed(made: Run) -> dict[TopicPartition, int]:
    return made.engine.pipeline.committed | dict(made.source.committed())


def _behind(made: Run, broker_answers: bool) -> Mapping[TopicPartition, int]:
    """How far each partition that is ours is behind its end."""
    pipeline = made.engine.pipeline
    if broker_answers:
        # A dry run commits nothing: what it has read counts as done.
        at = _committed(made) if made.settings.commits else pipeline.positions()
        # The end of a run neither waits for a silent broker nor fails since it refuses: then the client's
        # own knowledge counts.
        with suppress(GreenflashKafkaError):
            ends = made.source.ends(CLOSE_SECONDS)
            starts = pipeline.starts
            return {key: max(0, end - at.get(key, starts.get(key, end))) for key, end in ends.items()}
    return made.source.lag()
