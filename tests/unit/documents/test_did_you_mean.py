"""The known word that an unknown one probably stands for."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.did_you_mean import closest_word, did_you_mean


@pytest.mark.parametrize(
    ("word", "meant"), [("topcis", "topics"), ("TOPICS", "topics"), ("formt", "format"), ("zzz", None)]
)
def test_a_misspelled_word_is_recognised(word: str, meant: str | None) -> None:
    assert closest_word(word, ["topics", "format"]) == meant
    assert did_you_mean(word, ["topics", "format"]) == (f"did you mean {meant}?" if meant else "")


def test_a_word_is_close_whatever_its_capitals() -> None:
    assert closest_word("Topik", ["topic", "offset"]) == "topic"
    assert closest_word("Topik", ["topic"], 0.95) is None
