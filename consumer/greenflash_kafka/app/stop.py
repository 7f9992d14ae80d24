"""Signals that ask a run to end, and those that it ignores and reports."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Final

BY_HABIT: Final = (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGALRM)
"""Signals that many services take for "reload" or "reopen the log"; left alone each would end the process at once."""


class Stop:
    """Asks the loop to end. As a signal handler it only sets a flag, since nothing may raise inside `consume()`;
    the first signal restores the default, so that a second one ends the process even inside C."""

    def __init__(self) -> None:
        self.asked = False
        self.starting = False
        """True while nothing has been read, so that nothing is left to be done: a signal ends the process with 0."""
        self.heard: signal.Signals | None = None
        """The last signal that was sent by habit and means nothing here; whoever has told of it takes it away."""

    def install(self, service: bool = False) -> None:
        """Take over SIGTERM and SIGINT; before the first poll, because SIGINT's own handler raises.

        A `service` also hears the signals of habit, and goes on; what somebody waits for ends with its terminal.
        """
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._on_signal)
        for each in BY_HABIT if service else ():
            signal.signal(each, self._on_habit)

    def uninstall(self) -> None:
        """Give the signals back: there is no loop any more that would look at the flag."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        if self.starting:
            os._exit(0)
        self.asked = True
        signal.signal(number, signal.SIG_DFL)

    def _on_habit(self, number: int, _: FrameType | None) -> None:
        self.heard = signal.Signals(number)
