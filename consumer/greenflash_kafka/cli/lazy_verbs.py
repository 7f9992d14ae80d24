"""Verbs that are imported when they are asked for: `--help` must not wait for the SDK or the Kafka client."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from keyword import iskeyword
from typing import Any, Final

import click

from greenflash_kafka.documents.did_you_mean import closest_word

_TAKEN: Final = frozenset({"conversations"})
"""Verbs whose name a module of another room has: no two files have one name."""


class LazyVerbs(click.Group):
    """A group whose `verbs`, by name what each does, are modules: their names begin with `modules` and end with the
    verb's (`try` is `try_`, and so `conversations`), and each has a click command named `command`."""

    def __init__(self, *, verbs: Mapping[str, str], modules: str, **settings: Any) -> None:
        super().__init__(**settings)
        self._verbs = verbs
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every verb, in the order in which a newcomer meets them."""
        del ctx
        return list(self._verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's command, or None for a word that is no verb (click then says so)."""
        del ctx
        if cmd_name not in self._verbs:
            return None
        module = importlib.import_module(
            self._modules + cmd_name + ("_" if iskeyword(cmd_name) or cmd_name in _TAKEN else "")
        )
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, without importing them."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(self._verbs.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with the nearest right word."""
        if args and not args[0].startswith("-") and args[0] not in self._verbs:
            near = closest_word(args[0], self._verbs)
            raise click.UsageError(
                f"there is no command {args[0]!r}." + (f" Did you mean {near!r}?" if near else ""), ctx
            )
        return super().resolve_command(ctx, args)
