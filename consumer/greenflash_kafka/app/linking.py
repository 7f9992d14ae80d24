"""Linking in one process: the table of conversations, the reader that fills it, and what evaluation searches in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.evaluate import activities
from greenflash_kafka.linking.frontier import MARGIN_MS
from greenflash_kafka.linking.logged import LoggedConversations
from greenflash_kafka.linking.reader_settings import ReaderSettings
from greenflash_kafka.linking.table import ActivityTable, TableFailed
from greenflash_kafka.linking.table_file import claim, default_directory, temporary
from greenflash_kafka.linking.topic_reader import ConversationTopicReader
from greenflash_kafka.ports import Clock, ConversationLog, ConversationReader, Listener
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.conversation_log import KafkaConversationLog
from greenflash_kafka.source.properties import ClientSettings
from greenflash_kafka.source.subscription import Subscription


class LinkingSettings(msgspec.Struct, frozen=True):
    """`directory`: folder of the table, None for a temporary one; `give_up_after`: seconds, None for never."""

    directory: Path | None
    give_up_after: float | None


def linking_settings(
    directory: Path | None, give_up_after: float | None, environ: Mapping[str, str], *, dry_run: bool
) -> LinkingSettings:
    """The settings of the section `linking`. A dry run has a table of its own, which is gone with it."""
    folder = None if dry_run else directory or default_directory(environ)
    return LinkingSettings(folder, give_up_after)


def conversation_log(
    client: ClientSettings,
    subscription: Subscription,
    cluster: AdminQueries,
    listener: Listener,
    logger: logging.Logger,
) -> KafkaConversationLog:
    """The reader's client."""
    return KafkaConversationLog(properties.reader(client), subscription, cluster, listener, logger)


def link(
    rules: Snapshot, log: ConversationLog, group: str, clock: Clock, listener: Listener, settings: LinkingSettings
) -> tuple[Snapshot, ConversationReader]:
    """The same rules with conversations to search in, and the reader of these. Raises ConfigInvalid if there is no
    place for the table."""
    ruleset, context = rules.ruleset, rules.context
    folder = settings.directory
    file = temporary() if folder is None else claim(folder, context.cluster_id, group)
    declaration = f"{ruleset.conversations_version} {context.max_items}"
    try:
        table = ActivityTable(file.path, declaration, context.hash_key)
    except TableFailed as error:
        file.release()
        raise ConfigInvalid(f"the table of conversations, {file.path}, can't be used: {error}") from error
    return connect(rules, log, table, clock, listener, settings.give_up_after, released=file.release)


def connect(
    rules: Snapshot,
    log: ConversationLog,
    table: ActivityTable,
    clock: Clock,
    listener: Listener,
    give_up_after: float | None = None,
    margin: int = MARGIN_MS,
    released: Callable[[], None] = lambda: None,
) -> tuple[Snapshot, ConversationReader]:
    """The same rules with conversations to search in, and the reader that fills this table from the log. `margin`: how
    much clocks may differ, in milliseconds. `released` is called once the reader is closed."""
    ruleset = rules.ruleset
    conversations = LoggedConversations(
        ruleset.sources, table, clock, lookback=ruleset.longest_lookback, give_up_after=give_up_after, margin=margin
    )
    reader = ConversationTopicReader(
        log,
        table,
        conversations,
        ruleset.sources,
        ruleset.sources_in,
        lambda message: activities(message, rules),
        clock,
        listener,
        ReaderSettings(ruleset.longest_lookback, margin),
        released,
    )
    return rules.with_context(msgspec.structs.replace(rules.context, conversations=conversations)), reader
