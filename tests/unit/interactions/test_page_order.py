"""The order of pages is learned from the pages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.interactions.page_order import ORDERS, OrderEvidence, PageOrder
from tests.unit.interactions.walked import item


@pytest.mark.parametrize("order", ORDERS, ids=str)
@settings(max_examples=25)
@given(times=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), min_size=2, max_size=30))
def test_a_list_in_an_order_is_never_said_to_be_in_none(order: PageOrder, times: list[tuple[int, int]]) -> None:
    items = [item(number, *each) for number, each in enumerate(times)]
    items.sort(key=lambda each: order.time_of(each) or 0.0, reverse=order.first == "newest")
    evidence = OrderEvidence()
    for at in range(0, len(items), 7):
        evidence.add(items[at : at + 7])
    found = evidence.order
    pages = [items[at : at + 7] for at in range(0, len(items), 7)]
    if found is None:
        assert all(len({order.time_of(each) for each in page}) == 1 for page in pages), "nothing could say it"
    else:
        assert all(found.holds(page) for page in pages)


def test_changes_that_move_nothing_show_that_creation_decides() -> None:
    evidence = OrderEvidence()
    evidence.add([item(1, 30), item(2, 20), item(3, 10)])
    assert str(evidence.order) == "newest first by createdAt", "the one that promises less, while both fit"
    evidence.add([item(4, 9, 99), item(5, 8, 50), item(6, 7, 70)])
    assert str(evidence.order) == "newest first by createdAt"


def test_changes_that_move_show_that_the_change_decides() -> None:
    evidence = OrderEvidence()
    evidence.add([item(3, 10, 40), item(1, 30), item(2, 20)])
    assert str(evidence.order) == "newest first by updatedAt"


def test_one_page_that_contradicts_is_enough() -> None:
    evidence = OrderEvidence()
    evidence.add([item(number, 100 - number) for number in range(50)])
    evidence.add([item(60, 1), item(61, 3), item(62, 2)])
    assert evidence.order is None


def test_a_page_of_one_and_equal_times_say_nothing() -> None:
    evidence = OrderEvidence()
    evidence.add([item(1, 5)])
    evidence.add([item(2, 7), item(3, 7)])
    assert evidence.order is None


def test_between_pages_items_may_move() -> None:
    evidence = OrderEvidence()
    evidence.add([item(1, 30), item(2, 20)])
    evidence.add([item(3, 25), item(4, 10)])
    assert str(evidence.order) == "newest first by createdAt"


def test_items_without_a_time_are_in_no_order() -> None:
    evidence = OrderEvidence()
    evidence.add([item(1, 30, createdAt=None, updatedAt="soon"), item(2, 20)])
    assert evidence.order is None
