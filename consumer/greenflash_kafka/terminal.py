"""Colours for people at a terminal."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final, TextIO

_CODES: Final = {"red": "31", "green": "32", "yellow": "33", "cyan": "36"}

_COLOURS: Final = {
    "ok": "green",
    "passed": "green",
    "info": "green",
    "warning": "yellow",
    "error": "red",
    "failed": "red",
    "advice": "cyan",
    "debug": "cyan",
    "skipped": "cyan",
}


def is_terminal(stream: TextIO) -> bool:
    """Whether somebody reads along."""
    try:
        return stream.isatty()
    except (AttributeError, ValueError):  # no such method; closed
        return False


def takes_colour(stream: TextIO, environ: Mapping[str, str] | None = None) -> bool:
    """Whether to colour what goes to this stream: at a terminal, unless NO_COLOR is set, and wherever FORCE_COLOR is
    (https://no-color.org, https://force-color.org: any text counts, the empty one doesn't)."""
    environ = os.environ if environ is None else environ
    if environ.get("NO_COLOR"):
        return False
    if environ.get("FORCE_COLOR"):
        return True
    return is_terminal(stream) and environ.get("TERM") != "dumb"


def coloured(text: str, kind: str) -> str:
    """The text in the colour of its kind (a level, a severity, a result); as it is, if the kind has none."""
    colour = _COLOURS.get(kind.lower())
    return text if colour is None else f"\x1b[{_CODES[colour]}m{text}\x1b[0m"
