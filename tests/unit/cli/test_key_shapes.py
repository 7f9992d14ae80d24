"""Ids of two sides are compared, and how they differ is said without showing one."""

from __future__ import annotations

import pytest

from greenflash_kafka.cli.key_shapes import differences, mask, matching


def test_same_ids_are_counted() -> None:
    assert matching({"u-1", "u-2", "u-3"}, {"u-2", "u-3", "u-4"}) == 2


@pytest.mark.parametrize(
    ("outcomes", "conversations", "said"),
    [
        ({"U-1", "U-2"}, {"u-1", "u-2"}, "2 of 2 would match if upper and lower case are the same"),
        ({" u-1"}, {"u-1"}, "1 of 1 would match if spaces around them are taken away"),
        ({"cus_17"}, {"17"}, "1 of 1 would match if a prefix like `cus_` or `user:` is taken away"),
        ({"0017"}, {"17"}, "1 of 1 would match if leading zeros are taken away"),
        (
            {"cus_Qx12", "cus_Qy13"},
            {"4711"},
            "ids of outcomes: 8 characters, letters and digits, like `aaa_Aa99`; ids of conversations: 4 characters, "
            "digits, like `9999`",
        ),
        ({"a@b.c"}, {"x"}, "ids of outcomes: 5 characters, e-mail addresses, like `a@a.a`"),
    ],
)
def test_how_they_differ_is_said(outcomes: set[str], conversations: set[str], said: str) -> None:
    assert any(said in each for each in differences(outcomes, conversations)), differences(outcomes, conversations)


def test_no_id_is_shown() -> None:
    outcomes, conversations = {"Jürgen.7@example.org", "secret-id-1234567890-and-more"}, {"c0ffee00-1"}
    said = " ".join(differences(outcomes, conversations))
    assert not [each for each in ("rgen", "example", "secret", "1234", "c0ffee") if each in said], said


def test_a_mask_is_short_and_keeps_kinds_alone() -> None:
    assert mask("Ab1-é" + "x" * 30) == "`Aa9-a" + "a" * 19 + "`..."
