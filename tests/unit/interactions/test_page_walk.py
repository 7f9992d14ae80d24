"""Walks through pages see everything, whatever moves meanwhile, and no more than they need."""

from __future__ import annotations

import random

import msgspec
import pytest

from greenflash_kafka.interactions.interaction import Interaction
from greenflash_kafka.interactions.page_order import PageOrder
from greenflash_kafka.interactions.page_walk import LATE_SECONDS, NewestWalk, OldestWalk, PagesRepeat, PageWalk
from tests.unit.interactions.walked import item, walk_through

NEWEST = PageOrder("createdAt", "newest")
OLDEST = PageOrder("createdAt", "oldest")
CHANGED_LAST = PageOrder("updatedAt", "oldest")
NOW = 1_800_000_000.0


@pytest.mark.parametrize("count", [0, 1, 2, 9, 10, 11, 40, 99, 100, 101, 195, 196, 1000])
@pytest.mark.parametrize("limit", [100, 40])
def test_the_whole_list_is_seen_also_where_pages_are_smaller_than_asked_for(count: int, limit: int) -> None:
    items = [item(number, number) for number in range(count)]
    assert set(walk_through(PageWalk(NOW), lambda _: items, limit=limit)) == {each.id for each in items}


def test_a_list_of_a_hundred_thousand_takes_a_twentieth_more_requests_than_pages() -> None:
    items = [item(number, number) for number in range(10_000)] * 10
    items = [msgspec.structs.replace(each, id=f"i{number}") for number, each in enumerate(items)]
    walk = PageWalk(NOW)
    walk_through(walk, lambda _: items)
    assert walk.requests <= 1055


@pytest.mark.parametrize("seed", range(20))
def test_what_is_there_all_the_time_is_seen_while_others_are_deleted_changed_and_added(seed: int) -> None:
    dice = random.Random(seed)
    items = [item(number, number) for number in range(1500)]
    staying = {each.id for each in items if int(each.id[1:]) % 3}
    added = iter(range(5000, 9000))

    def listed(_: int) -> list[Interaction]:
        for _ in range(dice.randrange(40)):
            what = dice.random()
            if what < 0.4:
                gone = dice.randrange(len(items))
                if items[gone].id not in staying:
                    del items[gone]
            elif what < 0.7:
                moved = dice.randrange(len(items))
                if items[moved].id not in staying:
                    # It has changed, and the list is sorted by changes: to the front, or to the end.
                    items.insert(0 if seed % 2 else len(items), items.pop(moved))
            else:
                items.insert(dice.randrange(len(items)), item(next(added), 1))
        return items

    assert staying <= set(walk_through(PageWalk(NOW), listed))


def test_a_service_that_ignores_the_offset_is_found_out() -> None:
    items = [item(number, number) for number in range(100)]
    walk = PageWalk(NOW)
    walk.took(items, 100)
    with pytest.raises(PagesRepeat):
        walk.took(items, 0)


def test_a_list_that_changes_faster_than_it_is_read_ends_all_the_same() -> None:
    dice = random.Random(1)
    items = [item(number, number) for number in range(700)]
    walk = PageWalk(NOW)

    def listed(_: int) -> list[Interaction]:
        dice.shuffle(items)
        return items

    walk_through(walk, listed)
    assert walk.offset is None
    assert walk.requests < 60


def test_newest_first_one_request_says_that_nothing_is_new() -> None:
    items = [item(number, NOW - number) for number in range(5000)]
    known = {each.id for each in items}
    walk = NewestWalk(NEWEST, NOW, NOW - 30)
    walk_through(walk, lambda _: items, known)
    assert walk.requests == 1


def test_newest_first_what_appears_late_is_found_behind_pages_that_are_known() -> None:
    before = NOW - 30 - LATE_SECONDS
    items = [item(number, NOW - number) for number in range(3000)]
    known = {each.id for each in items if each.id != "i601"}
    walk = NewestWalk(NEWEST, NOW, before)
    assert "i601" in walk_through(walk, lambda _: items, known)
    assert walk.requests <= 8, "and no further than what may be late"


def test_newest_first_all_that_is_new_is_found_after_an_outage() -> None:
    items = [item(number, NOW - number) for number in range(3000)]
    known = {each.id for each in items[2000:]} | {each.id for each in items[:300]}
    walk = NewestWalk(NEWEST, NOW, NOW - 2000)
    walk_through(walk, lambda _: items, known)
    assert known == {each.id for each in items}


def test_oldest_first_what_is_new_is_found_from_the_last_page_on() -> None:
    old = [item(number, NOW - 90_000 + number) for number in range(5000)]
    first = PageWalk(NOW)
    known: set[str] = set()
    walk_through(first, lambda _: old, known)
    both = old + [item(9000 + number, NOW + number) for number in range(250)]
    walk = OldestWalk(OLDEST, NOW + 300, first.horizon, first.last)
    walk_through(walk, lambda _: both, known)
    assert known == {each.id for each in both}
    assert walk.requests <= 5


@pytest.mark.parametrize("gone", [1, 150, 4000])
def test_oldest_first_a_list_that_has_become_shorter_is_read_from_further_in_front(gone: int) -> None:
    old = [item(number, NOW - 5000 + number) for number in range(5000)]
    first = PageWalk(NOW)
    known: set[str] = set()
    walk_through(first, lambda _: old, known)
    both = [*old[gone:], item(9000, NOW + 1), item(9001, NOW - LATE_SECONDS + 1)]
    both.sort(key=lambda each: each.created or 0.0)
    walk_through(OldestWalk(OLDEST, NOW + 30, first.horizon, first.last), lambda _: both, known)
    assert {"i9000", "i9001"} <= known


def test_oldest_first_what_changed_is_found_at_the_end() -> None:
    old = [item(number, NOW - 5000 + number) for number in range(5000)]
    first = PageWalk(NOW)
    walk_through(first, lambda _: old)
    changed = {number: item(number, NOW - 5000 + number, NOW + number / 1000) for number in range(0, 5000, 7)}
    moved = [each for number, each in enumerate(old) if number not in changed] + list(changed.values())
    walk = OldestWalk(CHANGED_LAST, NOW + 30, first.horizon, first.last)
    assert {each.id for each in changed.values()} <= set(walk_through(walk, lambda _: moved))
