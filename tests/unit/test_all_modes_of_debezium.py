"""One rule file gives the same events in all modes of Debezium's connector whose messages carry a schema, and in JSON
without one what the page says: on messages that Debezium's own engine wrote."""

from __future__ import annotations

import json

import pytest

from greenflash_kafka.decoding.decoders import FormatDecoders
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot
from tests.debezium.recorded import MODES, recorded, schemas
from tests.fakes.schemas import KnownSchemas

RULES = """\
version: 1
source: {topics: ["/.*\\\\.billing\\\\.subscriptions/"], envelope: debezium}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  influence: positive
  external_user_id: = payload.customer
rules:
  - name: upgraded
    when: {plan: {from: [starter, growth], to: [growth, scale]}}
    event:
      event_type: upgrade_purchased
      value: = money_major(payload.amount, payload.currency)
      event_at: = time(envelope.source.ts_us, "us")
      insert_id: = join([payload.id, payload.plan, number(payload.amount)], "-")
      properties:
        seats: = payload.seats
        rate: = number(payload.rate)
  - name: created
    when: {envelope.op: c}
    event:
      event_type: trial_started
      value: = money_major(payload.amount, payload.currency)
      event_at: = time(payload.started)
      insert_id: = text(payload.id)
      properties: {opens: = payload.opens, renews: = payload.renews}
  - name: cancelled
    when: {envelope.op: d}
    event:
      event_type: cancellation_requested
      external_user_id: = envelope.before.customer
      value: "1"
      event_at: = time(envelope.source.ts_us, "us")
      insert_id: = text(envelope.before.id)
"""


EVENTS: list[dict[str, object]] = [
    {
        "eventType": "trial_started",
        "externalUserId": "c-304",
        "value": "1200.00",
        "eventAt": "2026-11-20T00:00:00Z",
        "properties": {"renews": "2027-11-20"},
        "insertId": "trial_started:4",
    },
    {
        "eventType": "upgrade_purchased",
        "externalUserId": "c-301",
        "value": "299.00",
        "properties": {"seats": 3, "rate": 0.1},
        "insertId": "upgrade_purchased:1-scale-299",
    },
    {
        "eventType": "upgrade_purchased",
        "externalUserId": "c-302",
        "value": "12345678.90",
        "properties": {"seats": 1},
        "insertId": "upgrade_purchased:2-growth-12345678.9",
    },
    {
        "eventType": "cancellation_requested",
        "externalUserId": "c-303",
        "value": "1",
        "insertId": "cancellation_requested:3",
    },
]


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    path = tmp_path_factory.mktemp("rules") / "subscriptions.yaml"
    path.write_text(RULES)
    loaded = load([path], {})
    assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]
    return Snapshot(loaded.ruleset, decoders=FormatDecoders(KnownSchemas(schemas())))


def outcomes(snapshot: Snapshot, name: str) -> list[Outcome]:
    """What becomes of the messages of one engine and converter; what is filtered is left out."""
    found = []
    for record in recorded(name):
        message = Message(record.topic, 0, 0, 1796117400000, record.key, record.value, record.headers)
        outcome = evaluate(message, snapshot)
        assert isinstance(outcome, Outcome)
        if outcome.status != "filtered":
            found.append(outcome)
    return found


def events(found: list[Outcome]) -> list[dict[str, object]]:
    """The events that came, without what is the same in all, or differs from run to run of the engine."""
    same = ("productId", "influence", "valueType")
    bodies = [json.loads(event.body) for outcome in found for event in outcome.events]
    for body in bodies:
        for name in same if body["eventType"] == "trial_started" else (*same, "eventAt"):
            body.pop(name)
    return bodies


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("converter", ["json-with-schema", "avro"])
def test_messages_with_a_schema_give_the_same_events_in_all_modes(
    snapshot: Snapshot, mode: str, converter: str
) -> None:
    found = outcomes(snapshot, f"{mode}-{converter}")

    assert events(found) == EVENTS
    assert not any(outcome.problems for outcome in found)


def test_json_without_a_schema_gives_them_with_decimals_and_times_as_text(snapshot: Snapshot) -> None:
    created, *others = events(outcomes(snapshot, "string-json"))

    assert created == {**EVENTS[0], "properties": {"renews": "2027-11-20Z"}}
    assert others == EVENTS[1:]


def test_json_without_a_schema_gives_bare_numbers_for_times(snapshot: Snapshot) -> None:
    found = outcomes(snapshot, "double-json")
    created, *others = events(found)

    assert created == {**EVENTS[0], "eventAt": "2026-12-01T09:30:00Z", "properties": {"renews": 21142}}
    assert ("bad-time", "event_at") in {(count.code, count.field) for count in found[0].counts}
    assert others == EVENTS[1:]


def test_json_without_a_schema_has_precise_decimals_that_are_refused_as_amounts(snapshot: Snapshot) -> None:
    found = outcomes(snapshot, "precise-json")

    assert events(found) == EVENTS[3:]
    assert [outcome.problems[0].code for outcome in found[:3]] == ["bad-money"] * 3


def test_what_is_no_change_of_a_row_is_skipped_in_each_form(snapshot: Snapshot) -> None:
    skipped: dict[str, list[str]] = {}
    for name in ("precise-json", "precise-json-with-schema", "precise-avro"):
        messages = [
            Message("t.billing.subscriptions", 0, 0, value=record.value, headers=record.headers)
            for record in recorded(name)
            if "billing.marks" not in record.topic
        ]
        found = [evaluate(message, snapshot) for message in messages]
        skipped[name] = sorted(
            {outcome.skipped for outcome in found if isinstance(outcome, Outcome) and outcome.skipped}
        )

    assert set(map(tuple, skipped.values())) == {("heartbeat", "snapshot", "transaction", "truncate")}
