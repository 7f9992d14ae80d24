"""The table of codes is closed."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.documents.codes import CODES


def test_codes_tell_what_they_mean_and_how_to_fix_it() -> None:
    for code, known in CODES.items():
        assert code == code.lower()
        assert known.meaning.endswith(".")
        assert known.fix.endswith(".")


def test_every_code_in_use_is_in_the_table() -> None:
    import re

    root = Path(__file__).parents[3] / "consumer" / "greenflash_kafka"
    used = set()
    for file in root.rglob("*.py"):
        used |= set(re.findall(r'(?:report\.add|_say|say)\([^"]*?, "([a-z]+(?:-[a-z]+)*)",', file.read_text()))
    assert len(used) > 20
    assert used <= CODES.keys()
