"""One item of a page."""

from __future__ import annotations

import msgspec
import pytest

from greenflash_kafka.interactions.interaction import content_print, read_interaction, without_free_content


def test_its_bytes_are_kept_as_they_came() -> None:
    raw = b'{"id":"a","createdAt":"2026-11-18T11:06:40.250Z","updatedAt":"2026-11-18T12:06:40+01:00", "rating": 4.10}'
    found = read_interaction(raw)
    assert found is not None
    assert (found.id, found.created, found.updated, found.raw) == ("a", 1795000000.25, 1795000000.0, raw)


@pytest.mark.parametrize(
    "raw", [b"5", b"{}", b'{"id": 5}', b'{"id": ""}', b'{"id": null}', b"[" * 100_000, b'{"id": "\xff"}']
)
def test_what_has_no_id_is_none(raw: bytes) -> None:
    assert read_interaction(raw) is None


@pytest.mark.parametrize("time", [b"null", b"5", b'"soon"', b'"2026-13-01T00:00:00Z"'])
def test_a_time_that_is_none_is_missing(time: bytes) -> None:
    found = read_interaction(b'{"id": "a", "createdAt": ' + time + b"}")
    assert found is not None
    assert found.created is None


def test_a_content_is_the_same_in_any_order_of_its_keys() -> None:
    assert content_print(b'{"a":1,"b":{"c":2,"d":3}}') == content_print(b'{"b": {"d": 3, "c": 2}, "a": 1}')
    assert content_print(b'{"a":1}') != content_print(b'{"a":2}')


def test_what_may_be_of_any_size_can_be_left_out() -> None:
    raw = b'{"id":"a","feedback":"x","properties":{"y":1},"createdAt":"z","rating":4.10}'
    assert msgspec.json.decode(without_free_content(raw)) == {"id": "a", "createdAt": "z", "rating": 4.1}
    assert b"4.10" in without_free_content(raw)
