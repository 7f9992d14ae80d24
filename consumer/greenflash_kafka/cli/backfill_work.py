"""The work of `backfill`: which offsets, by which rules, and the way to Greenflash."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from random import Random
from typing import Any

import click
import msgspec

from greenflash_kafka.app.settings import client_settings, load_rules, required_key, sending, service_settings
from greenflash_kafka.app.stop import Stop
from greenflash_kafka.backfill.backfill_pass import BackfillPass
from greenflash_kafka.backfill.backfill_progress import BackfillProgress, rules_fingerprint
from greenflash_kafka.backfill.backfill_report import WARNING, BackfillReport, as_json, as_lines
from greenflash_kafka.cli.backfill_evaluation import PastEvaluation, past_evaluation
from greenflash_kafka.cli.backfill_part import BackfillPart, part_to_read
from greenflash_kafka.cli.backfill_settings import BackfillSettings, check, group_name
from greenflash_kafka.cli.mapping_paths import mapping_paths
from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory, mappings_of, opened
from greenflash_kafka.cli.progress_line import ProgressLine
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.load import load_config
from greenflash_kafka.config.location import config_file
from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import secrets
from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher
from greenflash_kafka.dlq.place import ReplayPlace
from greenflash_kafka.instrumentation.listener import Listeners
from greenflash_kafka.instrumentation.logs import Logs, kafka_logger
from greenflash_kafka.model.counted import counted
from greenflash_kafka.ports import History, TopicPartition
from greenflash_kafka.redaction import Redactor, visible_lines
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.client_errors import settings_refused
from greenflash_kafka.source.commits_of_group import commits_of_group, positions
from greenflash_kafka.source.history import KafkaHistory
from greenflash_kafka.source.marks import read
from greenflash_kafka.source.rights import group_refusal
from greenflash_kafka.source.start_questions import GroupAccess


def backfill(settings: BackfillSettings, given: Mapping[str, Any]) -> int:
    """Read the window, count or send, and print the report; the exit code. `given` are the flags of `HistoryFlags`.
    Raises what `opened` does, MappingsInvalid, ReplayRuns, and click's usage error."""
    flags = HistoryFlags(**given)
    if flags.since is None and flags.recording is None:
        raise click.UsageError("--since is missing: from when on, e.g. --since 30d or --since 2026-11-18")
    if flags.last is not None:
        raise click.UsageError("--last isn't for a backfill, which has to know its ends: use --since and --until")
    if settings.send and flags.recording is not None:
        raise click.UsageError("--send needs Kafka: a recording doesn't say what the live group has sent")
    environ = dict(os.environ)
    config = load_config(config_file(flags.file, environ), environ, {}, required=())
    rules = load_rules(mapping_paths(settings.mappings or mappings_of(flags)), environ)
    check(rules, settings)

    def wanted(topic: str) -> bool:
        found = rules.rules_for(topic)
        asked = not settings.topics or topic in settings.topics
        return asked and found is not None and not set(settings.rules).isdisjoint(found.names)

    with opened(flags, rules.topics, rules.patterns, wanted=wanted, begin=False) as source, ExitStack() as stack:
        work = _Work(settings, flags, rules, config, source, stack)
        if flags.recording is None:
            return work.of_kafka()
        return work.counted(BackfillPart(source.ranges), source.history)


class _Work:
    """One backfill over an open window."""

    def __init__(
        self,
        settings: BackfillSettings,
        flags: HistoryFlags,
        rules: Ruleset,
        config: Config,
        source: OpenHistory,
        stack: ExitStack,
    ) -> None:
        self._settings = settings
        self._flags = flags
        self._config = config
        self._rules = rules
        self._source = source
        self._stack = stack
        self._clock = SystemClock()
        self._deadlines = Deadlines(self._clock)
        logs = Logs(sys.stderr, "text", "warning", Redactor(secrets(config, source.properties)), burst=1)
        stack.callback(logs.flush)
        self._listener = Listeners(logs)

    def of_kafka(self) -> int:
        """Bounded by the live group, and the rest of what was begun before."""
        config, settings = self._config, self._settings
        client = client_settings(config.kafka, os.environ)
        group = group_name(client.group, settings)
        alone = msgspec.structs.replace(client, group=group, group_protocol="classic")
        keys = [(each.topic, each.partition) for each in self._source.ranges]
        with settings_refused(client):
            cluster = AdminQueries(properties.admin(client), logger=kafka_logger())
            if not cluster.is_mock():
                asked = [
                    GroupAccess(cluster.ask_group(each), cluster.timeout + 1, group_refusal(cluster.properties, each))
                    for each in (client.group, group)
                ]
                for each in asked:
                    each.require()
            live = commits_of_group(properties.consumer(client), keys, kafka_logger())
            partitions = self._partitions(cluster)
            place = self._place(cluster, alone, partitions[0][0]) if settings.send and partitions else None
            # Asked once no other backfill of this name can move it any more.
            begun = commits_of_group(properties.consumer(alone), partitions, kafka_logger())
        committed = {key: offset for key, (offset, _) in live.items()}
        part = part_to_read(settings, group, self._source.ranges, committed, begun)
        versions = {read(*commit).rules for commit in live.values()} - {"", self._rules.version}
        part = msgspec.structs.replace(part, others=tuple(sorted(versions)), live=client.group)
        history = KafkaHistory(self._source.properties, part.ranges, kafka_logger())
        self._stack.callback(history.close)
        if place is None:
            return self.counted(part, history)
        return self._sent(part, history, place, group)

    def _partitions(self, cluster: AdminQueries) -> list[TopicPartition]:
        """All partitions of the topics: progress is asked for also where the window is empty by now."""
        names = sorted(self._source.topic_ids.keys() | {each.topic for each in self._source.ranges})
        counts = cluster.partitions()
        return [(name, number) for name in names for number in range(counts.get(name, 0))]

    def _place(self, cluster: AdminQueries, alone: properties.ClientSettings, topic: str) -> ReplayPlace:
        place = ReplayPlace(
            properties.consumer(alone),
            lambda: cluster.ask_group(alone.group),
            alone.group,
            topic,
            logger=kafka_logger(),
            what="backfill",
            refusal=group_refusal(cluster.properties, alone.group),
        )
        self._stack.callback(place.close)
        place.take()
        return place

    def counted(self, part: BackfillPart, history: History) -> int:
        """Nothing is sent."""
        evaluation = self._evaluation()
        done = BackfillPass(
            history,
            part.ranges,
            evaluation.outcomes,
            self._settings.rules,
            self._clock,
            self._deadlines,
            unlinked=evaluation.unlinked,
        )
        return self._ended(self._run(done), part)

    def _sent(self, part: BackfillPart, history: History, place: ReplayPlace, group: str) -> int:
        config, fingerprint = self._config, rules_fingerprint(self._settings.rules, self._settings.topics)
        ends = {(each.topic, each.partition): each.end for each in part.ranges}

        def commit(offsets: Mapping[TopicPartition, int]) -> None:
            progress = {key: BackfillProgress(at, ends[key], fingerprint) for key, at in offsets.items()}
            place.commit(positions({key: (each.next_offset, each.metadata) for key, each in progress.items()}))

        # The SDK takes half a second to import, and a dry run does without.
        from greenflash_kafka.delivery.service import Service

        service = Service(service_settings(config.greenflash, config.delivery), required_key(config.greenflash))
        service.check_key(self._listener)
        evaluation = self._evaluation()
        if not part.resumed:
            # Before anything is sent: who goes on has to know the ends of this begin.
            commit({(each.topic, each.partition): each.start for each in part.ranges})
        transport = service.transport()
        self._stack.callback(transport.close)
        limits = sending(config.delivery)
        rate = min(self._settings.rate, limits.max_events_per_second or self._settings.rate)
        limits = msgspec.structs.replace(limits, max_events_per_second=rate)
        done = BackfillPass(
            history,
            part.ranges,
            evaluation.outcomes,
            self._settings.rules,
            self._clock,
            self._deadlines,
            Dispatcher(transport, self._deadlines, self._clock, Random(), self._listener, limits),
            commit,
            limits.in_flight,
            unlinked=evaluation.unlinked,
        )
        return self._ended(self._run(done), part, group)

    def _evaluation(self) -> PastEvaluation:
        return past_evaluation(
            self._settings,
            self._flags,
            self._rules,
            self._config,
            self._source,
            self._clock,
            self._listener,
            self._stack,
        )

    def _run(self, done: BackfillPass) -> BackfillReport:
        stop = Stop()

        def told(report: BackfillReport) -> None:
            progress.say(f"{counted(report.messages, 'message')}, {counted(report.events, 'event')}")

        stop.install()
        try:
            with ProgressLine() as progress:
                return done.run(lambda: stop.asked, told)
        finally:
            stop.uninstall()

    def _ended(self, report: BackfillReport, part: BackfillPart, group: str = "") -> int:
        settings, sent = self._settings, bool(group)
        facts = {"sent": sent, "rules": settings.rules, **part.facts}
        if settings.as_json:
            more: dict[str, object] = facts if sent else {**facts, "warning": WARNING}
            click.echo(visible_lines(as_json(report, **more).decode()))
        else:
            click.echo("\n".join([*part.lines, *as_lines(report, sent=sent), *self._next(report, group)]))
        return 1 if report.stopped_by or report.refused or report.unlinked or report.unanswered else 0

    def _next(self, report: BackfillReport, group: str) -> list[str]:
        if group:
            return [] if report.stopped_by else [f"Complete. Progress is kept in the group {group}."]
        if not report.events:
            return []
        minutes = report.events / self._settings.rate / 60
        return [WARNING, f"Nothing was sent. --send sends them: about {max(1, round(minutes)):,} min at this rate."]
