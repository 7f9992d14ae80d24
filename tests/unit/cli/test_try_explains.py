"""`try` says what it found: each natural mistake in a rule, and what the output must hold to lead to the right form."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.main import run

ORDER: dict[str, Any] = {
    "id": "ev-1001",
    "type": "order.paid",
    "at": "2026-11-18T12:06:40+01:00",
    "customer": {"id": 42, "country": "FR"},
    "total": "149.00",
    "currency": "eur",
    "cents": 14900,
    "amount": 149.0,
    "active": True,
    "zip": "75001",
    "status": "paid",
    "note": None,
    "tags": ["vip", "eu"],
    "lines": [{"price": 10, "quantity": 2}, {"price": 5, "quantity": 1}],
    "ts_ms": 1_795_000_000_000,
}
HEAD = "tables: {plans: {open: {name: Open}, closed: {name: Closed}}}\nlet: {worth: = payload.orders}\n"
FIELDS = """
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
"""


class Try:
    """Tries one rule on one message."""

    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self._folder = folder
        self._capfd = capfd

    def __call__(
        self,
        when: str = "type: order.paid",
        more: str = "",
        event: str = 'value: "1"',
        message: object = ORDER,
        head: str = "",
        source: str = "",
    ) -> str:
        lines = [f"version: 1\nsource: {{topics: [orders]{source}}}\n{head}rules:\n  - name: r\n"]
        lines += [f"    when:\n      {when}\n"] if when else []
        key = "" if "insert_id" in event else "      insert_id: = payload.id\n"
        lines += [f"    {more}\n" if more else "", f"    event:{FIELDS}{key}      {event}\n"]
        (self._folder / "m.yaml").write_text("".join(lines))
        (self._folder / "message.json").write_text(json.dumps(message))
        arguments = ["--rules", str(self._folder / "m.yaml"), str(self._folder / "message.json")]
        run(["try", *arguments, "--timestamp", "2026-11-18T11:06:41Z"])
        out, err = self._capfd.readouterr()
        assert out, err
        return out.replace(f"{self._folder}/", "")


@pytest.fixture
def tried(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Try:
    return Try(tmp_path, capfd)


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("typ: order.paid", ["typ: no such field, expected order.paid", "did you mean type?"]),
        ("Type: order.paid", ["Type: no such field", "did you mean type?"]),
        (
            "type: Order.Paid",
            [
                'type: expected Order.Paid, found "order.paid"',
                "only upper and lower case differ; for both write type: [Order.Paid, order.paid], or for any case",
            ],
        ),
        ("type: [Order.Paid, order.sent]", ["only upper and lower case differ; add order.paid to the list"]),
        ('type: "order.paid "', ['expected "order.paid ", found "order.paid"', "spaces only; write type: order.paid"]),
        ("type: \u201corder.paid\u201d", ["the quotation mark \u201c (U+201C)", "write type: order.paid"]),
        ("type: \u00a0order.paid\u00a0", ["an invisible character (U+00A0)", "write type: order.paid"]),
        ("type: order.*", ["write type: {starts_with: order.}"]),
        ('type: "%paid"', ["write type: {ends_with: paid}"]),
        ('cents: "> 100"', ['expected the text "> 100", found the number 14900', "write cents: {above: 100}"]),
        ('cents: ">= 100"', ["write cents: {at_least: 100}"]),
        ("cents: 1..100", ["write cents: {at_least: 1, at_most: 100}"]),
        ("active: yes", ['expected the text "yes", found true', "write active: true, without quotes"]),
        ('active: "true"', ["write active: true, without quotes"]),
        ("zip: 75001", ['zip: expected the number 75001, found the text "75001"', 'write zip: "75001"']),
        ('cents: "14900"', ['expected the text "14900", found the number 14900', "write cents: 14900"]),
        ("cents: 149", ["expected 149, found 14900", "a hundred times"]),
        ("status: exists", ["write status: {exists: true}"]),
        ("status: not null", ["write status: {exists: true}"]),
        ("note: {not: null}", ["note: expected a value, found null"]),
        ("note: None", ["write note: null"]),
        ("tags: vip", ["found a list of 2", "tags: {contains: vip} asks for an element"]),
        ("tags: [vip]", ["found a list of 2", "tags: {contains: vip} asks for an element"]),
        (
            "lines.price: {above: 0}",
            ["lines.price: no such field (lines is a list of 2)", "for any element write lines: {any: {price: ...}}"],
        ),
        ("status: /^p/i", ["write status: {matches: '(?i)^p'}"]),
        ('status: {matches: "/^p/"}', ["no slashes around it; write status: {matches: '^p'}"]),
        ('status: {matches: "^P"}', ["only upper and lower case differ; write status: {matches: '(?i)^P'}"]),
        (
            "cents: {above: payload.amount}",
            ["`when` compares with literals; write where: payload.cents > payload.amount"],
        ),
        (
            "total: {above: 100}",
            ['expected more than the number 100, found the text "149.00"', "where: number(payload.total) > 100"],
        ),
        ('cents: {above: "100"}', ['"100" is a text; write cents: {above: 100}']),
        ("cents: {above: 0, at_most: 100}", ["cents: expected at most 100, found 14900"]),
        ("country: FR", ["country: no such field", "the message has customer.country"]),
        ("customer.cuontry: FR", ["did you mean customer.country?"]),
        ("customer.country.code: FR", ['no such field (customer.country is the text "FR")']),
        ("status: paid, open", ["status: expected"]),
        ("status: open|paid", ["write status: [open, paid]"]),
        ("cents: {changed: true}", ["doesn't contain the previous value of cents", "source: {before: payload.old"]),
        ("status: {to: paid}", ["doesn't contain the previous value of status", "source: {before: payload.old"]),
        ("dry_run: {not: true}", ["a line about a missing field fails; none: [{dry_run: true}] holds then"]),
        ("lines[2].price: 3", ["no such element (lines is a list of 2)"]),
        ("kafka.headers.source: web", ["no such header (the record has no headers)"]),
        ("kafka.key: a", ["the record has no key"]),
        ("type: order.payed", ["did you mean order.paid?"]),
        ("event_type: order.paid", ["event_type: no such field", "the message has order.paid in type"]),
        ("lines[0].qty: 2", ["did you mean lines[0].quantity?"]),
        ("tags: {contains: v}", ["`contains` asks a list for a whole element, like vip"]),
        ("ts_ms: {above: 2026-01-01}", ['where: time(payload.ts_ms, "ms") > time("2026-01-01")']),
        ('customer.id: {starts_with: "4"}', ['where: starts_with(text(payload.customer.id), "4")']),
    ],
)
def test_a_line_that_fails_says_what_was_expected_what_is_there_and_what_to_write(
    tried: Try, line: str, parts: list[str]
) -> None:
    out = tried(line)
    assert out.startswith("filtered\n")
    assert "m.yaml:6:7: " in out
    for part in parts:
        assert part in out, out


@pytest.mark.parametrize(
    "line",
    [
        *("type: Order.Paid", 'type: "order.paid "', "type: \u201corder.paid\u201d", "type: order.*", 'type: "%paid"'),
        *(
            "type: order.payed",
            "type: order",
            "type: 'ORDER.PAID  '",
            'cents: "> 100"',
            'cents: ">= 100"',
            "cents: 0..99999",
        ),
        *("active: yes", 'active: "true"', "active: 1", "zip: 75001", 'cents: "14900"', "total: 149", "status: exists"),
        *("status: not null", "note: None", "status: /^p/i", 'status: {matches: "/^p/"}', 'status: {matches: "^P"}'),
        *(
            "status: open|paid",
            'status: "<> open"',
            'status: "!= open"',
            "status: {ends_with: '*id'}",
            "tags: {contains: VIP}",
        ),
        *("at: 2026-11-18", "status: not open", "currency: EUR", "status: {starts_with: PA}"),
    ],
)
def test_a_line_that_is_written_as_the_hint_says_matches(tried: Try, line: str) -> None:
    out = tried(line)
    hints = [each.strip() for each in out.splitlines() if each.strip().startswith("hint: ")]
    assert hints, out
    written = re.search(r"write (\w[^;]*?)(?:, or .*|, without quotes|)$", hints[0])
    right = written[1] if written else f"{line.partition(':')[0]}: {hints[0].partition('did you mean ')[2].rstrip('?')}"
    assert tried(right).startswith("mapped\n"), right


@pytest.mark.parametrize(
    ("where", "parts"),
    [
        (
            "payload.centss > 0",
            ["failed: payload.centss > 0", "payload.centss: no such field", "did you mean payload.cents?"],
        ),
        ('payload.tags == "vip"', ["payload.tags is a list of 2", 'contains(payload.tags, "vip")']),
        ('payload.tags in ["vip"]', ["payload.tags is a list of 2", 'contains(payload.tags, "vip")']),
        (
            'payload.cents > 0 and payload.status == "Paid"',
            ["holds: payload.cents > 0", 'payload.status is the text "paid"', 'lower(payload.status) == "paid"'],
        ),
        (
            "payload.cents < 5 or payload.total == 149",
            ['payload.total is the text "149.00"', "cents is the number 14900"],
        ),
        ("payload.total > 100", ["> compares values of one type", 'payload.total is the text "149.00"']),
        ("not payload.active", ["payload.active is true"]),
        ("payload.tags == \"vip\" or payload.status == 'Paid'", ["contains(payload.tags", "lower(payload.status)"]),
        ('contains(payload.tags, "VIP")', ['contains(payload.tags, "vip")']),
        ('starts_with(payload.type, "Order")', ['starts_with(lower(payload.type), "order")']),
        ('payload.currency in ["EUR", "USD"]', ['lower(payload.currency) in ["eur", "usd"]']),
        ("exists(payload.tpye)", ["payload.tpye: no such field", "did you mean payload.type?"]),
        ("payload.total == 149", ['payload.total == "149.00", or number(payload.total) == 149']),
        (
            "count([l for l in payload.lines if l.qty > 1]) > 0",
            ["payload.lines[0].qty: no such field", "did you mean payload.lines[0].quantity?"],
        ),
        (
            'payload.reason != "fraud"',
            ["a missing field isn't true", 'take it: coalesce(payload.reason, "") != "fraud"'],
        ),
        (
            'payload.cents > 5 and payload.why not in ["a", "b"]',
            ['take it: coalesce(payload.why, "") not in ["a", "b"]'],
        ),
        ("payload.score != 5", ["to take it: (not exists(payload.score) or payload.score != 5)"]),
        ("payload.status", ["`where` must come out true or false", "exists(payload.status)"]),
    ],
)
def test_the_parts_of_a_where_have_their_values(tried: Try, where: str, parts: list[str]) -> None:
    out = tried(more=f"where: {where}")
    assert "m.yaml:7:12: where: " in out
    for part in parts:
        assert part in out, out


def test_each_branch_of_any_and_none_is_shown(tried: Try) -> None:
    out = tried("any: [{plan: pro}, {status: open, cents: {above: 1}}]")
    assert "any: expected that one of 2 branches holds, found none of them holds" in out
    assert "branch 1: plan: no such field" in out
    assert 'branch 2: status: expected open, found "paid"' in out
    out = tried("none: [{plan: pro}, {tags: {contains: vip}}]")
    assert "found branch 2 holds" in out
    assert "branch 2: tags: " in out
    assert "branch 1" not in out


def test_an_event_that_is_not_in_the_sample(tried: Try) -> None:
    out = tried(more="sample: {by: payload.id, rate: 0.000001}")
    assert "r: matched, and not in the rule's sample: no event is sent" in out
    assert "still sent" not in out


def test_each_that_finds_no_list(tried: Try) -> None:
    out = tried("payload.type: order.paid", "each: payload.items", 'value: "1"\n      insert_id: = item.id')
    assert "each: expected a list, found payload.items: no such field" in out
    assert "the message has the lists payload.tags, payload.lines" in out


@pytest.mark.parametrize(
    ("event", "parts"),
    [
        (
            "value: = sum(payload.lines.price)",
            [
                "payload.lines.price: no such field (payload.lines is a list of 2)",
                "sum([x.price for x in payload.lines])",
            ],
        ),
        (
            "value: = sum([l.price * l.qty for l in payload.lines])",
            [
                "`value` is required, and it is empty",
                "payload.lines[0].qty: no such field",
                "payload.lines[0].quantity?",
            ],
        ),
        ("value: = payload.centss", ["`value` is required, and it is empty", "did you mean payload.cents?"]),
        ("value: = worth.cents", ["worth: payload.orders: no such field"]),
        ("value: = payload.total * 2", ['payload.total is the text "149.00"', "number(payload.total)"]),
        (
            "value: = money_minor(payload.total, payload.currency)",
            ["look at other messages first", "money_major(payload.total, payload.currency)", "ask the source"],
        ),
        (
            'value: = money_major(payload.total, concat(" ", payload.currency))',
            ["takes the blanks away, here and in prop"],
        ),
        (
            'value: = money_major(concat(payload.total, " "), "EUR")',
            ['trim(concat(payload.total, " ")) takes the blanks'],
        ),
        (
            "value: = tables.plans[payload.status].name",
            ['the table plans has no row "paid"', "its keys are open, closed"],
        ),
        ("value: = payload.lines", ["a list or an object can't be a value", "it is a list of 2"]),
        (
            'value: "1"\n      insert_id: = join([payload.id, kafka.key], "-")',
            ["insert_id: no-insert-id", "kafka.key: the record has no key"],
        ),
        (
            'value: "1"\n      external_user_id: = payload.customer.id',
            ["external_user_id: not-allowed: 42 is not text"],
        ),
    ],
)
def test_a_field_without_which_no_event_is_sent_says_which_path_is_missing(
    tried: Try, event: str, parts: list[str]
) -> None:
    out = tried(event=event, head=HEAD)
    assert out.startswith("invalid\n")
    for part in ["errors:", "r: invalid", *parts]:
        assert part in out, out


@pytest.mark.parametrize(
    ("event", "parts"),
    [
        (
            "properties: {country: = payload.custmer.country}",
            [
                "properties.country: missing: payload.custmer.country: no such field",
                "did you mean payload.customer.country?",
            ],
        ),
        (
            "properties: {seen: '= time(payload.ts_ms, \"s\")'}",
            ["properties.seen: bad-time", 'as seconds this is the year 58851: milliseconds? time(payload.ts_ms, "ms")'],
        ),
        ("event_at: = time(payload.ts_ms)", ["event_at: bad-time", "a number needs its unit", "milliseconds"]),
        ("properties: {day: '= date(payload.ts_ms, \"s\")'}", ['milliseconds? date(payload.ts_ms, "ms")']),
        ("properties: {day: = date(payload.status)}", ["times are written like 2026-11-18"]),
        ("event_at: = payload.ts_ms", ["the record's timestamp is sent instead", 'time(payload.ts_ms, "ms")']),
        (
            "properties: {due: '= time(\"2027-01-01\")'}",
            ["in the future: 2027-01-01T00:00:00Z is more than a day after"],
        ),
        ("properties: {plan: '= kafka.headers[\"plan\"]'}", ["no such header (it has none)"]),
    ],
)
def test_what_is_left_out_has_its_reason_and_the_event_is_sent(tried: Try, event: str, parts: list[str]) -> None:
    out = tried(event=f'value: "1"\n      {event}')
    assert out.startswith("mapped\n")
    for part in ["left out, event is still sent:", "m.yaml:13:", *parts]:
        assert part in out, out


@pytest.mark.parametrize(
    ("line", "message", "parts"),
    [
        ("payload.op: u", {"payload": {"op": "u"}}, ["the message has payload.payload.op"]),
        (
            "op: u",
            {"payload": {"op": "u"}},
            ["the message has payload.payload.op", "the file holds an object in `payload`"],
        ),
        ("op: u", {"payload": '{"op": "u"}'}, ["payload.payload is a text that holds JSON", "parse_json"]),
        ("type: order.paid", [ORDER, ORDER], ["the file holds a list of 2", "each: payload"]),
        (
            "type: order.paid",
            json.dumps(ORDER),
            ["a text that holds JSON (it was quoted twice)", "parse_json(payload)"],
        ),
        ("type: order.paid", {"value": ORDER}, ["the message has value.type", "save what is in `value`"]),
        ("type: order.paid", {"topic": "a", "offset": 1, "payload": json.dumps(ORDER)}, ["save what is in `payload`"]),
    ],
)
def test_a_message_that_is_inside_of_something_else(tried: Try, line: str, message: object, parts: list[str]) -> None:
    out = tried(line, message=message)
    for part in parts:
        assert part in out, out


SIDES = ", before: payload.before, after: payload.after"


@pytest.mark.parametrize(
    ("before", "part"),
    [
        ({"id": 1}, "payload.before holds only id: the source must send the whole row"),
        ({"id": 1}, "REPLICA IDENTITY FULL"),
        ({"seats": 4}, "before the change it was 4"),
        (None, "the object is new, so there is no previous value"),
        (None, "payload.before is null; if the row was there before, the source must send the whole row"),
    ],
)
def test_a_change_says_what_is_known_of_the_value_before(tried: Try, before: object, part: str) -> None:
    message = {"before": before, "after": {"id": 1, "seats": 4}}
    assert part in tried("after.seats: {increased: true}", message=message, source=SIDES)


def test_a_change_from_or_to_nearly_the_value(tried: Try) -> None:
    message = {"before": {"plan": "trialing"}, "after": {"plan": "Active"}}
    out = tried("after.plan: {to: active}", message=message, source=SIDES)
    assert 'after.plan: expected a change to active, found "Active"' in out
    assert "hint: write after.plan: {to: Active}" in out
    out = tried("after.plan: {from: trialling}", message=message, source=SIDES)
    assert 'before the change it was "trialing"' in out
    assert "hint: write after.plan: {from: trialing}" in out


def test_rows_before_and_after_that_the_file_does_not_name(tried: Try) -> None:
    message = {"payload": {"before": {"seats": 1}, "after": {"seats": 4}}}
    out = tried("payload.payload.after.seats: {increased: true}", message=message)
    assert "source: {before: payload.payload.before, after: payload.payload.after}" in out


def test_many_rules_of_one_topic_do_not_flood(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    rules = "".join(
        f"  - name: r{number}\n    when: {{type: kind.{number}, cents: {{above: 99999}}}}\n"
        f"    event:{FIELDS}      value: '1'\n      insert_id: = payload.id\n"
        for number in range(20)
    )
    (tmp_path / "m.yaml").write_text(f"version: 1\nsource: {{topics: [orders]}}\nrules:\n{rules}")
    message = tmp_path / "message.json"
    message.write_text(json.dumps({**ORDER, "type": "kind.7"}))
    assert run(["try", "--rules", str(tmp_path / "m.yaml"), str(message)]) == 0
    out = capfd.readouterr().out
    assert "r3: failed: type: expected kind.3, found" in out
    assert "cents: expected more than 99999, found 14900\n  holds: type" in out.replace("    holds", "  holds")
    assert len(out.splitlines()) < 30
    message.write_text(json.dumps({**ORDER, "type": "Kind.7"}))
    assert run(["try", "--rules", str(tmp_path / "m.yaml"), str(message)]) == 0
    out = capfd.readouterr().out
    assert "only upper and lower case differ; for both write type: [kind.7, Kind.7]" in out
    assert len(out.splitlines()) < 35


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (
            {"op": "r", "before": None, "after": ORDER},
            ["filtered", "skipped: a row of a snapshot; source: {snapshots: include} takes it"],
        ),
        ({"ts_ms": 5}, ["filtered", "skipped: a heartbeat of Debezium"]),
        (ORDER, ["invalid", "bad-envelope", "then envelope: none", "the message can't be read"]),
        ({"op": "u", "before": None, "after": ORDER}, ["mapped"]),
    ],
)
def test_what_debezium_writes_beside_changes_is_said_to_be_skipped(
    tried: Try, message: object, parts: list[str]
) -> None:
    out = tried(message=message, source=", envelope: debezium")
    for part in parts:
        assert part in out, out


OTHER_RULE = """
  - name: other
    when: {kind: %s}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      insert_id: = payload.id
      value: "1"
"""


@pytest.mark.parametrize(
    ("expected", "found", "other", "hinted"),
    [
        ("order.payed", "order.paid", "refund", True),
        ("order.payed", "order.paid", "order.paid", False),
        ("order.payed", "order.paid", "[x, order.paid]", False),
        ("order.payed", "order.paid", "{not: order.paid}", False),
        ("order", "order.paid", "order.paid", False),
        ("runCompleted", "runFailed", "refund", False),
        ("workflowRunCompleted", "workflowRunFailed", "refund", False),
        ("run_completed", "runCompleted", "refund", True),
    ],
)
def test_only_a_value_that_no_rule_names_may_be_a_misspelled_one(
    tried: Try, expected: str, found: str, other: str, hinted: bool
) -> None:
    out = tried(f"kind: {expected}", event=f'value: "1"{OTHER_RULE % other}', message={"id": "1", "kind": found})
    own = out.partition("m.yaml:6:7: ")[2].partition("  other:")[0]
    assert f"kind: expected {expected}, found" in own
    assert ("hint:" in own) == hinted, out


@pytest.mark.parametrize("line", ["payload.propertyName: dealstage", "item.properties.propertyName: dealstage"])
def test_inside_each_a_path_begins_with_the_item(tried: Try, line: str) -> None:
    batch = [{"id": "1", "propertyName": "dealstage"}, {"id": "2", "propertyName": "dealstage"}]
    event = 'value: "1"\n      insert_id: = item.id'
    for out in (
        tried(line, more="each: payload", event=event, message=batch),
        tried(line, more="each: payload.all", event=event, message={"all": batch}),
    ):
        assert "the message has item.propertyName" in out, out
        assert "[0]" not in out
    event = "value: = item.deep.id\n      insert_id: = item.id"
    out = tried("item.propertyName: dealstage", more="each: payload", event=event, message=batch)
    assert "the message has item.id" in out
    assert "payload[0]" not in out
