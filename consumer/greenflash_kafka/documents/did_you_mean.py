"""The known word that an unknown one probably stands for."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest_word(word: str, known: Iterable[str], closeness: float = 0.6) -> str | None:
    """The known word that was probably meant: letters swapped, left out or doubled, other case.

    None if none is as close (0 to 1).
    """
    words = list(known)
    folded = {w.casefold().replace("-", "_"): w for w in words}
    wanted = word.casefold().replace("-", "_").strip()
    if wanted in folded:
        return folded[wanted]
    close = difflib.get_close_matches(wanted, folded, n=1, cutoff=closeness)
    return folded[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str], closeness: float = 0.6) -> str:
    """A hint for an unknown word: `did you mean x?`, or "" when nothing is near (`closeness` as `closest_word`)."""
    near = closest_word(word, known, closeness)
    return f"did you mean {near}?" if near else ""
