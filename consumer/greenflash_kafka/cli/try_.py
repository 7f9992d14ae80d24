"""`greenflash-kafka try`: the outcome of one message, and the reasons for it."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import IO

import click

from greenflash_kafka.cli.mapping_paths import mapping_paths
from greenflash_kafka.clock import SystemClock


@click.command("try")
@click.argument("message", metavar="[MESSAGE.json|-]", type=click.File("rb"), default="-")
@click.option(
    "--rules",
    "rules",
    metavar="PATH",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Mapping file or folder; may be given several times [default: mappings].",
)
@click.option(
    "--topic", help="Topic of the message; not needed of samples/TOPIC/x.json, or when the same rules read all topics."
)
@click.option("--key", help="Key of the message, as text.")
@click.option("--header", "headers", metavar="NAME=VALUE", multiple=True, help="Header; may be given several times.")
@click.option(
    "--timestamp",
    metavar="TIME",
    help="Timestamp of the record, ISO 8601 (UTC without a zone), or none; the event's own time if not said, else now.",
)
@click.option(
    "--conversations",
    metavar="FILE",
    multiple=True,
    help="Messages of conversation topics, one JSON a line: what links can find. May be given several times.",
)
@click.option(
    "--tables",
    metavar="FILE",
    multiple=True,
    help="Messages of the topics of tables, one JSON a line: what is looked up. May be given several times.",
)
@click.option(
    "--schema",
    metavar="FILE|SUBJECT",
    help="Schema by which the message is encoded first, if it is JSON, or read, if it names one by an id: "
    "a file (.avsc, .proto, .json), or a subject of the folder schemas. Without it "
    "the schema of its topic is taken, where one is known.",
)
@click.option("--tombstone", is_flag=True, help="The message has no value at all; MESSAGE is not read.")
@click.option("--registry", is_flag=True, help="Ask the schema registry that the config file names.")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The config file (YAML), for --registry [default: greenflash-kafka.yaml, if it is here].",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--case",
    "case",
    metavar="[FILE]",
    is_flag=False,
    flag_value="-",
    help="Add a case that passes to FILE (x_test.yaml), which is made if there is none. Without FILE: print it.",
)
def command(
    message: IO[bytes],
    rules: tuple[Path, ...],
    topic: str | None,
    key: str | None,
    headers: tuple[str, ...],
    timestamp: str | None,
    conversations: tuple[str, ...],
    tables: tuple[str, ...],
    schema: str | None,
    tombstone: bool,
    registry: bool,
    file: Path | None,
    as_json: bool,
    case: str | None,
) -> int:
    """Show what would become of a message. MESSAGE holds its value, usually JSON; `-` (or nothing) is standard input.

    Nothing is sent. The outcome is mapped (events would be sent), filtered (no rule matches) or invalid (it would
    go to the dead-letter topic, its good events would be sent). Below it stands for each rule which line failed, what
    was expected and what the message has. Exits with 1 when the outcome is invalid (with --case only when there is no
    case), and when the rules have errors.

    Without --timestamp the record has the event's own time (`event_at`, at most now), else now; in production each
    record has one, and what lies more than a day after it is refused as a date in the future.

    Each line of --conversations and --tables is a payload, or {"topic": ..., "timestamp": ..., "payload": ...}, or what
    `kcat -J` writes; TOPIC=FILE says the topic of payloads; FILE may be a recording of `record`. They go through the
    mapping files, and the links of the message's events are shown with every conversation that was looked at, and why
    it was chosen or wasn't; and each look-up in a table from a topic with its row as of the message.

    \b
    Examples:
      greenflash-kafka try message.json
      greenflash-kafka try --rules mappings/billing message.json
      kcat -C -c 1 -t billing.stripe.events | greenflash-kafka try --rules mappings --topic billing.stripe.events
      greenflash-kafka try --rules mappings/shop.yaml message.json --json | jq .outcome
      greenflash-kafka try --rules mappings/shop.yaml --schema orders-value message.json
      greenflash-kafka try --rules mappings/shop.yaml samples/message.json --case mappings/shop_test.yaml
      greenflash-kafka try --rules mappings --topic shop.orders --timestamp 2026-11-18T11:06:41Z
        --conversations chat.ndjson message.json
    """
    from greenflash_kafka.cases import case_schemas
    from greenflash_kafka.cli import given_rows, try_case, try_conversations, try_message, try_tables
    from greenflash_kafka.decoding.framing import prefixed_id

    case, message = try_case.file_and_message(case, message)
    ruleset = try_message.load_rules(mapping_paths(rules), os.environ)
    if ruleset is None:
        return 1
    content = None if tombstone else message.read()
    topic = topic or try_message.topic_of_sample(try_case.file_of(message), ruleset)
    given = try_message.record(content, try_message.topic_for(topic, ruleset), key, headers, timestamp)
    if registry and schema is not None:
        raise click.UsageError("--schema is for messages without a registry: leave --registry out")
    files = [Path(each) for each in ruleset.files]
    if registry:
        from greenflash_kafka.cli import try_registry  # files alone need no client
    schemas = (
        try_registry.schemas(file, os.environ, files)
        if registry
        else case_schemas.schemas_beside(files, needed=schema is not None or prefixed_id(content or b"") > 0)
    )
    snapshot = try_message.snapshot(ruleset, os.environ, for_case=case is not None, schemas=schemas)
    record = sent = try_message.as_its_topic_has_it(given, snapshot, schema)
    source: try_message.TimeSource = "option"
    if timestamp is None:
        record, source = try_message.with_time(sent, snapshot, SystemClock())
    heard = None
    if conversations:
        heard = try_conversations.heard(conversations, lambda: try_message.conversation_topic(ruleset), snapshot)
    with given_rows.given_rows(tables, snapshot) as (knowing, said):
        tried = try_message.Trial(record, knowing, heard, source, said)
    if case is not None:
        if tried.has_rows:
            click.echo(try_tables.NOT_IN_CASES, err=True)
        read = None if case == try_case.PRINT or tombstone else try_case.file_of(message)
        return try_case.write_case(case, try_case.taken(given, read, tried.told), snapshot, os.environ)
    if as_json:
        click.echo(tried.as_json())
    else:
        click.echo(tried.as_text(color=sys.stdout.isatty()))
    return 1 if tried.status == "invalid" else 0
