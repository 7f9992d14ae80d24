"""The control endpoints, as tests and the page use them."""

from __future__ import annotations

import pytest

from tests.fakes.asked_sandbox import Asked


def test_many_events_are_one_list_in_order_and_each_part_of_it_can_be_had(asked: Asked) -> None:
    for number in range(4500):
        asked.api.store.keep({"eventType": "x"}, b'{"n":%d}' % number, "2026-11-18T00:00:00Z")
    numbers = [each["n"] for each in asked("GET", "/_sandbox/events").json()]
    assert numbers == list(range(4500))
    assert [each["n"] for each in asked("GET", "/_sandbox/events?after=1999&limit=3").json()] == [1999, 2000, 2001]
    assert asked("GET", "/_sandbox/events?after=9999").json() == []


@pytest.mark.parametrize("query", ["after=-1", "after=x", "after=1.5", "limit=%C2%B2", "after=99999999999999999999"])
def test_a_part_that_is_none_is_a_bad_request(asked: Asked, query: str) -> None:
    answer = asked("GET", f"/_sandbox/events?{query}")
    assert (answer.status_code, "whole number" in answer.json()["error"]) == (400, True)


def test_the_page_gets_what_is_new_and_everything_again_after_a_reset(asked: Asked) -> None:
    asked.post(value="1.10", valueType="currency", properties={"currency": "eur"})
    first = asked("GET", "/_sandbox/live").json()
    assert (first["number"], first["any_key"], len(first["events"])) == (1, True, 1)
    assert first["types"]["paid"]["money"] == {"EUR": "1.10"}, "amounts are text: JavaScript has no exact numbers"
    asked.post(value="2")
    later = asked("GET", f"/_sandbox/live?after=1&epoch={first['epoch']}").json()
    assert [each["value"] for each in later["events"]] == ["2"]
    assert later["first"] == 1
    asked("POST", "/_sandbox/reset")
    asked.post(value="3")
    again = asked("GET", f"/_sandbox/live?after=2&epoch={first['epoch']}").json()
    assert [each["value"] for each in again["events"]] == ["3"], "numbers of before the reset mean nothing now"


def test_a_page_that_was_away_for_long_gets_the_newest_alone(asked: Asked) -> None:
    for number in range(120):
        asked.api.store.keep({"eventType": "x"}, b'{"n":%d}' % number, "2026-11-18T00:00:00Z")
    live = asked("GET", "/_sandbox/live").json()
    assert [each["n"] for each in live["events"]] == list(range(70, 120))
    assert (live["first"], live["number"]) == (70, 120)


def test_a_script_is_taken_shown_and_ended(asked: Asked) -> None:
    assert asked("POST", "/_sandbox/faults", b"- {kind: status, status: 503, rate: 0.5}").json() == {"faults": 1}
    shown = asked("GET", "/_sandbox/faults").json()
    (fault,) = shown["faults"]
    assert (fault["kind"], fault["status"], fault["rate"]) == ("status", 503, 0.5)
    assert "every" not in fault, "what the script doesn't say isn't shown"
    assert {"status", "reset", "delay"} <= set(shown["kinds"])
    assert asked("POST", "/_sandbox/faults", b"[]").json() == {"faults": 0}
    assert asked.post().status_code == 200


@pytest.mark.parametrize(("script", "words"), [(b"- {kind: resett}", "did you mean reset"), (b"\xff", "UTF-8")])
def test_a_script_with_mistakes_changes_nothing(asked: Asked, script: bytes, words: str) -> None:
    asked("POST", "/_sandbox/faults", b"- {kind: empty}")
    answer = asked("POST", "/_sandbox/faults", script)
    assert (answer.status_code, words in answer.json()["error"]) == (400, True)
    assert asked.post().status_code == 204


def test_a_key_is_taken_from_then_on_and_no_other(asked: Asked) -> None:
    assert asked("POST", "/_sandbox/key", {"key": "one"}).json() == {"ok": True}
    assert [asked.post("one").status_code, asked.post("two").status_code] == [200, 401]
    assert asked("GET", "/_sandbox/live").json()["any_key"] is False
    asked("POST", "/_sandbox/key", {"key": None})
    assert asked.post("two").status_code == 200


def test_a_followed_redirect_looks_like_success_and_is_counted_and_stores_nothing(asked: Asked) -> None:
    asked("POST", "/_sandbox/faults", b"- {kind: redirect}")
    where = asked.post().headers["location"]
    assert asked("GET", where).json()["success"] is True
    stats = asked("GET", "/_sandbox/stats").json()
    assert (stats["redirected"], stats["stored"]) == (1, 0)
