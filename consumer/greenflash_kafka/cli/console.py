"""Final output of a long run: a full disk or a blocked reader must not change the result of the run."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from typing import Final

import click

SECONDS: Final = 2.0
"""How long standard error may take over a line, before the process ends without it."""


def say(text: str) -> None:
    """Write a line to standard error, or give up: nobody can be told elsewhere."""

    def write() -> None:
        with suppress(OSError, ValueError):
            click.echo(text, err=True)

    # A pipe whose reader stands still takes nothing, for ever, and Python has no deadline for a write.
    writer = threading.Thread(target=write, name="last-words", daemon=True)
    writer.start()
    writer.join(SECONDS)


def write(text: str) -> bool:
    """Write a line to standard output; False when it has no room, which is then said. Raises BrokenPipeError."""
    try:
        click.echo(text)
        return True
    except BrokenPipeError:
        raise
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "closed"
        say(
            f"greenflash-kafka: standard output can't be written ({reason}); "
            "what was delivered is committed all the same"
        )
        # Python flushes it once more at exit, and would complain about the same disk.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return False


def open_what_is_closed() -> None:
    """Give closed standard streams to /dev/null: else the next socket takes their number, and gets our last words."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
    if sys.stdout is None:
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - for as long as the process lives
    if sys.stderr is None:
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
