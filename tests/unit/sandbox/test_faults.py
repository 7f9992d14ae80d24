"""Fault scripts that can't be meant."""

from __future__ import annotations

from typing import Any

import pytest

from greenflash_kafka.sandbox.fault_files import FaultsInvalid, build
from greenflash_kafka.sandbox.faults import KINDS

LEAST: dict[str, dict[str, object]] = {"status": {"status": 503}, "delay": {"seconds": 1}, "drip": {"seconds": 1}}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_known_by_its_word_and_takes_every_condition(kind: str) -> None:
    conditions: dict[str, object] = {
        "rate": 0.5,
        "requests": [1, 2],
        "every": 2,
        "between": [0, 5],
        "cycle": 10,
        "event_type": "paid*",
        "insert_id": ["a", "b?"],
        "attempts": 1,
        "times": 3,
        "on": "all",
        "store": True,
    }
    (fault,) = build([{"kind": kind, **LEAST.get(kind, {}), **conditions}], "faults").faults
    assert fault.kind == kind
    assert fault.on == "all"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "reset", "cycle": 60}, "cycle needs between"),
        ({"kind": "reset", "between": [5, 5]}, "from < to"),
        ({"kind": "reset", "between": [5, 70], "cycle": 60}, "within cycle"),
        ({"kind": "reset", "rate": 1.5}, "rate"),
        ({"kind": "reset", "every": 0}, "every"),
        ({"kind": "reset", "rats": 0.5}, "rats"),
        ({"kind": "status"}, "status"),
        ({"kind": "status", "status": 99}, "status"),
        ({"kind": "status", "status": 503, "headers": {"X A": "1"}}, "name of a header"),
        ({"kind": "status", "status": 503, "headers": {"X-A": "a\r\nX-B: b"}}, "X-A holds letters that no header can"),
        ({"kind": "redirect", "location": "/\u20ac"}, "location holds letters"),
        ({"kind": "redirect", "status": 304}, "status should be 301, 302"),
        ({"kind": "status", "status": 429, "retry_after": True}, "retry_after is a number"),
        ({"kind": "status", "status": 429, "retry_after": {"date": "soon"}}, "date must be a number"),
        ({"kind": "status", "status": 429, "retry_after": {"date": 1e9}}, "within three years"),
        ({"kind": "status", "status": 429, "retry_after": [{"ms": 1, "date": 2}]}, "retry_after is a number"),
        ({"kind": "status", "status": 429, "retry_after": "a\nb"}, "retry_after holds letters"),
    ],
)
def test_what_can_not_happen_is_refused_in_words(fault: dict[str, Any], words: str) -> None:
    with pytest.raises(FaultsInvalid) as refused:
        build([fault], "faults")
    assert words in str(refused.value)
