"""Shapes of ids show none of them."""

from __future__ import annotations

import pytest

from greenflash_kafka.link_study.id_shapes import mask, shapes


@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ({"cus_Qx12", "cus_Qy13"}, "8 characters, letters and digits, like `aaa_Aa99`"),
        ({"4711", "12"}, "2 to 4 characters, digits, like `99`"),
        ({"a@b.c"}, "5 characters, e-mail addresses, like `a@a.a`"),
        ({" u"}, "2 characters, with spaces around them, like ` a`"),
        ({"00000000-0000-4000-8000-000000000000"}, "36 characters, UUIDs, like `99999999-9999-9999-9999-`..."),
    ],
)
def test_lengths_and_kinds_are_said(ids: set[str], said: str) -> None:
    assert shapes(ids) == said


def test_no_id_is_shown() -> None:
    said = shapes({"Jürgen.7@example.org", "secret-id-1234567890-and-more", "c0ffee00-1"})
    assert not [each for each in ("rgen", "example", "secret", "1234", "c0ffee") if each in said], said


def test_a_mask_is_short_and_keeps_kinds_alone() -> None:
    assert mask("Ab1-é" + "x" * 30) == "`Aa9-a" + "a" * 19 + "`..."
