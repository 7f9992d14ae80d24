"""Conversations and tables of the past as `run` reads them, for verbs that send: into a temporary table."""

from __future__ import annotations

from greenflash_kafka.app.linking import LinkingSettings, link_all
from greenflash_kafka.app.settings import conversation_topics, table_topics
from greenflash_kafka.instrumentation.logs import kafka_logger
from greenflash_kafka.ports import Clock, ConversationReader, Listener
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.client_errors import settings_refused
from greenflash_kafka.source.properties import ClientSettings


def linked_past(
    rules: Snapshot, client: ClientSettings, cluster: AdminQueries, clock: Clock, listener: Listener
) -> tuple[Snapshot, ConversationReader | None]:
    """The rules with conversations to search in and tables to look up in, and the reader of both; as they are if no
    rule links or uses a table from a topic. Raises ConfigInvalid if there is no place for the table."""
    # A table of its own: that of a process that runs has other times, and is locked.
    temporary = LinkingSettings(directory=None, give_up_after=None)
    chats, tables = conversation_topics(rules.ruleset), table_topics(rules.ruleset)
    with settings_refused(client):
        linked, reader, _ = link_all(
            rules, chats, tables, client, client.group, cluster, clock, listener, kafka_logger(), temporary
        )
    return linked, reader
