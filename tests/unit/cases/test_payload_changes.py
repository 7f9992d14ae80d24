"""Paths of `set` and `unset`."""

from __future__ import annotations

import pytest

from greenflash_kafka.cases.payload_changes import BadPath, parse, remove_at, set_at


def test_paths_are_those_of_when() -> None:
    assert parse("data.items[0].price") == ("data", "items", 0, "price")
    assert parse('data["user id"][-1]') == ("data", "user id", -1)
    assert parse("payload[0].from") == (0, "from")
    assert parse('["user.id"]') == parse('payload["user.id"]') == ("user.id",)
    for text in ("", "a..b", "a[x]", "a b", ".a", 'a["b', "payload", "kafka.key", "item.x"):
        with pytest.raises(BadPath):
            parse(text)


def test_paths_begin_at_the_message_whatever_it_is_wrapped_in() -> None:
    with pytest.raises(BadPath, match="the whole message") as raised:
        parse("envelope.before.plan")
    assert raised.value.hint == "before.plan"


def test_set_makes_a_copy_with_what_was_missing_on_the_way() -> None:
    payload = {"a": {"b": 1}, "list": [{"x": 1}, {"x": 2}]}
    assert set_at(payload, ("a", "c", "d"), 2) == {**payload, "a": {"b": 1, "c": {"d": 2}}}
    assert set_at(payload, ("list", -1, "x"), None)["list"] == [{"x": 1}, {"x": None}]
    assert set_at(payload, ("list", 2), 3)["list"][2] == 3
    assert payload == {"a": {"b": 1}, "list": [{"x": 1}, {"x": 2}]}


@pytest.mark.parametrize("steps", [("list", 5), ("a", "b", "c"), ("a", 0), ("list", "x")])
def test_what_has_no_place_is_refused(steps: tuple[str | int, ...]) -> None:
    with pytest.raises(BadPath):
        set_at({"a": {"b": 1}, "list": []}, steps, 1)


def test_unset_removes_the_key_and_leaves_what_is_not_there() -> None:
    payload = {"a": {"b": 1, "c": 2}, "list": [1, 2]}
    assert remove_at(payload, ("a", "b")) == {"a": {"c": 2}, "list": [1, 2]}
    assert remove_at(payload, ("list", 0))["list"] == [2]
    assert remove_at(payload, ("nope", "x")) == payload
    assert remove_at(payload, ("list", 9)) == payload
