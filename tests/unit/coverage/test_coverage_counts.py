"""Counts of two parts make the counts of the whole, however it is split."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.coverage.coverage_counter import CoverageCounter
from greenflash_kafka.coverage.coverage_counts import CoverageCounts
from greenflash_kafka.model.message import Message
from greenflash_kafka.snapshot import Snapshot
from tests.unit.coverage.shop import messages, snapshot_of

VALUES = st.sampled_from(["paid", "left", "seen", "keep", "moved", 1, True, None, "done", 0, 5, ["x"]])
PAYLOADS = st.one_of(
    st.dictionaries(st.sampled_from(["type", "live", "status", "amount", "user", "id", "plan"]), VALUES),
    st.sampled_from([b"no json", None, 5]),
)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot_of(tmp_path_factory.mktemp("rules"))


def counted(snapshot: Snapshot, read: list[Message]) -> CoverageCounts:
    counter = CoverageCounter(snapshot)
    counter.add(read)
    return counter.counts


@settings(max_examples=25, deadline=None)
@given(payloads=st.lists(PAYLOADS, max_size=12), pick=st.lists(st.booleans(), min_size=12, max_size=12))
def test_two_parts_make_the_whole(snapshot: Snapshot, payloads: list[object], pick: list[bool]) -> None:
    read = messages(payloads)
    parts = [[each for each, of in zip(read, pick, strict=False) if of is side] for side in (True, False)]
    whole = counted(snapshot, read)
    for first, second in (parts, reversed(parts)):
        merged = counted(snapshot, first)
        merged.add(counted(snapshot, second))
        assert msgspec.to_builtins(merged, str_keys=False) == msgspec.to_builtins(whole, str_keys=False)
