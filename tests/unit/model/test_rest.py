"""When a run of several processes may end."""

from __future__ import annotations

import pytest

from consumer.model.rest import Rest, all_over

BUSY, SETTLED, IDLE = Rest(), Rest(settled=True), Rest(settled=True, idle=True)
STUCK, BARE = Rest(stuck=("orders/0 is halted",)), Rest(bare=True)


@pytest.mark.parametrize(
    ("every", "over"),
    [
        ([IDLE, IDLE], True),
        ([IDLE, SETTLED], False),
        ([IDLE, BUSY], False),
        ([SETTLED, SETTLED], False),
        ([IDLE, BARE, BARE], True),
        ([BARE, BARE], False),
        ([STUCK, SETTLED], True),
        ([STUCK, BARE, STUCK], True),
        ([STUCK, BUSY], False),
        ([], False),
    ],
)
def test_it_ends_when_nothing_is_left_or_somebody_has_to_be_asked(every: list[Rest], over: bool) -> None:
    assert all_over(every) is over
