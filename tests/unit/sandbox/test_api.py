"""Events, lists and refusals of the API."""

from __future__ import annotations

import pytest

from greenflash_kafka.sandbox.api import Api
from greenflash_kafka.sandbox.fault_files import build
from greenflash_kafka.sandbox.listings import OTHER_PRODUCT_ID, PRODUCT_ID
from greenflash_kafka.sandbox.validation import MAX_BODY
from tests.fakes.asked_sandbox import Asked


def test_a_right_event_is_stored_and_its_id_is_the_answer(asked: Asked) -> None:
    answer = asked.post(insertId="a")
    assert (answer.status_code, answer.json()["success"]) == (200, True)
    assert answer.json()["eventId"] == asked.api.store.events[0].event_id
    assert asked.post(insertId="a").json() == answer.json(), "the same fact is one event"
    assert len(asked.api.store.events) == 1


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": "Bearer right"}, 200),
        ({"authorization": "bearer right"}, 200),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": "Basic right"}, 401),
        ({}, 401),
    ],
)
def test_only_the_right_key_is_taken(headers: dict[str, str], status: int) -> None:
    asked = Asked(Api("right"))
    event = {"eventType": "paid", "productId": PRODUCT_ID, "value": "1"}
    assert asked("POST", "/api/v1/events", event, **headers).status_code == status
    assert asked("GET", "/api/v1/products", **headers).status_code == status
    assert asked.api.store.unauthorized == (0 if status == 200 else 2)


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"{", 400, "not JSON"),
        (b"[]", 400, "not a JSON object"),
        (b'{"eventType": ""}', 422, "productId is required"),
        (b'{"eventType": "' + b"x" * MAX_BODY + b'"}', 413, "too large"),
    ],
)
def test_what_is_no_event_is_refused_with_what_is_wrong_and_never_with_a_value(
    asked: Asked, body: bytes, status: int, words: str
) -> None:
    answer = asked("POST", "/api/v1/events", body, authorization="Bearer k")
    assert answer.status_code == status
    assert words in answer.text
    assert asked.api.store.rejected == 1
    assert asked.api.store.events == []


def test_lists_are_given_page_by_page(asked: Asked) -> None:
    def listed(path: str) -> list[dict[str, object]]:
        answer = asked("GET", f"/api/v1/{path}", authorization="Bearer k")
        assert answer.status_code == 200
        found: list[dict[str, object]] = answer.json()
        return found

    assert [each["id"] for each in listed("products?page=2&pageSize=1")] == [OTHER_PRODUCT_ID]
    assert listed("products?page=3&pageSize=1") == []
    whole = listed("interactions?limit=1000")
    assert len(whole) == 100, "a page has 100 at most"
    assert listed("interactions?limit=10&offset=20") == listed("interactions?limit=10.0&page=3") == whole[20:30]
    assert {each["productId"] for each in listed(f"interactions?productId={PRODUCT_ID}")} == {PRODUCT_ID}


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "pageSize=1.5", "pageSize=-1", "page=inf", "page=nan", "page=1e400"]
)
def test_a_page_that_is_none_is_a_bad_request(asked: Asked, query: str) -> None:
    answer = asked("GET", f"/api/v1/products?{query}", authorization="Bearer k")
    assert (answer.status_code, "must be a" in answer.text) == (400, True)


def test_faults_answer_in_place_of_the_api_and_are_counted(asked: Asked) -> None:
    asked.api.set_faults(build([{"kind": "status", "status": 503, "times": 1}], "faults"))
    assert asked.post().status_code == 503
    assert asked.post().status_code == 200
    stats = asked.api.store.stats()
    assert (stats["received"], stats["stored"], stats["faults"]) == (2, 1, {"status": 1})


def test_a_fault_that_stores_only_spoils_the_answer(asked: Asked) -> None:
    asked.api.set_faults(build([{"kind": "status", "status": 500, "store": True}], "faults"))
    assert asked.post(key="").status_code == 500
    assert asked.api.store.events == [], "a wrong key stores nothing"
    assert asked.post().status_code == 500
    assert len(asked.api.store.events) == 1


def test_a_reset_forgets_events_and_begins_the_script_anew_and_keeps_the_key() -> None:
    asked = Asked(Api("right", build([{"kind": "empty", "times": 1}], "faults")))
    assert asked.post("right").status_code == 204
    assert asked.post("right").status_code == 200
    asked.api.reset()
    assert asked.api.store.stats()["received"] == 0
    assert [asked.post("right").status_code, asked.post("wrong").status_code] == [204, 401]
