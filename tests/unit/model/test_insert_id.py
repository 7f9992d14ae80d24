from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.model import insert_id


def test_a_key_makes_one_fact_one_event_whatever_rule_tells_it() -> None:
    assert insert_id.from_key("upgrade_purchased", "evt_1") == "upgrade_purchased:evt_1"


def test_without_a_key_the_records_coordinates_are_the_id() -> None:
    assert insert_id.from_record("lost_deal", "cLuStEr", "tOpIc", 3, 42, 1763480000123) == (
        "lost_deal/cLuStEr/tOpIc/3/42/1763480000123"
    )


def test_the_item_is_told_apart_even_when_it_is_the_first() -> None:
    without = insert_id.from_record("r", "c", "t", 0, 0, 0)
    first = insert_id.from_record("r", "c", "t", 0, 0, 0, 0)
    assert first == f"{without}/0"


def test_a_recreated_topic_gives_other_ids_for_the_same_offsets() -> None:
    assert insert_id.from_record("r", "c", "old", 0, 7, 5) != insert_id.from_record("r", "c", "new", 0, 7, 5)


def test_ids_up_to_the_limit_are_left_as_they_are() -> None:
    key = "k" * (insert_id.LONGEST - len("e:"))
    assert insert_id.from_key("e", key) == f"e:{key}"


@given(st.text(min_size=300, max_size=400), st.text(min_size=300, max_size=400))
def test_long_ids_stay_short_and_distinct(one: str, other: str) -> None:
    ids = insert_id.from_key("e", one), insert_id.from_key("e", other)
    assert all(len(id_) == insert_id.LONGEST for id_ in ids)
    assert (ids[0] == ids[1]) == (one == other)


def test_long_ids_that_differ_only_at_the_end_differ() -> None:
    assert insert_id.from_key("e", "k" * 400 + "a") != insert_id.from_key("e", "k" * 400 + "b")
