"""Every hint about a line of `when` is a line that can be copied: with it the file has no findings, and matches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from tests.unit.rules.one_mistake import FILE, WHEN, changed, findings, said

MESSAGE: dict[str, Any] = {
    "type": "order.paid",
    "status": "paid",
    "id": "o-1",
    "amount": 10,
    "cents": 1000,
    "plan": "pro",
    "@timestamp": "2026",
    "lines": [{"price": 5}, {"price": 0}],
    "customer": {"id": "u", "first-name": "Ada", "last name": "L", "country": "DE"},
}

TABLE = "tables: {plans: {pro: {kind: sales}}}\nrules:"


def matches(folder: Path, text: str) -> bool:
    """Whether the rule of a file takes the message."""
    file = folder / "right.yaml"
    file.write_text(text, encoding="utf-8")
    ruleset = load([file], {}).ruleset
    rules = ruleset.rules_for("shop.orders") if ruleset is not None else None
    assert rules is not None
    facts = KafkaFacts(Message("shop.orders", 0, 0, timestamp_ms=1_795_000_000_000))
    return bool(rules.apply(MESSAGE, facts, EvaluationContext()).drafts)


def right(lines: str, old: str = f"when:\n      {WHEN}") -> str:
    """The file with the lines of the hint; a `where` stands beside `when`."""
    conditions = [line for line in lines.split(" / ") if not line.startswith("where:")]
    wheres = [line for line in lines.split(" / ") if line.startswith("where:")]
    when = "when:\n  " + "\n  ".join(conditions) if conditions else ""
    return changed(old, "\n".join([*wheres, *([when] if when else [])])).replace("rules:", TABLE)


@pytest.mark.parametrize(
    ("wrong", "form"),
    [
        ("customer.first-name: Ada", 'customer["first-name"]: Ada'),
        ("customer.last name: L", 'customer["last name"]: L'),
        ("type: order.paid, status: paid", "type: order.paid / status: paid"),
        ("type: order.paid and status: paid", "type: order.paid / status: paid"),
        ("lines: {length: 2}", "where: count(payload.lines) == 2"),
        ("lines: {size: 2}", "where: count(payload.lines) == 2"),
        ("status: {not_equal: open}", "status: {not: open}"),
        ("status: {nin: [open, new]}", "status: {not: [open, new]}"),
        ("status: {in: [paid, new]}", "status: [paid, new]"),
        ("- type: order.paid\n- status: paid", "type: order.paid / status: paid"),
        ("type:order.paid", "type: order.paid"),
        ("type = order.paid", "type: order.paid"),
        ("type == order.paid", "type: order.paid"),
        ("type: order.paid,", "type: order.paid"),
        ("cents: 1000;", "cents: 1000"),
        ("cents > 100", "cents: {above: 100}"),
        ("any: {type: x, status: paid}", "any: [{type: x}, {status: paid}]"),
        ("or:\n  - type: x\n  - status: paid", "any: [{type: x}, {status: paid}]"),
        ("not: {status: open}", "none: [{status: open}]"),
        ("tables.plans[payload.plan].kind: sales", 'where: tables.plans[payload.plan].kind == "sales"'),
        ('"lines[*].price": {above: 0}', "lines: {any: {price: {above: 0}}}"),
        ("lines[].price: 5", "lines: {any: {price: 5}}"),
        ("lower(type): order.paid", "type: {matches: '(?i)^order\\.paid$'}"),
        ("exists(customer): true", "customer: {exists: true}"),
        ("length(lines): 2", "where: count(payload.lines) == 2"),
        ("count(lines): {above: 1}", "where: count(payload.lines) > 1"),
        ('"@timestamp": "2026"', 'payload["@timestamp"]: "2026"'),
        ("$.type: order.paid", "type: order.paid"),
        (".type: order.paid", "type: order.paid"),
        ("${type}: order.paid", "type: order.paid"),
        ("“type”: order.paid", "type: order.paid"),
        ("/customer/country: DE", "customer.country: DE"),
        ("customer->>'country': DE", "customer.country: DE"),
        ("lines.0.price: 5", "lines[0].price: 5"),
        ("not status: open", "status: {not: open}"),
        ("cents >=: 100", "cents: {at_least: 100}"),
        ("cents: {gt: 100}", "cents: {above: 100}"),
        ("cents: {$gte: 100}", "cents: {at_least: 100}"),
        ("cents: {lt: 5000}", "cents: {below: 5000}"),
        ("cents: {lte: 1000}", "cents: {at_most: 1000}"),
        ("cents: {greater than: 100}", "cents: {above: 100}"),
        ("cents: {between: [1, 5000]}", "cents: {at_least: 1, at_most: 5000}"),
        ("cents: {eq: 1000}", "cents: 1000"),
        ("cents: {'<': 5000}", "cents: {below: 5000}"),
        ("type: {neq: x}", "type: {not: x}"),
        ("type: {like: 'order%'}", "type: {starts_with: order}"),
        ("type: {like: '%paid%'}", "type: {contains: paid}"),
        ("type: {ilike: ORDER}", "type: {matches: '(?i)ORDER'}"),
        ("type: {regex: '^order'}", "type: {matches: '^order'}"),
        ("type: {startswith: order}", "type: {starts_with: order}"),
        ("type: {not_contains: x}", "none: [{type: {contains: x}}]"),
        ("note: {is_null: true}", "note: {exists: false}"),
        ("plan: {not_null: true}", "plan: {exists: true}"),
        ("plan: {is_null: false}", "plan: {exists: true}"),
        ("type: {starts_with: [x, order]}", "any: [{type: {starts_with: ...}}, ...]"),
    ],
)
def test_following_the_hint_gives_a_rule_that_matches(tmp_path: Path, wrong: str, form: str) -> None:
    told = [each for each in findings(tmp_path, changed(WHEN, wrong).replace("rules:", TABLE)) if form in each.hint]
    assert len(told) == 1, [said(each) for each in findings(tmp_path, changed(WHEN, wrong))]
    assert told[0].line == 7
    if "..." not in form:
        assert findings(tmp_path, right(form)) == ()
        assert matches(tmp_path, right(form))


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("    when:", "    if:", 5, "below `when`"),
        ("    when:", "    filter:", 5, "below `when`"),
        ("    when:", "    conditions:", 5, "below `when`"),
        ("    when:", "    match:", 5, "below `when`"),
        ("    when:", "    where:", 6, "below `when`"),
        ("    event:", "    then:", 7, "below `event`"),
        ("      event_type:", "      let: {a: = payload.x}\n      event_type:", 8, "beside `event`"),
        ("      event_type:", "      when: {a: x}\n      event_type:", 8, "beside `event`"),
        ("      properties:\n        country:", "      country:", 14, "properties: {country: ...}"),
        ("external_user_id:", "customer_id:", 13, "external_user_id"),
        ("external_user_id:", "account_id:", 13, "external_organization_id"),
        ("external_user_id:", "session_id:", 13, "external_conversation_id"),
        ("  - name:", "    name:", 4, "- name: paid"),
        ("      event_type: purchase\n", "      - event_type: purchase\n", 8, "event_type: purchase"),
        (WHEN, "status: ${STATUS}", 6, "write the value itself"),
        (WHEN, 'type: {matches: "^(?!test).*"}', 6, "RE2 has no look-ahead"),
        (WHEN, "type: {matches: '(a)\\1'}", 6, "RE2 has no back references"),
        (WHEN, "type: {matches: '(a'}", 6, "isn't closed"),
    ],
)
def test_a_word_of_another_tool_leads_to_ours(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    told = findings(tmp_path, FILE.replace(old, new))
    assert [each.line for each in told if words in said(each)] == [line], [said(each) for each in told]
