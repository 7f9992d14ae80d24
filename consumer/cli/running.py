"""Production as one process, or as several under a supervisor: what `run` prints, and its exit code."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from consumer import system_limits
from consumer.cli.output import leave, say, write
from consumer.config.model import FLAGS, Config
from consumer.errors import GreenflashKafkaError
from consumer.model.summary import Summary
from consumer.workers.command import OPTION, arguments, interpreter


def alone(config: Config, environ: Mapping[str, str]) -> int:
    """One process, without a supervisor."""
    system_limits.check()
    from consumer.app import App, Stop

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


def supervised(
    config: Config, of: int, environ: Mapping[str, str], file: Path | None, flags: Mapping[str, object]
) -> int:
    """So many workers, started with the flags that this command got; `flags` are by the config key that they set."""
    from consumer.workers.supervisor import Supervisor

    begin = [*interpreter(sys.executable, sys.orig_argv, sys.argv), *_again(file, flags)]
    supervisor = Supervisor(config, of, lambda place: [*begin, f"{OPTION}={place}"], environ, sys.stderr)
    outcome = supervisor.run()
    written = outcome.summary is None or _tell(outcome.summary, config.run.summary)
    code = 0 if written else 1
    if outcome.error is not None:
        if not outcome.silent_reader:
            raise outcome.error
        say(str(outcome.error))
        code = outcome.error.exit_code
    if outcome.silent_reader:
        leave(code)
    return code


def _again(file: Path | None, flags: Mapping[str, object]) -> list[str]:
    """The verb and the flags that we got."""
    given = {FLAGS[key]: value for key, value in flags.items() if key != "run.workers"}
    given["--json"] = given["--json"] is not None
    whole = ["--traceback"] if "--traceback" in sys.argv else []
    return [*whole, "run", *arguments({"--config": file, **given})]


def _tell(summary: Summary, form: str) -> bool:
    """The last line; False when standard output has no room for it."""
    if form == "json":
        return write(summary.to_json())
    say(
        f"{summary.consumed} messages: {summary.mapped} mapped, {summary.filtered} filtered, "
        f"{summary.dead_lettered} dead letters; {summary.accepted} events accepted; lag {summary.lag}",
    )
    return True
