"""Results of rules on payloads: matches, items, order, omitted and invalid fields."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.problem import Problem
from greenflash_kafka.rules.results import EvaluationResult, Explanation

Apply = Callable[..., Any]
Explain = Callable[..., list[Explanation]]

HEAD = """\
version: 1
source: {topics: [t]}
defaults:
  product_id: ${PRODUCT_ID}
  influence: neutral
"""
PRODUCT = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"


def rule(body: str, head: str = HEAD) -> str:
    """A file with one rule `r`; `body` is indented below it."""
    lines = "".join(f"    {line}\n" for line in body.strip("\n").splitlines())
    return f"{head}rules:\n  - name: r\n{lines}"


def problems(applied: EvaluationResult) -> list[tuple[str | None, int | None, str | None, str]]:
    return [(one.rule, one.item, one.field, one.code) for one in applied.problems]


def counts(applied: EvaluationResult) -> list[tuple[str, str | None, str | None]]:
    return [(one.code, one.rule, one.field) for one in applied.counts]


def test_an_event_is_built_of_literals_expressions_and_defaults(apply: Apply) -> None:
    applied = apply(
        rule("""
when: {type: paid}
event:
  event_type: upgrade_purchased
  value: = money_minor(payload.amount, payload.currency)
  external_user_id: = payload.user
  event_at: = time(payload.at, "s")
  insert_id: = payload.id
  quality_impact_score: = payload.score
  properties: {currency: = upper(payload.currency), rate: = payload.rate, source: shop, none: = payload.none}
"""),
        {
            "type": "paid",
            "amount": 14950,
            "currency": "usd",
            "user": "u-5",
            "at": 1795000000,
            "id": 7,
            "score": Decimal("0.5"),
            "rate": Decimal("0.10"),
        },
    )
    (draft,) = applied.drafts
    assert draft.fields == {
        "event_type": "upgrade_purchased",
        "product_id": PRODUCT,
        "influence": "neutral",
        "value": "149.50",
        "value_type": "currency",
        "external_user_id": "u-5",
        "event_at": datetime(2026, 11, 18, 11, 6, 40, tzinfo=UTC),
        "quality_impact_score": Decimal("0.5"),
        "properties": {"currency": "USD", "rate": Decimal("0.10"), "source": "shop"},
        "insert_id": "upgrade_purchased:7",
    }
    assert type(draft.fields["value"]) is str
    assert counts(applied) == [("missing", "r", "properties.none")]


@pytest.mark.parametrize(
    ("written", "payload", "value", "value_type"),
    [
        ("5", {}, "5", "numeric"),
        ('"5"', {}, "5", "text"),
        ("1.5", {}, "1.5", "numeric"),
        ("true", {}, "true", "boolean"),
        ("premium", {}, "premium", "text"),
        ("= payload.v", {"v": Decimal("12.50")}, "12.5", "numeric"),
        ("= payload.v", {"v": False}, "false", "boolean"),
        ("= payload.v", {"v": 0}, "0", "numeric"),
        ("= payload.v", {"v": "x"}, "x", "text"),
        ('= money_major(payload.v, "EUR")', {"v": 5}, "5.00", "currency"),
    ],
)
def test_value_takes_what_it_gets_and_its_type_follows(
    apply: Apply, written: str, payload: dict[str, object], value: str, value_type: str
) -> None:
    (draft,) = apply(rule(f"when: {{x: null}}\nevent:\n  event_type: e\n  value: {written}"), payload).drafts
    assert (draft.fields["value"], draft.fields["value_type"]) == (value, value_type)


@pytest.mark.parametrize(
    ("field", "payload", "code"),
    [
        ("value: = payload.v", {}, "missing"),
        ("value: = payload.v", {"v": ""}, "missing"),
        ("value: = payload.v", {"v": [1]}, "type-mismatch"),
        ("value: = payload.v + 1", {"v": "1"}, "type-mismatch"),
        ("value: = 1 / payload.v", {"v": 0}, "division-by-zero"),
        ("value: '= money_minor(payload.v, \"XXL\")'", {"v": 1}, "bad-money"),
    ],
)
def test_without_a_required_field_the_event_is_invalid(
    apply: Apply, field: str, payload: dict[str, object], code: str
) -> None:
    applied = apply(rule(f"when: {{x: null}}\nevent:\n  event_type: e\n  {field}"), payload)
    assert problems(applied) == [("r", None, "value", code)]
    assert applied.drafts == []


@pytest.mark.parametrize("payload", [{}, {"id": ""}, {"id": [1]}, {"id": True}])
def test_a_written_insert_id_never_has_a_fallback(apply: Apply, payload: dict[str, object]) -> None:
    applied = apply(rule("when: {x: null}\nevent: {event_type: e, value: 1, insert_id: = payload.id}"), payload)
    assert problems(applied) == [("r", None, "insert_id", "no-insert-id")]


def test_everything_wrong_with_an_event_is_said_at_once(apply: Apply) -> None:
    body = "when: {x: null}\nevent: {event_type: = payload.t, value: = payload.v + 1, insert_id: = payload.id}"
    applied = apply(rule(body), {"v": "x"})
    assert [field for _, _, field, _ in problems(applied)] == ["event_type", "value", "insert_id"]


def test_an_optional_field_that_fails_is_left_out_and_counted(apply: Apply) -> None:
    applied = apply(
        rule("""
when: {x: null}
event:
  event_type: e
  value: 1
  external_user_id: = lower(payload.user)
  event_at: = time(payload.at, "s")
  quality_impact_score: = payload.a + payload.b
  properties: {bad: = 1 / payload.zero, good: = payload.zero, list: [= payload.none, 1], map: {a: = payload.none, b: 2}}
"""),
        {"user": 5, "at": "soon", "a": "1", "b": "2", "zero": 0},
    )
    (draft,) = applied.drafts
    given = {"event_type", "value", "value_type", "product_id", "influence", "properties"}
    assert draft.fields.keys() == given | {"event_at", "insert_id"}
    assert draft.fields["properties"] == {"good": 0, "list": [1], "map": {"b": 2}}
    assert sorted(counts(applied)) == [
        ("bad-time", "r", "event_at"),
        ("division-by-zero", "r", "properties.bad"),
        ("type-mismatch", "r", "external_user_id"),
        ("type-mismatch", "r", "quality_impact_score"),
    ]


def test_a_rule_s_field_replaces_the_default_even_when_it_is_missing(apply: Apply) -> None:
    head = HEAD + "  external_user_id: default\n  conversation_id: = payload.c\n  properties: {a: 1, b: 2, c: 3}\n"
    body = (
        "when: {x: null}\n"
        "event: {event_type: e, value: 1, influence: null, external_user_id: = payload.none, "
        "properties: {b: = payload.none, c: null, d: 4}}"
    )
    (draft,) = apply(rule(body, head), {"c": PRODUCT}).drafts
    assert "external_user_id" not in draft.fields
    assert "influence" not in draft.fields
    assert draft.fields["conversation_id"] == PRODUCT
    assert draft.fields["properties"] == {"a": 1, "d": 4}


def test_every_rule_that_matches_gives_an_event_in_file_order(apply: Apply) -> None:
    text = (
        HEAD
        + """\
rules:
  - {name: a, when: {x: 1}, event: {event_type: a, value: 1}}
  - {name: b, when: {x: [1, 2]}, event: {event_type: b, value: 1}}
  - {name: c, when: {x: 2}, event: {event_type: c, value: 1}}
  - {name: d, when: {x: {above: 0}}, event: {event_type: d, value: = payload.none}}
"""
    )
    applied = apply(text, {"x": 1})
    assert [draft.rule for draft in applied.drafts] == ["a", "b"]
    assert problems(applied) == [("d", None, "value", "missing")]


def test_first_match_stops_after_the_first_match_even_an_invalid_one(apply: Apply) -> None:
    text = (
        HEAD
        + """\
first_match: true
rules:
  - {name: a, when: {x: 1, y: 1}, event: {event_type: a, value: = payload.none}}
  - {name: b, when: {x: 1}, event: {event_type: b, value: 1}}
  - {name: c, where: true, event: {event_type: c, value: 1}}
"""
    )
    assert [draft.rule for draft in apply(text, {"x": 2}).drafts] == ["c"]
    assert [draft.rule for draft in apply(text, {"x": 1}).drafts] == ["b"]
    applied = apply(text, {"x": 1, "y": 1})
    assert applied.drafts == []
    assert problems(applied) == [("a", None, "value", "missing")]


EACH = (
    HEAD
    + """\
each: payload
rules:
  - {name: a, when: {item.k: 1}, event: {event_type: a, value: = item.v, insert_id: = item.id}}
  - {name: b, when: {item.k: [1, 2]}, event: {event_type: b, value: = index, insert_id: = item.id}}
"""
)


def test_each_gives_events_in_the_order_of_rules_then_items(apply: Apply) -> None:
    applied = apply(EACH, [{"k": 1, "v": 5, "id": "p"}, {"k": 2, "id": "q"}, {"k": 1, "id": "s"}])
    assert [(draft.rule, draft.item, draft.fields["value"]) for draft in applied.drafts] == [
        ("a", 0, "5"),
        ("b", 0, "0"),
        ("b", 1, "1"),
        ("b", 2, "2"),
    ]
    assert problems(applied) == [("a", 2, "value", "missing")]


@pytest.mark.parametrize(("payload", "events"), [(None, 0), ([], 0), ({"k": 2, "id": "x"}, 1), ([1, "x", None], 0)])
def test_each_of_nothing_is_nothing_and_of_an_object_one_item(apply: Apply, payload: object, events: int) -> None:
    applied = apply(EACH, payload)
    assert (len(applied.drafts), applied.problems) == (events, [])


def test_each_of_anything_else_is_not_a_list(apply: Apply) -> None:
    assert problems(apply(EACH, "text")) == [("a", None, "each", "not-a-list"), ("b", None, "each", "not-a-list")]


def test_each_in_error_doesn_t_matter_to_a_rule_that_wouldn_t_match(apply: Apply) -> None:
    event = "event: {event_type: e, value: 1, insert_id: = item}"
    body = f"when: {{payload.type: a}}\nwhere: payload.ok\neach: payload.list\n{event}"
    assert problems(apply(rule(body), {"type": "b", "list": 1})) == []
    assert problems(apply(rule(body), {"type": "a", "ok": False, "list": 1})) == []
    assert problems(apply(rule(body), {"type": "a", "ok": True, "list": 1})) == [("r", None, "each", "not-a-list")]


def test_over_the_limit_of_items_nothing_is_sent(apply: Apply) -> None:
    applied = apply(EACH, [{"k": 1, "v": 1, "id": "p"}] * 4, max_items=3)
    assert applied.drafts == []
    assert problems(applied) == [("a", None, "each", "limit")]


def test_first_match_counts_per_item(apply: Apply) -> None:
    applied = apply(EACH.replace("each:", "first_match: true\neach:"), [{"k": 1, "v": 1, "id": 1}, {"k": 2, "id": 2}])
    assert [(draft.rule, draft.item) for draft in applied.drafts] == [("a", 0), ("b", 1)]


def test_an_error_in_where_or_in_a_let_makes_the_message_invalid(apply: Apply) -> None:
    where = rule("when: {x: 1}\nwhere: payload.a + 1 > 0\nevent: {event_type: e, value: 1}")
    assert problems(apply(where, {"x": 1, "a": "1"})) == [("r", None, "where", "type-mismatch")]
    assert problems(apply(where, {"x": 2, "a": "1"})) == []
    assert problems(apply(where, {"x": 1})) == []
    let = rule(
        "let: {body: = parse_json(payload.raw)}\nwhen: {body.type: a, x: 1}\nwhere: payload.y\n"
        "event: {event_type: e, value: 1}"
    )
    assert problems(apply(let, {"x": 1, "raw": "{", "y": True})) == [("r", None, "let.body", "bad-json")]
    assert problems(apply(let, {"x": 2, "raw": "{", "y": True})) == []
    assert len(apply(let, {"x": 1, "raw": '{"type": "a"}', "y": True}).drafts) == 1


def test_a_let_in_an_optional_field_fails_only_there(apply: Apply) -> None:
    body = (
        "let: {b: = parse_json(payload.raw)}\nwhen: {x: 1}\nevent: {event_type: e, value: 1, external_user_id: = b.u}"
    )
    applied = apply(rule(body), {"x": 1, "raw": "{"})
    assert len(applied.drafts) == 1
    assert counts(applied) == [("bad-json", "r", "external_user_id")]


def test_a_rule_holds_from_its_first_moment_until_before_its_last(apply: Apply) -> None:
    body = """
when: {x: 1}
valid: {from: 2026-11-01, until: 2026-12-01, zone: Europe/Paris}
event: {event_type: e, value: 1, event_at: = time(payload.at)}
"""
    for at, holds in [
        ("2026-10-31T22:59:59Z", False),
        ("2026-10-31T23:00:00Z", True),
        ("2026-11-30T22:59:59Z", True),
        ("2026-11-30T23:00:00Z", False),
    ]:
        message = Message("t", 0, 0, timestamp_ms=1_798_000_000_000)
        assert len(apply(rule(body), {"x": 1, "at": at}, message).drafts) == holds, at
    assert len(apply(rule(body), {"x": 1}).drafts) == 1  # the record's own time


def test_kafka_s_facts_are_there_for_rules(apply: Apply) -> None:
    body = (
        "when: {kafka.key: {starts_with: cus}, kafka.timestamp: {at_least: 2026-01-01}}\n"
        "event: {event_type: e, value: 1, external_user_id: '= kafka.headers[\"who\"]', "
        "properties: {o: = kafka.offset}}"
    )
    message = Message(
        "t",
        3,
        41,
        1_795_000_000_000,
        b"cus_1",
        b"{}",
        (("who", b"x"), ("who", b"u-5"), ("bad", b"\xff"), ("none", None)),
    )
    (draft,) = apply(rule(body), {}, message).drafts
    assert draft.fields["external_user_id"] == "u-5"
    assert draft.fields["properties"] == {"o": 41}
    assert apply(rule(body), {}, Message("t", 0, 0, key=b"\xff")).drafts == []


def test_a_json_key_becomes_its_value(apply: Apply) -> None:
    text = rule("when: {kafka.key.id: 5}\nevent: {event_type: e, value: 1}").replace(
        "topics: [t]", "topics: [t], key: json"
    )
    assert len(apply(text, {}, Message("t", 0, 0, key=b'{"id": 5}')).drafts) == 1
    assert apply(text, {}, Message("t", 0, 0, key=b"{")).drafts == []


def test_a_tombstone_matches_only_what_asks_for_it(apply: Apply) -> None:
    for asked in ("when: {payload: null}", "when: {payload: {exists: false}}", "where: not exists(payload)"):
        assert len(apply(rule(f"{asked}\nevent: {{event_type: e, value: 1}}"), None).drafts) == 1
    for unasked in ("when: {x: null}", "when: {none: [{x: 1}]}", "where: true", "where: not exists(payload.x)"):
        text = rule(f"{unasked}\nevent: {{event_type: e, value: 1}}")
        assert apply(text, None).drafts == []
        assert len(apply(text, {}).drafts) == 1
    assert apply(rule("when: {payload: null}\nevent: {event_type: e, value: 1}"), {}).drafts == []
    assert apply(rule("when: {type: x}\nevent: {event_type: e, value: 1}"), None).drafts == []


@pytest.mark.parametrize(
    ("payload", "condition"),
    [
        ({"live": False, "type": "b"}, "live"),
        ({"live": True, "type": "b"}, "type"),
        ({"live": True, "type": "a", "n": 1}, "any"),
        ({"live": True, "type": "a", "n": 3, "o": {}}, "body.x"),
        ({"live": True, "type": "a", "n": 3, "o": {"x": 1}}, "where"),
        ({"live": True, "type": "a", "n": 3, "o": {"x": 1}, "ok": True}, None),
    ],
)
def test_the_first_condition_that_fails_is_named_as_it_is_written(
    explain: Explain, apply: Apply, payload: object, condition: str | None
) -> None:
    head = HEAD + "when: {live: true}\n"
    body = (
        "let: {body: = payload.o}\nwhen: {body.x: 1, type: a, any: [{n: {above: 2}}]}\nwhere: payload.ok\n"
        "event: {event_type: e, value: 1}"
    )
    (explanation,) = explain(rule(body, head), payload)
    assert explanation.condition == condition
    assert explanation.result == ("matched" if condition is None else "failed")
    assert len(apply(rule(body, head), payload).drafts) == (condition is None)


def test_explanations_name_items_and_problems(explain: Explain) -> None:
    explained = explain(EACH, [{"k": 1, "id": 1}, {"k": 3}])
    assert [(one.rule, one.item, one.result, one.condition) for one in explained] == [
        ("a", 0, "invalid", None),
        ("a", 1, "failed", "item.k"),
        ("b", 0, "matched", None),
        ("b", 1, "failed", "item.k"),
    ]
    assert [problem.code for problem in explained[0].problems] == ["missing"]
    assert explained[0].problems == (Problem("missing", explained[0].problems[0].message, "a", 0, "value"),)
