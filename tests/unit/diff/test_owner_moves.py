from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.diff.owner_moves import OwnerMoves


def _moved(pairs: list[tuple[str | None, str]]) -> OwnerMoves:
    found = OwnerMoves()
    for old, new in pairs:
        found.move(old, new)
    return found


@pytest.mark.parametrize(
    ("pairs", "shared"),
    [
        ([(None, "unknown")] * 3, True),
        ([(None, "unknown")] * 2, False),
        ([("a", "all"), ("b", "all"), ("c", "all")], True),
        ([("a", "b")] * 9, False),
        ([(None, "a"), (None, "b"), (None, "a")], False),
    ],
)
def test_who_has_one_owner_together(pairs: list[tuple[str | None, str]], shared: bool) -> None:
    assert _moved(pairs).shared is shared


@given(st.lists(st.lists(st.tuples(st.sampled_from(["a", "b"]), st.sampled_from(["c", "d"])), max_size=4), max_size=4))
def test_parts_make_the_whole(parts: list[list[tuple[str | None, str]]]) -> None:
    whole = OwnerMoves()
    for part in parts:
        whole.add(_moved(part))
    assert whole.count == sum(map(len, parts))
    assert whole.shared == _moved([pair for part in parts for pair in part]).shared
