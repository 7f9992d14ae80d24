"""Slips of the pen."""

from __future__ import annotations

import pytest

from greenflash_kafka.explanations.slips import is_slip


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("emial", "email"),
        ("adress", "address"),
        ("typ", "type"),
        ("order.payed", "order.paid"),
        ("custmer_id", "customer_id"),
        ("amounts", "amount"),
    ],
)
def test_a_slip(written: str, found: str) -> None:
    assert is_slip(written, found)


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("line1", "line2"),
        ("trial_start", "trial_end"),
        ("order.created", "order.updated"),
        ("billing_address", "shipping_address"),
        ("id", "it"),
        ("name", "game"),
        ("a", "a"),
        ("pro", "promo"),
    ],
)
def test_another_word(written: str, found: str) -> None:
    assert not is_slip(written, found)
