"""A process without other workers beside it."""

from __future__ import annotations


class Alone:
    """`ports.Peers` where there are none."""

    def waiting(self, seconds: float, code: str) -> None:
        """Nobody to tell."""

    def paused(self, code: str, text: str) -> None:
        """Nobody to tell."""

    def resumed(self) -> None:
        """Nobody to tell."""
