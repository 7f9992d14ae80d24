"""`greenflash-kafka conversations pull`: the bridge from `GET /interactions` into a topic."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any, Final

import click

from greenflash_kafka.cli.history_flags import PastTime

_LENGTH: Final = re.compile(r"([0-9]{1,6})([smh])")
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}


class TimeLength(click.ParamType[float]):
    """A length of time (`30s`, `5m`, `1h`), in seconds; at least one second."""

    name = "length"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """See click. `param` and `ctx` name the flag in what is said of a value that is no length of time."""
        found = _LENGTH.fullmatch(value) if isinstance(value, str) else None
        if found is None or not int(found[1]):
            self.fail(f"{value!r} is no length of time such as 30s, 5m or 1h", param, ctx)
        return float(int(found[1]) * _SECONDS[found[2]])


@click.command("pull")
@click.option("--topic", required=True, metavar="NAME", help="The topic to write to; it must exist.")
@click.option("--every", type=TimeLength(), default="30s", show_default=True, metavar="LENGTH",
              help="How often to look for what is new: 30s, 5m.")  # fmt: skip
@click.option("--since", type=PastTime(), metavar="TIME",
              help="Only interactions created since: 90d, 2026-11-18 [default: all].")  # fmt: skip
@click.option("--rate", type=click.FloatRange(0.001, 1000), default=1.0, show_default=True, metavar="N",
              help="At most so many requests a second.")  # fmt: skip
@click.option("--once", is_flag=True, help="End when all pages were read once.")
@click.option("--config", "file", metavar="FILE", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="The config file (YAML) [default: greenflash-kafka.yaml, if it is here].")  # fmt: skip
def command(topic: str, every: float, since: int | None, rate: float, once: bool, file: Path | None) -> int:
    """Write every interaction that Greenflash has into a topic: key = its id, value = the item of `GET /interactions`;
    again when it has changed. The shipped preset `greenflash-interactions` reads that topic, and rules link to it.

    What was written is known from the topic itself, so that nothing is kept anywhere else: start it anew at any time,
    on any machine. Every interaction is written at least once. Run one of it: two write everything twice. SIGTERM and
    Ctrl-C end it.

    \b
    Examples:
      greenflash-kafka conversations pull --topic greenflash.interactions
      greenflash-kafka conversations pull --topic greenflash.interactions --every 1m --rate 0.5 --since 90d
    """
    from greenflash_kafka.cli import conversation_pulling

    flags = conversation_pulling.PullFlags(
        topic=topic, every=every, since=None if since is None else since / 1000, rate=rate, once=once
    )
    return conversation_pulling.pull_into_topic(file, os.environ, flags)
