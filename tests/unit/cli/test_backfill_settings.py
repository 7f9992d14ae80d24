"""The group that keeps a backfill's progress."""

from __future__ import annotations

from greenflash_kafka.cli.backfill_settings import BackfillSettings, group_name


def test_progress_has_a_group_of_its_own() -> None:
    assert group_name("g", BackfillSettings(("b", "a"))) == "g.backfill.a+b"
    assert group_name("g", BackfillSettings(("b",), name="x")) == "g.backfill.x"
    assert len(group_name("g", BackfillSettings(tuple(f"rule_{n}" for n in range(90))))) < 40
