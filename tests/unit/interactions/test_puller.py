"""The bridge in virtual time: everything that the service lists is in the topic, and no request is too early."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from itertools import pairwise

import pytest

from greenflash_kafka.errors import InteractionsUnusable, KeyRefused
from greenflash_kafka.interactions.interaction import Interaction, read_interaction
from greenflash_kafka.interactions.page_answers import PageAnswer
from tests.unit.interactions.served import BEGAN, Bridge
from tests.unit.interactions.walked import item

Sort = Callable[[list[Interaction]], list[Interaction]]
ORDERS: dict[str, Sort] = {
    "newest first by createdAt": lambda items: sorted(items, key=lambda each: -(each.created or 0)),
    "oldest first by createdAt": lambda items: sorted(items, key=lambda each: each.created or 0),
    "newest first by updatedAt": lambda items: sorted(items, key=lambda each: -(each.updated or 0)),
    "oldest first by updatedAt": lambda items: sorted(items, key=lambda each: each.updated or 0),
    "None": lambda items: sorted(items, key=lambda each: hashlib.blake2b(each.id.encode()).digest()),
}


def growing(count: int, sort: Sort, every: float = 5.0, late: float = 0.0) -> Callable[[float], Sequence[Interaction]]:
    """`count` items at first; then one more each `every` seconds, listed `late`; and as often an old one changes."""
    first = {
        number: item(number, BEGAN - 10_000 + number, BEGAN - 10_000 + number + number * 7919 % 97)
        for number in range(count)
    }
    memory: dict[int, list[Interaction]] = {}

    def listed(now: float) -> Sequence[Interaction]:
        steps = int(now / every)
        if steps not in memory:
            items = dict(first)
            for step in range(1, steps + 1):
                old = step * 37 % count
                items[old] = item(old, BEGAN - 10_000 + old, BEGAN + step * every, rating=step)
                if now - step * every >= late:
                    items[count + step] = item(count + step, BEGAN + step * every)
            memory[steps] = sort(list(items.values()))
        return memory[steps]

    return listed


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_there_what_comes_and_what_changes_is_in_the_topic_in_every_order(order: str) -> None:
    listed = growing(700, ORDERS[order])
    bridge = Bridge(listed, every=10, at=120).run()
    assert str(bridge.puller.order) == order
    expected = {each.id: each.updated for each in listed(80)}
    assert expected.keys() <= bridge.topic.keys()
    written = {id: read_interaction(raw) for id, raw in bridge.topic.items()}
    stale = [id for id, updated in expected.items() if (written[id].updated or 0) < (updated or 0)]  # type: ignore[union-attr]
    assert stale == []
    assert bridge.least_gap() >= 0.1


@pytest.mark.parametrize("order", ORDERS)
def test_what_appears_minutes_after_its_time_is_in_the_topic(order: str) -> None:
    listed = growing(300, ORDERS[order], every=20, late=300)
    bridge = Bridge(listed, rate=5, every=30, at=720).run()
    assert {each.id for each in listed(640)} <= bridge.topic.keys()


@pytest.mark.parametrize("order", ["newest first by updatedAt", "oldest first by updatedAt"])
def test_a_look_takes_a_request_or_a_few_where_the_order_shows_what_is_new(order: str) -> None:
    bridge = Bridge(growing(5000, ORDERS[order], every=1000), every=10, at=30).run()
    whole = len(bridge.service.asked)
    bridge.at = 70
    bridge.puller.run()
    assert whole <= 65
    assert len(bridge.service.asked) - whole <= 8


def test_a_new_process_begins_with_what_the_topic_has() -> None:
    listed = growing(700, ORDERS["newest first by createdAt"])
    bridge = Bridge(listed, every=5, at=0.45).run()
    assert 0 < len(bridge.records) < 700, "it ended in the middle"
    bridge.again(at=20)
    assert {each.id for each in listed(10)} <= bridge.topic.keys()
    first = [id for id, _ in bridge.records if int(id[1:]) % 37 and int(id[1:]) < 700]
    assert len(first) == len(set(first)), "what was confirmed isn't written again"


@pytest.mark.parametrize("order", [order for order in ORDERS if order != "None"])
def test_a_new_process_finds_what_is_new_before_its_first_walk_has_ended(order: str) -> None:
    listed = growing(5000, ORDERS[order], every=20)
    bridge = Bridge(listed, rate=0.5, every=10, at=115)
    for each in listed(0):
        bridge.known.add([each])
    bridge.puller = bridge._new()
    bridge.run()
    assert bridge.puller.pulled.walks == 0
    assert {"i5001", "i5002", "i5003", "i5004"} <= bridge.topic.keys()


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (PageAnswer(429, [("retry-after", "7")]), 7),
        (PageAnswer(429, [("retry-after-ms", "2500")]), 2.5),
        (PageAnswer(503, [("retry-after", "4")]), 4),
        (PageAnswer(429), 1),
        (PageAnswer(500), 1),
        (PageAnswer(0, fault="reset", detail="gone"), 1),
        (PageAnswer(200, body=b"<html>"), 1),
        (PageAnswer(403), 1),
        (PageAnswer(404), 1),
    ],
)
def test_what_is_no_page_is_waited_for_as_long_as_the_service_asks(answer: PageAnswer, wait: float) -> None:
    bridge = Bridge(growing(300, ORDERS["newest first by createdAt"], every=1000), at=30)
    get = bridge.service.get

    def one_fails(offset: int, limit: int) -> PageAnswer:
        if len(bridge.service.asked) == 2:
            bridge.service.answers = [answer]
        return get(offset, limit)

    bridge.service.get = one_fails  # type: ignore[method-assign]
    bridge.run()
    assert len(bridge.topic) == 300
    gap = bridge.service.asked[3] - bridge.service.asked[2]
    assert wait <= gap < wait + 0.3
    names = [name for name, _ in bridge.said.notices]
    assert names == ["interactions_failing", "interactions_working", "interactions_pulled"]
    assert bridge.service.renewed == (answer.status == 403)


def test_failures_in_a_row_are_waited_for_longer_and_longer() -> None:
    bridge = Bridge(growing(10, ORDERS["newest first by createdAt"], every=1000), at=40)
    bridge.service.answers = [PageAnswer(500)] * 4
    bridge.run()
    gaps = [round(after - before) for before, after in pairwise(bridge.service.asked)]
    assert gaps[:4] == [1, 2, 4, 8]


@pytest.mark.parametrize(("status", "error"), [(401, KeyRefused), (403, KeyRefused), (404, InteractionsUnusable)])
def test_a_first_request_that_is_refused_ends_it(status: int, error: type[Exception]) -> None:
    bridge = Bridge(lambda _: [])
    bridge.service.answers = [PageAnswer(status)]
    with pytest.raises(error, match=f"status {status}"):
        bridge.run()


def test_since_leaves_out_what_is_older_and_ends_where_the_rest_is() -> None:
    listed = growing(5000, ORDERS["newest first by createdAt"], every=1000)
    bridge = Bridge(listed, since=BEGAN - 10_000 + 4900, once=True).run()
    assert {int(id[1:]) for id in bridge.topic} == set(range(4900, 5000))
    assert len(bridge.service.asked) <= 2


def test_once_ends_when_all_pages_were_read() -> None:
    bridge = Bridge(growing(250, ORDERS["None"], every=1000), once=True).run()
    assert len(bridge.topic) == 250
    assert bridge.puller.pulled.walks == 1


def test_items_without_an_id_are_said_and_the_others_written() -> None:
    listed = growing(20, ORDERS["None"], every=1000)
    bridge = Bridge(listed, once=True)
    good = b",".join(each.raw for each in listed(0))
    bridge.service.answers = [PageAnswer(200, body=b'[{"id": ""},5,' + good + b"]")]
    bridge.run()
    assert len(bridge.topic) == 20
    assert ("interactions_unreadable", {"count": 2}) in bridge.said.notices
