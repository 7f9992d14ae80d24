"""The evaluation of a backfill: the rules, with the conversations and tables of the past where events need them."""

from __future__ import annotations

import os
from contextlib import ExitStack

import click
import msgspec

from greenflash_kafka.app.schema_sources import schemas_of_run
from greenflash_kafka.app.settings import client_settings, longest_delay, snapshot
from greenflash_kafka.backfill.ordered_outcomes import WAITING_SECONDS, OrderedOutcomes
from greenflash_kafka.cli.backfill_settings import BackfillSettings
from greenflash_kafka.cli.heard_conversations import past_conversations
from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory
from greenflash_kafka.cli.past_links import linked_past
from greenflash_kafka.cli.past_tables import with_past_tables
from greenflash_kafka.config.model import Config
from greenflash_kafka.errors import TopicMissing
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.instrumentation.logs import kafka_logger
from greenflash_kafka.ports import Clock, Listener
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.client_errors import settings_refused


class PastEvaluation(msgspec.Struct, frozen=True):
    """`unlinked`: events go out without a conversation where none can be looked up."""

    outcomes: OrderedOutcomes
    unlinked: bool


def past_evaluation(
    settings: BackfillSettings,
    flags: HistoryFlags,
    rules: Ruleset,
    config: Config,
    source: OpenHistory,
    clock: Clock,
    listener: Listener,
    stack: ExitStack,
) -> PastEvaluation:
    """The outcomes of this source's messages; what is opened for them is closed with the stack. Raises TopicMissing,
    BrokerUnreachable and ConfigInvalid."""
    schemas = schemas_of_run(config, os.environ, clock, Quiet())
    if schemas is not None:
        stack.callback(schemas.close)
    evaluates = snapshot(config.rules, rules, source.cluster_id, source.topic_ids, schemas)
    if {*rules.linking_rules, *rules.rules_with_tables}.isdisjoint(settings.rules):
        return PastEvaluation(OrderedOutcomes(Resolver(evaluates).outcome, clock), unlinked=True)
    if flags.recording is not None:
        topics = {each.topic for each in source.ranges}
        evaluates, said = stack.enter_context(with_past_tables(evaluates, flags, topics))
        evaluates, more = stack.enter_context(past_conversations(evaluates, flags, topics))
        for each in (*said, *more):
            click.echo(each, err=True)
        return PastEvaluation(OrderedOutcomes(Resolver(evaluates).outcome, clock), unlinked=True)
    return _of_kafka(evaluates, settings, flags, config, clock, listener, stack)


def _of_kafka(
    rules: Snapshot,
    settings: BackfillSettings,
    flags: HistoryFlags,
    config: Config,
    clock: Clock,
    listener: Listener,
    stack: ExitStack,
) -> PastEvaluation:
    client, ruleset = client_settings(config.kafka, os.environ), rules.ruleset
    with settings_refused(client):
        cluster = AdminQueries(properties.admin(client), logger=kafka_logger())
    for topic, why in cluster.missing([*ruleset.conversation_topics, *ruleset.table_topics]).items():
        raise TopicMissing(f"the topic {topic!r}, where these rules look conversations or tables up, {why}")
    linked, reader = linked_past(rules, client, cluster, clock, listener)
    if reader is not None:
        stack.callback(reader.close)
        if flags.since is not None:
            # Whatever the first message is, others of the window are as old.
            reader.progress(flags.since, flags.since)
    outcomes = OrderedOutcomes(
        Resolver(linked).outcome_when_read, clock, reader, WAITING_SECONDS + longest_delay(ruleset)
    )
    # Where there is nothing to search in, nothing can be known better later.
    return PastEvaluation(outcomes, settings.unlinked or not ruleset.sources)
