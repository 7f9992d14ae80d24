"""`run` in a process of its own: its summary and its exit code."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from greenflash_kafka.app import App, Stop
from greenflash_kafka.cli.output import say, write
from greenflash_kafka.config.model import Config
from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.model.summary import Summary


def run_to_the_end(config: Config, environ: Mapping[str, str]) -> int:
    """Run until a signal, until idle, or until it can't go on; the exit code. Raises what `App` raises."""
    stop = Stop()
    stop.install(service=True)
    app = App(config, environ, sys.stdout, sys.stderr)
    summary = app.run(stop)
    written = _tell(summary, config.run.summary)
    try:
        app.check(summary)
    except GreenflashKafkaError as error:
        if app.silent_broker or app.silent_reader:
            say(str(error))
        app.leave(error.exit_code)
        raise
    app.leave(0 if written else 1)
    return 0 if written else 1


def _tell(summary: Summary, form: str) -> bool:
    """The last line; False when standard output has no room for it."""
    if form == "json":
        return write(summary.to_json())
    say(_in_words(summary))
    return True


def _in_words(summary: Summary) -> str:
    messages = f"{summary.consumed} messages: {summary.mapped} mapped, {summary.filtered} filtered, "
    if summary.dry_run:
        return (
            f"{messages}{summary.dead_lettered} would become dead letters; {summary.accepted} events would be sent; "
            f"nothing was sent, written or committed; {summary.lag} messages were not read"
        )
    return f"{messages}{summary.dead_lettered} dead letters; {summary.accepted} events accepted; lag {summary.lag}"
