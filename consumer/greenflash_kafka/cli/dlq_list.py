"""`greenflash-kafka dlq list`: the dead letters of the topic, grouped by reason, rule and topic."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

import click
import msgspec

from greenflash_kafka.cli.dead_letter_topic import opened, options
from greenflash_kafka.cli.dlq_groups import DeadLetterGroups
from greenflash_kafka.dlq.progress import Progress
from greenflash_kafka.errors import BrokerUnreachable
from greenflash_kafka.redaction import visible_lines


@click.command("list")
@options
@click.option("--code", help="Only this reason (`bad-money`, `status-422`).")
@click.option("--rule", help="Only dead letters with a failed event of this rule.")
@click.option("--topic", help="Only messages of this topic.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%SZ"]), metavar="TIME",
              help="Only dead letters written at or after this time (UTC).")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    file: Path | None,
    dead_letter_topic: str | None,
    code: str | None,
    rule: str | None,
    topic: str | None,
    since: datetime | None,
    as_json: bool,
) -> int:
    """Group the dead letters that there are now by reason, rule and topic. Joins no group and commits nothing.

    A message that was written twice (by a crash between write and commit) counts as two records and one message.
    What `dlq replay` has sent stays in the topic, and is counted as replayed.
    """
    groups = DeadLetterGroups(code, rule, topic, since)
    with opened(file, dead_letter_topic) as dead_letters:
        replays: dict[int, Progress] = {}
        with suppress(BrokerUnreachable):
            # Who may not read the replay's group may look at the letters all the same.
            replays = dead_letters.reader.progress(list(dead_letters.ends))
        dead_letters.reader.begin(dead_letters.starts, dead_letters.ends)
        for record in dead_letters.reader.all():
            replay = replays.get(record.partition)
            groups.add(record, replay is not None and replay.is_settled(record.offset))
    if as_json:
        click.echo(visible_lines(msgspec.json.format(msgspec.json.encode(groups.as_data()), indent=2).decode()))
        return 0
    click.echo(groups.as_text())
    return 0
