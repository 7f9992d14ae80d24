"""`greenflash-kafka dlq`: shows dead letters, and sends them again once the cause is fixed."""

from __future__ import annotations

import importlib
from typing import Final

import click

VERBS: Final = {
    "list": "Which dead letters there are, grouped by reason, rule and topic.",
    "show": "Everything about one of them.",
    "replay": "Try them again under today's rules.",
}
"""Each is one module beside this one, named dlq_<verb>."""


class _Verbs(click.Group):
    """Imports a verb only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        if cmd_name not in VERBS:
            return None
        command: click.Command = importlib.import_module(f"greenflash_kafka.cli.dlq_{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group("dlq", cls=_Verbs)
def command() -> None:
    """Show the dead-letter topic, and send dead letters again once the cause is fixed.

    \b
    Examples:
      greenflash-kafka dlq list
      greenflash-kafka dlq show orders/3/1187
      greenflash-kafka dlq replay
      greenflash-kafka dlq replay --send
    """
