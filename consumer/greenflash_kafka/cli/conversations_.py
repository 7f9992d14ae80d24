"""`greenflash-kafka conversations`: conversations that only Greenflash has."""

from __future__ import annotations

from typing import Final

import click

from greenflash_kafka.cli.lazy_verbs import LazyVerbs

VERBS: Final = {
    "pull": "Write what GET /interactions lists into a topic, and what changes, without end.",
}
"""Each is one module beside this one, named conversations_<verb>."""


@click.group("conversations", cls=LazyVerbs, verbs=VERBS, modules="greenflash_kafka.cli.conversations_")
def command() -> None:
    """Bring Greenflash's conversations into Kafka, for companies that log them by the SDK alone.

    \b
    Examples:
      greenflash-kafka conversations pull --topic greenflash.interactions
    """
