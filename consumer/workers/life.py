"""One life of a worker: its process, its line to us, and what it writes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress

from consumer.workers.channel import Channel
from consumer.workers.command import Place
from consumer.workers.lines import Lines
from consumer.workers.protocol import Beat, Bye, FromWorker


class Life:
    """From start to end. `began` and `heard` are the supervisor's monotonic seconds."""

    def __init__(
        self,
        number: int,
        of: int,
        command: Callable[[Place], Sequence[str]],
        now: float,
        logged: Callable[[str], None],
        said: Callable[[str], None],
    ) -> None:
        """Start it. `logged` gets its log lines, `said` whatever else it writes. Raises OSError if it can't be."""
        self.number = number
        self.began = now
        self.heard: float | None = None
        self.beat = Beat()
        """The last that it told of itself."""
        self.bye: Bye | None = None
        self.bye_at = 0.0
        self.killed = ""
        """Why we killed it, if we did."""
        ours, theirs = socket.socketpair()
        log, log_end = os.pipe()
        out, out_end = os.pipe()
        self.channel: Channel[FromWorker] = Channel(ours, FromWorker)
        self.pipes = [Lines(log, logged), Lines(out, said)]
        try:
            self.process = subprocess.Popen(
                command(Place(number, of, theirs.fileno(), log_end)),
                stdin=subprocess.DEVNULL,
                stdout=out_end,
                stderr=out_end,
                pass_fds=(theirs.fileno(), log_end),
                # A terminal's Ctrl-C is for the supervisor, which passes it on.
                process_group=0,
            )
        except OSError:
            self.close()
            raise
        finally:
            theirs.close()
            os.close(log_end)
            os.close(out_end)

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self.process.poll() is not None

    @property
    def code(self) -> int:
        """How it ended, once it has: its exit code, below 0 the signal that killed it."""
        return self.process.returncode if self.bye is None else self.bye.code

    def forgive(self, seconds: float) -> None:
        """So long nobody could be heard, through no fault of its own."""
        self.began += seconds
        self.bye_at += seconds
        if self.heard is not None:
            self.heard += seconds

    def stop(self) -> None:
        """Ask it to finish what is under way, and to end."""
        with suppress(OSError):
            self.process.send_signal(signal.SIGTERM)

    def kill(self, why: str) -> None:
        """kill -9: as safe as any crash."""
        self.killed = self.killed or why
        with suppress(OSError):
            self.process.kill()

    def wait(self, seconds: float) -> None:
        """Wait at most so long for it to be gone."""
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def why(self) -> str:
        """How it ended, in words; empty when it says that all is well."""
        code = self.code
        if self.bye is not None:
            return self.bye.text
        if self.killed:
            return self.killed
        if code < 0:
            return f"killed by signal {-code} ({_signal_name(-code)})"
        return f"exit code {code}" if code else ""

    def close(self) -> None:
        """Take in what it left behind, and close everything of it."""
        for each in self.pipes:
            each.close()
        self.channel.close()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return "unknown"
