"""The table of paths is bounded whatever comes in, and recognises maps."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.discovery.path_table import DEEPEST, MOST_PATHS, PathTable, walk
from greenflash_kafka.discovery.path_values import LONGEST_TEXT, MOST_VALUES, path_text
from greenflash_kafka.discovery.study import study
from greenflash_kafka.discovery.topic_documents import TopicDocuments
from greenflash_kafka.expressions.paths import Path
from greenflash_kafka.model.message import Message

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**50), 10**50) | st.text(max_size=80) | st.decimals(allow_nan=True),
    lambda inner: st.lists(inner, max_size=30) | st.dictionaries(st.text(max_size=8), inner, max_size=8),
    max_leaves=40,
)


@settings(max_examples=25)
@given(st.lists(VALUES, min_size=1, max_size=6))
def test_any_payloads_are_studied_within_bounds_and_twice_the_same(payloads: list[Any]) -> None:
    table = PathTable()
    for payload in payloads:
        table.add({"payload": payload})
    assert all(len(way) <= DEEPEST + 1 for way in table.paths)
    for each in table.paths.values():
        assert len(each.values) <= MOST_VALUES
        assert all(len(text) <= LONGEST_TEXT for text in each.values)
        assert 0 <= each.present <= len(payloads)
        assert path_text(each.way)
    messages = [Message("t", 0, number, 0, None, b"{}") for number in range(len(payloads))]

    def read(message: Message, _: str) -> object:
        return payloads[message.offset]

    one, other = (study(TopicDocuments("t", messages, read)) for _ in range(2))
    assert (one.names, one.times, one.users, one.ids, one.personal) == (
        other.names,
        other.times,
        other.users,
        other.ids,
        other.personal,
    )


def test_an_object_with_ever_other_keys_is_a_map() -> None:
    table = PathTable()
    for number in range(200):
        table.add({"payload": {"id": number, "by_user": {f"u-{number}-{each}": {"n": each} for each in range(20)}}})
    assert ("payload", "by_user", "*", "n") in table.paths
    assert len(table.paths) < MOST_PATHS
    assert table.paths["payload", "id"].present == 200


def test_a_wide_row_is_no_map_and_a_rare_kind_of_message_makes_none() -> None:
    table = PathTable()
    for number in range(100):
        wide = {f"column_{each}": each for each in range(150)} if number % 50 == 49 else {"x": 1}
        table.add({"payload": {"row": {"id": 1, **wide}}})
    assert ("payload", "row", "column_149") in table.paths
    assert not table.maps


def test_more_paths_than_there_may_be_are_left_out_and_it_is_said() -> None:
    table = PathTable()
    table.add({"payload": {f"a{number}": number for number in range(MOST_PATHS + 5)}})
    assert len(table.paths) == MOST_PATHS
    assert table.left_out


def test_a_document_as_deep_as_it_may_be_is_walked() -> None:
    deep: Any = Decimal(1)
    for _ in range(190):
        deep = {"a": [deep]}
    assert [len(way) for way, _ in walk({"payload": deep})] == [DEEPEST]


def test_paths_are_written_as_rules_write_them() -> None:
    assert path_text(("payload", "a b", "c"), bare=True) == '["a b"].c'
    assert path_text(("payload", "item"), bare=True) == "payload.item"
    assert path_text(("kafka", "headers", "X-T")) == str(Path("kafka", ("headers", "X-T")))
