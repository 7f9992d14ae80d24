"""From a message to its events: every field can be set by a rule, and what the API would refuse is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.event import FIELDS
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot

Run = Callable[..., Outcome]

UUID = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"

RULES = (
    "version: 1\nsource: {topics: [t]}\nrules:\n  - name: all_fields\n    when: {type: x}\n    event:\n"
    + "".join(f"      {field.name}: = payload.{field.name}\n" for field in FIELDS if field.name != "insert_id")
    + "      insert_id: = payload.id\n"
)

GOOD: dict[str, object] = {
    "type": "x",
    "id": "i-1",
    "event_type": "e",
    "product_id": UUID,
    "value": "149.00",
    "value_type": "currency",
    "influence": "positive",
    "quality_impact_score": 0.5,
    "conversation_id": UUID,
    "external_conversation_id": "c",
    "user_id": UUID,
    "external_user_id": "u",
    "organization_id": UUID,
    "external_organization_id": "o",
    "event_at": "2026-11-18T11:06:40Z",
    "properties": {"a": 1.5},
    "sample_rate": 0.25,
    "force_sample": True,
}


def given(message: Message, ruleset: Ruleset) -> Outcome:
    """What becomes of it, which JSON always says at once."""
    outcome = evaluate(message, Snapshot(ruleset))
    assert isinstance(outcome, Outcome)
    return outcome


@pytest.fixture(scope="module")
def outcome_of(tmp_path_factory: pytest.TempPathFactory) -> Run:
    path = tmp_path_factory.mktemp("rules") / "m.yaml"
    path.write_text(RULES)
    ruleset = load([path], {}).ruleset
    assert ruleset is not None

    def run(**changes: object) -> Outcome:
        payload = {name: value for name, value in {**GOOD, **changes}.items() if value is not ...}
        message = Message("t", 0, 0, timestamp_ms=1_795_000_001_000, value=json.dumps(payload).encode())
        return given(message, ruleset)

    return run


def test_every_field_can_be_set_by_a_rule(outcome_of: Run) -> None:
    outcome = outcome_of()
    assert outcome.problems == ()
    (event,) = outcome.events
    assert event.fields.keys() == {field.name for field in FIELDS}
    assert event.fields["insert_id"] == "e:i-1"


@pytest.mark.parametrize(
    ("field", "value", "code", "said"),
    [
        ("event_type", "", "not-allowed", '"" is empty'),
        ("event_type", 5, "not-allowed", "5 is not text; write text(...)"),
        ("event_type", ..., "missing", "required"),
        ("product_id", "acme", "not-allowed", '"acme" is not a UUID'),
        ("product_id", None, "missing", "required"),
        ("value", "", "missing", "required"),
        ("value", [1], "type-mismatch", "list"),
        ("value", {"a": 1}, "type-mismatch", "object"),
        ("value_type", "count", "not-allowed", '"count" is none of currency, numeric, text, boolean'),
        ("influence", "good", "not-allowed", '"good" is none of positive, negative, neutral'),
        ("quality_impact_score", -1.5, "not-allowed", "-1.5 is not between -1 and 1"),
        ("quality_impact_score", "0.5", "not-allowed", '"0.5" is not a number'),
        ("quality_impact_score", True, "not-allowed", "true is not a number"),
        ("conversation_id", "c", "not-allowed", "external_conversation_id?"),
        ("external_conversation_id", 5, "not-allowed", "5 is not text"),
        ("user_id", "u", "not-allowed", '"u" is not a UUID; did you mean external_user_id?'),
        ("external_user_id", 17, "not-allowed", "17 is not text; write text(...)"),
        ("organization_id", "o", "not-allowed", "external_organization_id?"),
        ("external_organization_id", ["o"], "not-allowed", "a list is not text"),
        ("sample_rate", 1.01, "not-allowed", "1.01 is not between 0 and 1"),
        ("force_sample", "yes", "not-allowed", '"yes" is neither true nor false'),
        ("insert_id", ..., "no-insert-id", "missing or empty"),
        ("insert_id", "", "no-insert-id", "missing or empty"),
        ("insert_id", True, "no-insert-id", "a text, a number or a time"),
    ],
)
def test_what_the_api_would_refuse_names_rule_field_and_value(
    outcome_of: Run, field: str, value: object, code: str, said: str
) -> None:
    outcome = outcome_of(**{"id" if field == "insert_id" else field: value})
    assert outcome.events == ()
    (problem,) = outcome.problems
    assert (problem.code, problem.rule, problem.field) == (code, "all_fields", field)
    assert said in problem.full_text


@pytest.mark.parametrize("field", [field.name for field in FIELDS if not field.required and field.name != "insert_id"])
def test_a_missing_optional_field_is_left_out_and_counted(outcome_of: Run, field: str) -> None:
    outcome = outcome_of(**{field: None})
    assert outcome.problems == ()
    assert [(count.code, count.field) for count in outcome.counts] == [("missing", field)]
    # Without a time of its own the event carries its record's.
    assert (field in outcome.events[0].fields) == (field == "event_at")


@pytest.mark.parametrize("value", ["soon", 1_795_000_000, "1999-01-01", "2026-11-20T00:00:00Z", ""])
def test_a_time_that_cannot_be_read_gives_way_to_the_records(outcome_of: Run, value: object) -> None:
    outcome = outcome_of(event_at=value)
    assert outcome.problems == ()
    assert [(count.code, count.field) for count in outcome.counts] == [("bad-time", "event_at")]
    assert str(outcome.events[0].fields["event_at"]) == "2026-11-18 11:06:41+00:00"


@pytest.mark.parametrize("value", [5, "soon", [1]])
def test_properties_that_are_no_object_are_left_out_and_counted(outcome_of: Run, value: object) -> None:
    outcome = outcome_of(properties=value)
    assert outcome.problems == ()
    assert [(count.code, count.field) for count in outcome.counts] == [("type-mismatch", "properties")]


def test_a_number_beyond_every_reader_is_refused_before_anything_is_sent(outcome_of: Run) -> None:
    outcome = outcome_of(properties={"n": 10**400})
    assert outcome.events == ()
    (problem,) = outcome.problems
    assert (problem.code, problem.rule, problem.field) == ("not-allowed", "all_fields", "properties")


def test_an_event_carries_the_body_that_is_sent(outcome_of: Run) -> None:
    (event,) = outcome_of().events
    body = json.loads(event.body)
    assert body["insertId"] == event.insert_id
    assert set(body) == {field.wire for field in FIELDS}


TIMES = """\
version: 1
source: {topics: [t]}
defaults: {product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: neutral, value: "1", insert_id: = payload.id}
rules:
  - {name: says_no_time, when: {type: none}, event: {event_type: e}}
  - {name: says_a_time, when: {type: own}, event: {event_type: e, event_at: '= time(payload.at, "s")'}}
  - {name: asks_for_the_records, when: {type: asks}, event: {event_type: e, event_at: = kafka.timestamp}}
"""


def timed(folder: Path, kind: str, timestamp_ms: int, timestamp_type: str = "create") -> Outcome:
    """What becomes of a message with such a timestamp."""
    (folder / "m.yaml").write_text(TIMES)
    ruleset = load([folder / "m.yaml"], {}).ruleset
    assert ruleset is not None
    value = json.dumps({"type": kind, "id": 1, "at": 1_795_000_000}).encode()
    message = Message("t", 0, 0, timestamp_ms, value=value, timestamp_type=timestamp_type)
    return given(message, ruleset)


@pytest.mark.parametrize(("timestamp_ms", "timestamp_type"), [(-1, "create"), (-1, "append"), (0, "none")])
@pytest.mark.parametrize("kind", ["none", "asks"])
def test_a_record_without_a_timestamp_gives_an_event_without_a_time_and_is_counted(
    tmp_path: Path, kind: str, timestamp_ms: int, timestamp_type: str
) -> None:
    outcome = timed(tmp_path, kind, timestamp_ms, timestamp_type)
    (event,) = outcome.events
    assert "event_at" not in event.fields
    assert [(each.code, each.field) for each in outcome.counts] == [("missing", "event_at")]


@pytest.mark.parametrize("timestamp_ms", [-1, -5000, -62_135_596_800_000])
def test_the_rules_own_time_holds_for_a_record_whose_timestamp_is_none(tmp_path: Path, timestamp_ms: int) -> None:
    outcome = timed(tmp_path, "own", timestamp_ms)
    (event,) = outcome.events
    assert str(event.fields["event_at"]) == "2026-11-18 11:06:40+00:00"
    assert outcome.counts == ()


@pytest.mark.parametrize("timestamp_ms", [-2, -5000, -62_135_596_800_000])
@pytest.mark.parametrize("kind", ["none", "asks"])
def test_a_record_from_before_1970_is_dated_by_nobody(tmp_path: Path, kind: str, timestamp_ms: int) -> None:
    outcome = timed(tmp_path, kind, timestamp_ms)
    assert outcome.events == ()
    assert [(each.code, each.field) for each in outcome.problems] == [("bad-time", "event_at")]
