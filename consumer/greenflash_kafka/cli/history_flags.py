"""The flags of all verbs that read messages of the past."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

_AGO: Final = re.compile(r"([0-9]{1,6})([smhdw])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


_WORDS: Final = {"yesterday": "1d", "now": "0s", "last week": "7d"}


class PastTime(click.ParamType[int]):
    """A time that has passed, in milliseconds since 1970: so long ago (`7d`, `36h`), or ISO 8601 (UTC without zone)."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See click. `param` and `ctx` name the flag in what is said of a value that is no time."""
        if isinstance(value, int):
            return value
        ago = _AGO.fullmatch(value)
        if ago is not None:
            return int((datetime.now(UTC).timestamp() - int(ago[1]) * _SECONDS[ago[2]]) * 1000)
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            said = f"{value!r} is neither so long ago (7d, 36h, 90m) nor a time such as 2026-11-18T00:00:00Z"
            word = str(value).strip().lower()
            hint = f"{datetime.now(UTC):%Y-%m-%d}" if word == "today" else _WORDS.get(word)
            self.fail(f"{said}; write {hint}" if hint else said, param, ctx)
        at = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        if param is not None and param.name == "since" and at > datetime.now(UTC):
            self.fail(f"{value} lies in the future (UTC, unless a zone is written): no message is so late", param, ctx)
        return int(at.timestamp() * 1000)


class Workers(click.ParamType[int]):
    """A number of processes; 0 for `auto`."""

    name = "workers"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """See click."""
        if value == "auto" or value == 0:
            return 0
        if not str(value).isascii() or not str(value).isdigit() or int(value) < 1:
            self.fail(f"{value!r} is neither a number of processes from 1 on nor auto", param, ctx)
        return int(value)


def workers(command: Callable[..., Any]) -> Callable[..., Any]:
    """The flag `--workers`; the command takes the number, 0 for as many as help."""
    said = "Processes, or auto: one a core for long history."
    option = click.option("--workers", type=Workers(), default="auto", show_default=True, metavar="N", help=said)
    return option(command)


def mappings(help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The flag `--mappings`, of mapping files and folders; any number of them."""
    said = f"{help} [default: the configuration's, or mappings]."
    return click.option("--mappings", multiple=True, type=click.Path(path_type=Path), metavar="PATH", help=said)


def max_seconds(help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The flag `--max-seconds` of a search; 0 for no end."""
    said = f"{help}; 0: as long as it takes."
    option = click.option
    return option("--max-seconds", type=click.FloatRange(0), default=10.0, show_default=True, metavar="N", help=said)


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The flags; the command takes them as the keyword arguments of `open_history.HistoryFlags`."""
    return options_with("At most the last N messages of each partition.")(command)


def options_with(last: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The same, and `last` says what --last means."""
    return lambda command: _options(command, last)


def _options(command: Callable[..., Any], last: str) -> Callable[..., Any]:
    for option in (
        click.option("--from", "recording", type=click.Path(path_type=Path), metavar="FILE",
                     help="A recording (`record`) in place of Kafka."),
        click.option("--last", type=click.IntRange(1), metavar="N", help=last),
        click.option("--until", type=PastTime(), metavar="TIME", help="Messages before this time."),
        click.option("--since", type=PastTime(), metavar="TIME", help="Messages since this time: 7d, 36h, 2026-11-18."),
        click.option("--config", "file", type=click.Path(path_type=Path), metavar="FILE",
                     help="The config file (YAML) [default: greenflash-kafka.yaml, if it is here]."),
    ):  # fmt: skip
        command = option(command)
    return command
