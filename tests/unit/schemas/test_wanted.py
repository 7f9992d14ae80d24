"""What is asked for, when, and when it is given up."""

from __future__ import annotations

import pytest

from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaRefused
from greenflash_kafka.schemas import wanted as module
from greenflash_kafka.schemas.registry_answers import AnswerVerdict
from greenflash_kafka.schemas.wanted import WantedSchemas

SCHEMA = Schema("avro", '"string"')
UNKNOWN = AnswerVerdict("unknown", "status-404", "unknown there")
FAILING = AnswerVerdict("failing", "status-503", "it fails")


def asked(wanted: WantedSchemas, now: float) -> list[SchemaKey]:
    return [each.key for each in wanted.due(now)]


def unanswered(wanted: WantedSchemas, key: SchemaKey, verdict: AnswerVerdict, now: float) -> SchemaRefused | None:
    return wanted.not_answered(key, verdict, now, lambda: 1.0)


def test_a_key_is_asked_for_once_and_known_for_good() -> None:
    wanted = WantedSchemas()
    assert wanted.find(7, 0.0) is None
    assert asked(wanted, 0.0) == [7]
    assert wanted.find(7, 0.1) is None
    assert asked(wanted, 0.1) == []
    wanted.answered(7, SCHEMA)
    assert wanted.find(7, 1e9) == SCHEMA
    assert asked(wanted, 1e9) == []


def test_an_unknown_id_is_asked_for_again_and_given_up_after_its_time() -> None:
    wanted = WantedSchemas(unknown_seconds=60)
    wanted.answered(1, SCHEMA)
    wanted.find(7, 100.0)
    times, now = [], 100.0
    while True:
        if asked(wanted, now):
            times.append(round(now - 100, 3))
            refused = unanswered(wanted, 7, UNKNOWN, now)
            if refused is not None:
                break
        now += 0.05
        wanted.find(7, now)
    assert times[:4] == pytest.approx([0, 0.2, 1.2, 6.2], abs=0.4)
    assert times[-1] == pytest.approx(60, abs=0.2)
    assert refused.code == "unknown-schema"
    assert "registry of this topic's producers" in refused.text
    assert wanted.find(7, now + 1) == refused


def test_after_a_minute_it_is_asked_anew_and_one_answer_decides() -> None:
    wanted = WantedSchemas(unknown_seconds=60)
    wanted.answered(1, SCHEMA)
    wanted.find(7, 0.0)
    assert asked(wanted, 0.0) == [7]
    unanswered(wanted, 7, UNKNOWN, 0.0)
    assert asked(wanted, 60.0) == [7]
    assert unanswered(wanted, 7, UNKNOWN, 60.0) is not None
    assert isinstance(wanted.find(7, 119.0), SchemaRefused)
    assert wanted.find(7, 121.0) is None
    assert asked(wanted, 121.0) == [7]
    assert unanswered(wanted, 7, UNKNOWN, 121.1) is not None
    assert wanted.find(7, 200.0) is None
    assert asked(wanted, 200.0) == [7]
    wanted.answered(7, SCHEMA)
    assert wanted.find(7, 200.1) == SCHEMA


def test_before_any_schema_is_known_nothing_is_given_up_and_that_counts_as_failing() -> None:
    wanted = WantedSchemas(unknown_seconds=60)
    wanted.find(7, 0.0)
    for now in (0.0, 60.0, 120.0, 3600.0):
        wanted.find(7, now)
        assert asked(wanted, now) == [7]
        assert unanswered(wanted, 7, UNKNOWN, now) is None
    failing = wanted.failing(3600.0)
    assert failing is not None
    assert failing.failing == 60.0
    wanted.answered(1, SCHEMA)
    assert asked(wanted, 3700.0) == [7]
    assert unanswered(wanted, 7, UNKNOWN, 3700.0) is not None


def test_a_doubted_id_is_given_up_though_no_other_is_known() -> None:
    wanted = WantedSchemas(unknown_seconds=60)
    for key in (7, 8):
        wanted.find(key, 0.0)
    wanted.doubt(7)
    assert asked(wanted, 0.0) == [7, 8]
    for key in (7, 8):
        assert unanswered(wanted, key, UNKNOWN, 0.0) is None
    assert asked(wanted, 60.0) == [7, 8]
    refused = unanswered(wanted, 7, UNKNOWN, 60.0)
    assert refused is not None
    assert "`source: {format: json}`" in refused.text
    assert unanswered(wanted, 8, UNKNOWN, 60.0) is None, "nobody doubts that one"


def test_a_registry_that_fails_is_asked_for_one_key_at_a_time_more_and_more_seldom() -> None:
    wanted = WantedSchemas()
    for key in range(20):
        wanted.find(key, 0.0)
    assert len(asked(wanted, 0.0)) == module.AT_ONCE
    for key in range(module.AT_ONCE):
        unanswered(wanted, key, FAILING, 0.0)
    now, requests = 0.0, 0
    while now < 60:
        now += 0.05
        for key in range(20):
            wanted.find(key, now)
        for due in asked(wanted, now):
            requests += 1
            unanswered(wanted, due, FAILING, now)
    assert 20 < requests < 120
    wanted.answered(3, SCHEMA)
    for other in wanted.wanted.values():
        other.failing = None
    assert len(asked(wanted, now + 31)) == module.AT_ONCE


def test_a_wait_that_the_registry_asks_for_holds_all_keys_and_has_a_bound() -> None:
    wanted = WantedSchemas()
    wanted.find(1, 0.0)
    assert asked(wanted, 0.0) == [1]
    unanswered(wanted, 1, AnswerVerdict("failing", "status-429", "slowly", retry_after=20.0), 0.0)
    wanted.find(2, 1.0)
    assert asked(wanted, 19.9) == []
    assert asked(wanted, 20.1) == [2]
    unanswered(wanted, 2, AnswerVerdict("failing", "status-429", "slowly", retry_after=1e9), 21.0)
    wanted.find(1, 300.0)
    wanted.find(2, 300.0)
    assert asked(wanted, 21.0 + module.LONGEST_WISH + 1) == [1]


def test_what_nobody_looks_for_is_not_asked_for_any_more() -> None:
    wanted = WantedSchemas()
    wanted.find(7, 0.0)
    assert asked(wanted, 0.0) == [7]
    unanswered(wanted, 7, FAILING, 0.0)
    assert asked(wanted, module.FORGET_SECONDS + 1) == []
    assert wanted.wanted == {}
    assert wanted.failing(1e9) is None


def test_what_cannot_be_used_is_refused_for_good() -> None:
    wanted = WantedSchemas()
    wanted.find(7, 0.0)
    refused = SchemaRefused("bad-schema", "too large")
    wanted.cannot_be_used(7, refused)
    assert wanted.find(7, 1e9) == refused


def test_what_cannot_be_read_is_asked_for_again_and_is_no_sign_of_a_registry() -> None:
    wanted = WantedSchemas()
    wanted.find(7, 0.0)
    refused = SchemaRefused("bad-schema", "too large")
    wanted.cannot_be_read(7, refused, 0.0)
    assert wanted.find(7, 59.0) == refused
    assert wanted.find(7, 61.0) is None
    assert asked(wanted, 61.0) == [7]
    assert not wanted.knew_any


def test_the_least_recently_used_go() -> None:
    wanted = WantedSchemas(most=3)
    for key in range(3):
        wanted.answered(key, SCHEMA)
    wanted.find(0, 0.0)
    wanted.answered(3, SCHEMA)
    assert len(wanted) == 3
    assert wanted.find(0, 0.0) == SCHEMA
    assert wanted.find(1, 0.0) is None


def test_who_waits_is_told_why() -> None:
    wanted = WantedSchemas()
    wanted.find(7, 0.0)
    assert wanted.waits() == {7: "it is asked for"}
    asked(wanted, 0.0)
    unanswered(wanted, 7, FAILING, 0.0)
    assert wanted.waits() == {7: "it fails"}
