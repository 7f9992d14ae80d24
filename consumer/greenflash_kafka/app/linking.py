"""Linking in one process: the table of conversations, the reader that fills it, and what evaluation searches in."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.evaluate import activities, table_rows
from greenflash_kafka.linking.conversations_and_tables import ConversationsAndTables
from greenflash_kafka.linking.frontier import MARGIN_MS
from greenflash_kafka.linking.logged import LoggedConversations
from greenflash_kafka.linking.logged_tables import LoggedTables
from greenflash_kafka.linking.reader_settings import ReaderSettings
from greenflash_kafka.linking.row_table import RowTable
from greenflash_kafka.linking.table import ActivityTable, TableFailed
from greenflash_kafka.linking.table_file import claim, default_directory, temporary
from greenflash_kafka.linking.table_reader import TableReader
from greenflash_kafka.linking.topic_reader import ConversationTopicReader
from greenflash_kafka.linking.two_readers import TwoReaders
from greenflash_kafka.ports import Clock, ConversationLog, ConversationReader, Listener
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source import properties
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.compaction import Compaction
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
    what: str = "conversations",
) -> KafkaConversationLog:
    """The reader's client."""
    return KafkaConversationLog(properties.reader(client), subscription, cluster, listener, logger, what)


def link_all(
    rules: Snapshot,
    chats: Subscription | None,
    tables: Subscription | None,
    client: ClientSettings,
    group: str,
    cluster: AdminQueries,
    clock: Clock,
    listener: Listener,
    logger: logging.Logger,
    settings: LinkingSettings,
) -> tuple[Snapshot, ConversationReader | None, dict[str, KafkaConversationLog]]:
    """The same rules with the conversations and the tables from topics that they ask for, the reader of these, and its
    clients, by what each is for; the rules as they are, and no reader, if they ask for none. Raises ConfigInvalid if
    there is no place for a table."""
    logs: dict[str, KafkaConversationLog] = {}
    reader: ConversationReader | None = None
    if chats is not None:
        logs["that reads conversations"] = log = conversation_log(client, chats, cluster, listener, logger)
        rules, reader = link(rules, log, group, clock, listener, settings)
    if tables is not None:
        logs["that reads tables"] = log = conversation_log(client, tables, cluster, listener, logger, "tables")
        rules, other = tabulate(rules, log, group, clock, listener, settings, Compaction(cluster).of)
        reader = other if reader is None else TwoReaders(reader, other)
    return rules, reader, logs


def link(
    rules: Snapshot, log: ConversationLog, group: str, clock: Clock, listener: Listener, settings: LinkingSettings
) -> tuple[Snapshot, ConversationReader]:
    """The same rules with conversations to search in, and the reader of these. Raises ConfigInvalid if there is no
    place for the table."""
    ruleset, context = rules.ruleset, rules.context
    declaration = f"{ruleset.conversations_version} {context.max_items}"
    table, released = _opened(ActivityTable, rules, group, declaration, settings)
    return connect(rules, log, table, clock, listener, settings.give_up_after, released=released)


def tabulate(
    rules: Snapshot,
    log: ConversationLog,
    group: str,
    clock: Clock,
    listener: Listener,
    settings: LinkingSettings,
    forgets: Callable[[str], bool | None],
) -> tuple[Snapshot, ConversationReader]:
    """The same rules with tables from topics to look up in, and the reader of these: they have a file of their own,
    since they are read from the beginning whatever links ask for. `forgets` as for `RowIntake`. Raises ConfigInvalid if
    there is no place for the file."""
    # Another name than that of the conversations' file.
    table, released = _opened(RowTable, rules, f"{group}\0tables", rules.ruleset.tables_version, settings)
    return connect_tables(rules, log, table, clock, listener, forgets, settings.give_up_after, released=released)


Opened = TypeVar("Opened", ActivityTable, RowTable)


def _opened(
    kind: type[Opened], rules: Snapshot, name: str, declaration: str, settings: LinkingSettings
) -> tuple[Opened, Callable[[], None]]:
    context, folder = rules.context, settings.directory
    file = temporary() if folder is None else claim(folder, context.cluster_id, name)
    try:
        return kind(file.path, declaration, context.hash_key), file.release
    except TableFailed as error:
        file.release()
        raise ConfigInvalid(f"the table of {kind.keeps}, {file.path}, can't be used: {error}") from error


def connect_tables(
    rules: Snapshot,
    log: ConversationLog,
    table: RowTable,
    clock: Clock,
    listener: Listener,
    forgets: Callable[[str], bool | None],
    give_up_after: float | None = None,
    margin: int = MARGIN_MS,
    released: Callable[[], None] = lambda: None,
) -> tuple[Snapshot, ConversationReader]:
    """As `connect`, for tables from topics; what the rules know of conversations stays."""
    ruleset = rules.ruleset
    tables = LoggedTables(ruleset.tables, table, clock, give_up_after=give_up_after, margin=margin)
    reader = TableReader(
        log,
        table,
        tables,
        ruleset.tables,
        ruleset.tables_in,
        lambda message: table_rows(message, rules),
        clock,
        listener,
        ReaderSettings(0, margin, late=0, whole=True),
        forgets,
        released,
    )
    known = ConversationsAndTables(rules.context.conversations, tables)
    return rules.with_context(msgspec.structs.replace(rules.context, conversations=known, tables=tables)), reader


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
