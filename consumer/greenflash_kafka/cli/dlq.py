"""`greenflash-kafka dlq`: shows dead letters, and sends them again once the cause is fixed."""

from __future__ import annotations

from typing import Final

import click

from greenflash_kafka.cli.lazy_verbs import LazyVerbs

VERBS: Final = {
    "list": "Which dead letters there are, grouped by reason, rule and topic.",
    "show": "Everything about one of them.",
    "replay": "Try them again under today's rules.",
}
"""Each is one module beside this one, named dlq_<verb>."""


@click.group("dlq", cls=LazyVerbs, verbs=VERBS, modules="greenflash_kafka.cli.dlq_")
def command() -> None:
    """Show the dead-letter topic, and send dead letters again once the cause is fixed.

    \b
    Examples:
      greenflash-kafka dlq list
      greenflash-kafka dlq show orders/3/1187
      greenflash-kafka dlq replay
      greenflash-kafka dlq replay --send
    """
