"""`source: {envelope}`: rules of rows and events, as if the prefix of each path had been written out."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from greenflash_kafka.evaluate import activities, evaluate
from greenflash_kafka.explanations.full_explanation import explain_fully
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.activities import Activities
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot

Load = Callable[..., Loaded]

EVENT = """
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
"""
OF_ROWS = f"""
version: 1
source: {{topics: [t], envelope: debezium}}
let: {{who: = payload.customer}}
rules:
  - name: upgrade
    when:
      plan: {{from: free, to: team}}
      envelope.source.table: subscriptions
    where: payload.amount != envelope.before.amount{EVENT}
      value: = money_major(payload.amount, "EUR")
      external_user_id: = who
      event_at: = time(envelope.ts_ms, "ms")
      insert_id: = join([envelope.source.lsn, payload.id], "-")
  - name: cancelled
    when: {{envelope.op: d, payload: null}}
    where: not exists(payload.plan){EVENT}
      value: 1
      external_user_id: = envelope.before.customer
      insert_id: = text(envelope.source.lsn)
"""
WRITTEN_OUT = (
    OF_ROWS.replace(", envelope: debezium", ", before: payload.before, after: payload.after")
    .replace("payload.", "payload.after.")
    .replace("payload.after.before, after: payload.after.after", "payload.before, after: payload.after")
    .replace("envelope.op", "op")
    .replace(", payload: null", ", after: null")
    .replace("envelope.source.table", "source.table")
    .replace("envelope", "payload")
    .replace("      plan:", "      after.plan:")
)


def change(op: str, before: object, after: object, **more: object) -> dict[str, object]:
    """A change event."""
    source = {"table": "subscriptions", "lsn": 77}
    return {"op": op, "before": before, "after": after, "source": source, "ts_ms": 1795000000123, **more}


FREE = {"id": 1, "customer": "c-1", "plan": "free", "amount": 0}
TEAM = {"id": 1, "customer": "c-1", "plan": "team", "amount": "299.00"}
CHANGES = [
    change("u", FREE, TEAM),
    change("u", TEAM, FREE),
    change("u", FREE, {**FREE, "amount": 5}),
    change("c", None, TEAM),
    change("d", TEAM, None),
    change("d", FREE, None, source={"lsn": 5}),
    change("u", None, TEAM),
    change("u", FREE, {"plan": "team"}),
    change("u", FREE, TEAM, source={"table": "others"}),
]


def given(loaded: Loaded, value: object) -> Outcome:
    """What becomes of a message."""
    assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]
    outcome = evaluate(message(value), Snapshot(loaded.ruleset))
    assert isinstance(outcome, Outcome)
    return outcome


def message(value: object, key: bytes | None = None) -> Message:
    """A message of the topic `t`."""
    body = None if value is None else json.dumps(value).encode()
    return Message("t", 0, 0, timestamp_ms=1795000060000, key=key, value=body)


def test_an_envelope_gives_what_the_paths_written_out_give(load_text: Load) -> None:
    prefixed, written_out = load_text(OF_ROWS), load_text(WRITTEN_OUT)

    outcomes = [given(prefixed, value) for value in CHANGES]

    assert [outcome.events for outcome in outcomes] == [given(written_out, value).events for value in CHANGES]
    assert [len(outcome.events) for outcome in outcomes] == [1, 0, 0, 0, 1, 1, 0, 0, 0]
    assert json.loads(outcomes[0].events[0].body)["value"] == "299.00"


def test_of_a_message_only_what_rules_read_is_decoded(load_text: Load) -> None:
    loaded = load_text(OF_ROWS)
    assert loaded.ruleset is not None
    rules = loaded.ruleset.rules_for("t")
    assert rules is not None

    shape = rules.shape

    assert shape is not None
    assert shape.keys() >= {"op", "after", "before", "source", "ts_ms"}
    assert shape["source"] == {"lsn": None, "table": None}


def test_a_tombstone_behind_a_delete_is_filtered(load_text: Load) -> None:
    assert given(load_text(OF_ROWS), None) == Outcome()


@pytest.mark.parametrize(
    ("value", "code"),
    [(change("r", None, TEAM), None), ({"ts_ms": 1}, None), (TEAM, "bad-envelope"), ([], "bad-envelope")],
)
def test_what_is_no_change_is_filtered_or_a_dead_letter(load_text: Load, value: object, code: str | None) -> None:
    outcome = given(load_text(OF_ROWS), value)

    assert outcome.status == ("invalid" if code else "filtered")
    assert [problem.code for problem in outcome.problems] == ([code] if code else [])


@pytest.mark.parametrize(("says", "events"), [("", 0), (", snapshots: include", 1), (", snapshots: skip", 0)])
def test_rows_of_a_snapshot_are_events_where_a_file_says_so(load_text: Load, says: str, events: int) -> None:
    text = OF_ROWS.replace("envelope: debezium", f"envelope: debezium{says}").replace("{from: free, to: team}", "team")
    row = change("r", None, TEAM)

    assert len(
        given(load_text(text.replace("    where: payload.amount != envelope.before.amount\n", "")), row).events
    ) == (events)


@pytest.mark.parametrize(("says", "found"), [("", 1), (", snapshots: include", 1), (", snapshots: skip", 0)])
def test_conversations_take_rows_of_a_snapshot_unless_told_otherwise(load_text: Load, says: str, found: int) -> None:
    text = f"""
        version: 1
        source: {{topics: [t], envelope: debezium{says}}}
        conversations:
          - name: chats
            when: {{envelope.op: [r, c, u]}}
            id: = payload.id
            at: = time(envelope.ts_ms, "ms")
            keys: {{external_user_id: = payload.customer, table: = envelope.source.table}}
    """
    loaded = load_text(text)
    assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]

    result = activities(message(change("r", None, TEAM)), Snapshot(loaded.ruleset))

    assert isinstance(result, Activities)
    assert len(result.found) == found


def test_rules_may_be_told_apart_by_the_type_of_a_cloud_event(load_text: Load) -> None:
    rules = "".join(
        f"  - name: r{number}\n    when: {{envelope.type: com.acme.t{number}}}{EVENT}"
        "      value: = money_major(payload.total, payload.currency)\n"
        "      external_user_id: = envelope.subject\n      insert_id: = envelope.id\n"
        for number in range(5)
    )
    loaded = load_text(f"version: 1\nsource: {{topics: [t], envelope: cloudevents}}\nrules:\n{rules}")
    assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]
    of_topic = loaded.ruleset.rules_for("t")
    assert of_topic is not None
    event = {"specversion": "1.0", "id": "A-1", "type": "com.acme.t3", "subject": "u-1"}
    event["data"] = {"total": "149.50", "currency": "EUR"}  # type: ignore[assignment]

    assert len(of_topic.find(event, message(event))) == 1
    (sent,) = given(loaded, event).events
    assert sent.rule == "r3"
    assert json.loads(sent.body)["externalUserId"] == "u-1"


def test_lists_of_changed_fields_and_stripes_shape_are_those_of_the_data(load_text: Load) -> None:
    text = f"""
version: 1
source: {{topics: [t], envelope: cloudevents}}
rules:
  - name: raised
    when: {{data.object.amount: {{increased: true}}}}{EVENT}
      value: 1
      insert_id: = envelope.id
  - name: renamed
    when: {{name: {{changed: true}}}}{EVENT}
      value: 1
      insert_id: = envelope.id
"""
    loaded = load_text(text)
    stripe = {"type": "x", "data": {"object": {"amount": 5}, "previous_attributes": {"amount": 4}}}
    around = {"specversion": "1.0", "id": "A-1", "type": "a.created"}

    assert [event.rule for event in given(loaded, {**around, "data": stripe}).events] == ["raised"]
    listed = {"name": "x", "changedFields": ["name"]}
    assert [event.rule for event in given(loaded, {**around, "data": listed}).events] == ["renamed"]
    assert not given(loaded, {**around, "data": {"name": "x"}, "changedFields": ["name"]}).events


@pytest.mark.parametrize(
    ("value", "line", "said"),
    [
        (change("u", TEAM, FREE), "plan", 'and a change to team, found "free"'),
        (change("u", FREE, {"plann": "team"}), "plan: no such field", "did you mean plann?"),
        (change("u", None, TEAM), "plan", "envelope.before is null"),
        (change("d", TEAM, None), "plan: no such field (payload is null)", "the message has envelope.before.plan"),
    ],
)
def test_an_explanation_writes_paths_as_the_rule_does(load_text: Load, value: object, line: str, said: str) -> None:
    loaded = load_text(OF_ROWS)
    assert loaded.ruleset is not None

    (upgrade, _) = explain_fully(message(value), Snapshot(loaded.ruleset))

    found = next(each for each in upgrade.lines if each.name == "plan")
    texts = f"{found.text}; {found.hint}"
    assert found.text.startswith(line)
    assert said in texts
    assert "after" not in texts


def test_a_field_without_a_value_names_its_path_as_it_is_written(load_text: Load) -> None:
    loaded = load_text(OF_ROWS)
    assert loaded.ruleset is not None
    value = change("u", FREE, {"plan": "team", "amount": "299.00"}, source={"table": "subscriptions"})

    (upgrade, _) = explain_fully(message(value), Snapshot(loaded.ruleset))

    causes = [cause for field in upgrade.fields for cause in field.causes]
    assert any(cause.startswith("envelope.source.lsn: no such field") for cause in causes)
    assert any(cause.startswith("payload.id: no such field (the message has") for cause in causes)
    assert any("who: payload.customer: no such field" in cause for cause in causes)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("envelope: debezium", "envelope: none", "unknown-name"),
        ("envelope: debezium", "envelope: debezium, before: payload.old, after: payload.new", "unknown-key"),
        ("envelope.source.table: subscriptions", "envelope.op: {changed: true}", "no-earlier-value"),
    ],
)
def test_what_an_envelope_does_not_go_with_is_a_finding(load_text: Load, old: str, new: str, code: str) -> None:
    assert code in {finding.code for finding in load_text(OF_ROWS.replace(old, new)).findings}


def test_files_that_read_one_topic_have_one_envelope(load_text: Load) -> None:
    other = OF_ROWS.replace("name: upgrade", "name: other").replace("name: cancelled", "name: another")

    findings = load_text(OF_ROWS, other.replace("envelope: debezium", "envelope: cloudevents")).findings

    assert "mixed-source" in {finding.code for finding in findings}
    assert "mixed-source" not in {finding.code for finding in load_text(OF_ROWS, other).findings}


def test_ids_are_made_otherwise_under_another_envelope(load_text: Load) -> None:
    text = OF_ROWS.replace("envelope.", "payload.").replace("- name: cancelled", "- name: other")
    ids = []
    for envelope in ("none", "debezium", "cloudevents"):
        ruleset = load_text(text.replace("envelope: debezium", f"envelope: {envelope}")).ruleset
        assert ruleset is not None
        ids.append(ruleset.ids_of("t"))

    assert len(set(ids)) == 3
