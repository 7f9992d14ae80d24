"""Counts of parts make the counts of the whole, however it is split, and in whatever order and groups they are added:
what processes count of their shares is what one counts."""

from __future__ import annotations

import pickle
from itertools import pairwise, permutations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.coverage.coverage_counter import CoverageCounter
from greenflash_kafka.coverage.coverage_counts import CoverageCounts
from greenflash_kafka.coverage.coverage_report import made_report
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.snapshot import Snapshot
from tests.unit.coverage.shop import messages, report_of, snapshot_of

VALUES = st.sampled_from(["paid", "left", "seen", "keep", "moved", 1, True, None, "done", 0, 5, ["x"]])
PAYLOADS = st.one_of(
    st.dictionaries(st.sampled_from(["type", "live", "status", "amount", "user", "id", "plan"]), VALUES),
    st.sampled_from([b"no json", None, 5]),
)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    return snapshot_of(tmp_path_factory.mktemp("rules"))


def plain(counts: CoverageCounts) -> object:
    return msgspec.to_builtins(counts, str_keys=False)


def counted(snapshot: Snapshot, read: list[Message]) -> CoverageCounts:
    counter = CoverageCounter(snapshot)
    counter.add(read)
    return counter.counts


@settings(max_examples=25, deadline=None)
@given(payloads=st.lists(PAYLOADS, max_size=12), pick=st.lists(st.integers(0, 2), min_size=12, max_size=12))
def test_parts_make_the_whole_in_any_order_and_grouping(
    snapshot: Snapshot, payloads: list[object], pick: list[int]
) -> None:
    read = messages(payloads)
    parts = [[each for each, of in zip(read, pick, strict=False) if of == part] for part in range(3)]
    whole = plain(counted(snapshot, read))
    for order in permutations(parts):
        one_by_one, first, rest = CoverageCounts(), *(counted(snapshot, part) for part in order[:2])
        for part in order:
            one_by_one.add(counted(snapshot, part))
        rest.add(counted(snapshot, order[2]))
        first.add(rest)
        assert plain(one_by_one) == plain(first) == whole


@settings(max_examples=25, deadline=None)
@given(payloads=st.lists(PAYLOADS, max_size=12), cuts=st.lists(st.integers(0, 12), max_size=4), turn=st.integers(0, 4))
def test_the_report_of_shares_has_the_same_bytes(
    snapshot: Snapshot, payloads: list[object], cuts: list[int], turn: int
) -> None:
    read = messages(payloads)
    whole = report_of(snapshot, read).to_json()
    shares = [counted(snapshot, read[start:end]) for start, end in pairwise(sorted({0, 12, *cuts}))]
    merged = CoverageCounts()
    for share in (*shares[turn:], *shares[:turn]):
        # As they come from another process.
        merged.add(pickle.loads(pickle.dumps(share)))
    names = {"shop": CoverageCounter(snapshot).name_path("shop")}
    ranges = [OffsetRange("shop", 0, 0, len(read))]
    assert made_report("test", snapshot.ruleset, merged, names, ranges).to_json() == whole
