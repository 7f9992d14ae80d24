"""A wrong and a right example of findings' codes, for `lint --explain` and the reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec


class CodeExample(msgspec.Struct, frozen=True):
    """Lines of a mapping file that give the finding, and the lines that were meant."""

    wrong: str
    right: str


def _example(wrong: str, right: str) -> CodeExample:
    return CodeExample(wrong, right)


EXAMPLES: Final[Mapping[str, CodeExample]] = {
    "missing": _example('value: = nullif("", "")', 'value: = coalesce(payload.plan, "none")'),
    "type-mismatch": _example('value: = "15" + "4"', 'value: = concat("15", "4"), or = number("15") + number("4")'),
    "division-by-zero": _example("value: = payload.total / 0", "value: = payload.total / payload.months"),
    "bad-money": _example('value: = money_minor(149.5, "EUR")', 'value: = money_major(149.5, "EUR")'),
    "bad-time": _example("event_at: 18.11.2026", 'event_at: 2026-11-18T11:06:40Z, or = time(payload.created, "s")'),
    "bad-number": _example("value: 149.00", 'value: "149.00"'),
    "bad-json": _example("let: {order: '= parse_json(\"{\")'}", "let: {order: = parse_json(payload.body)}"),
    "bad-payload": _example('value: = decode_base64("?")', "value: = decode_base64(payload.body)"),
    "bad-schema": _example(
        'source: {schema: orders.avsc}, which holds {"type": "recrod"}', '{"type": "record", "name": "Order", ...}'
    ),
    "unknown-schema": _example(
        "schema_registry: {url: https://registry-staging:8081}", "schema_registry: {url: https://registry:8081}"
    ),
    "bad-envelope": _example("source: {envelope: debezium} for flattened rows", "source: {envelope: none}"),
    "limit": _example("value: = replace(...) of a text of more than 64 KiB", "value: = left(payload.note, 200)"),
    "not-a-list": _example("value: = sum(5)", "value: = sum([l.price for l in payload.lines])"),
    "no-insert-id": _example('insert_id: = nullif("", "")', "insert_id: = payload.id"),
    "insert-id-repeated": _example(
        "each: payload.items, and insert_id: = item.type", 'insert_id: = join([payload.id, index], "-")'
    ),
    "not-allowed": _example("influence: good", "influence: positive"),
    "unplanned-event-type": _example(
        "event_type: order_payed, and events.yaml has closed: true and order_paid", "event_type: order_paid"
    ),
    "event-type-not-in-plan": _example(
        "event_type: order_payed, and events.yaml has order_paid", "event_type: order_paid"
    ),
    "computed-event-type": _example(
        "event_type: = payload.kind", "event_type: order_paid, or when: {kind: [order_paid, order_sent]} beside it"
    ),
    "deprecated-event-type": _example(
        "event_type: sale, and events.yaml has deprecated: {since: 2026-11-01, use: order_paid}",
        "event_type: order_paid",
    ),
    "other-influence-than-planned": _example(
        "influence: negative, and events.yaml has influence: positive", "influence: positive"
    ),
    "other-value-than-planned": _example(
        "value: = upper(payload.plan), and events.yaml has value: currency",
        "value: = money_major(payload.total, payload.currency)",
    ),
    "unplanned-property": _example(
        "properties: {email: = payload.email}, and events.yaml doesn't name email",
        "leave it out, or in events.yaml: properties: {email: {meaning: The buyer's address., personal: true}}",
    ),
    "unnamed-properties": _example("properties: = payload.meta", "properties: {plan: = payload.meta.plan}"),
    "missing-planned-property": _example(
        "properties: {}, and events.yaml has currency: {meaning: ..., required: true}",
        "properties: {currency: = upper(payload.currency)}",
    ),
    "other-property-than-planned": _example(
        "seats: = text(payload.seats), and events.yaml has seats: {meaning: ..., type: number}",
        "seats: = number(payload.seats)",
    ),
    "unknown-key": _example("whn: {type: order.paid}", "when: {type: order.paid}"),
    "constant-id": _example("insert_id: order", "insert_id: = payload.order.id"),
    "no-condition": _example("- name: paid\n  event: ...", "- name: paid\n  when: {type: order.paid}\n  event: ..."),
    "unknown-operator": _example("cents: {gt: 100}", "cents: {above: 100}"),
    "expression-in-when": _example("when: {cents: = payload.price}", "where: payload.cents == payload.price"),
    "value-type-needed": _example(
        'value: = "none" if payload.free else payload.cents', "value_type: text    # beside the value"
    ),
    "bad-path": _example("when: {first name: Ada}", "when: {'payload[\"first name\"]': Ada}"),
    "syntax": _example("where: payload.cents = 5 AND payload.ok", "where: payload.cents == 5 and payload.ok"),
    "unknown-name": _example("value: = cents", "value: = payload.cents"),
    "unknown-function": _example("value: = len(payload.name)", "value: = length(payload.name)"),
    "arguments": _example("value: = substring(payload.name)", "value: = substring(payload.name, 1, 3)"),
    "no-equals": _example("value: payload.cents", "value: = payload.cents"),
    "missing-influence": _example("event: {event_type: order_paid, ...}", "event: {influence: positive, ...}"),
    "missing-insert-id": _example("event: {event_type: order_paid, ...}", "event: {insert_id: = payload.id, ...}"),
    "money-without-currency": _example(
        "value: = money_minor(payload.cents, payload.currency)",
        "properties: {currency: = upper(payload.currency)}    # beside the value",
    ),
    "divided-by-100": _example("value: = payload.cents / 100", "value: = money_minor(payload.cents, payload.currency)"),
    "may-collide": _example(
        "two rules of one event_type with insert_id: = payload.id", 'insert_id: = concat("renewal-", payload.id)'
    ),
    "no-earlier-value": _example(
        "when: {seats: {increased: true}}",
        "source: {topics: [t], before: payload.old, after: payload.new}\nwhen: {new.seats: {increased: true}}",
    ),
    "wrapper-in-path": _example("when: {payload.payload.op: u}", "when: {op: u}"),
    "misplaced-key": _example(
        "when:\n  type: order.paid\n  where: payload.cents > 100",
        "when:\n  type: order.paid\nwhere: payload.cents > 100",
    ),
    "operator-in-text": _example(
        'when: {cents: "> 100", type: "order.*", note: not null}',
        "when: {cents: {above: 100}, type: {starts_with: order.}, note: {exists: true}}",
    ),
    "not-in-text": _example("when: {status: not open}", "when: {status: {not: open}}"),
    "path-as-text": _example("when: {cents: {above: payload.limit}}", "where: payload.cents > payload.limit"),
    "number-as-text": _example('when: {cents: {above: "100"}}', "when: {cents: {above: 100}}"),
    "yes-or-no": _example("when: {active: yes}", "when: {active: true}"),
    "boolean-as-text": _example('when: {active: "true"}', "when: {active: true}"),
    "null-as-text": _example("when: {note: None}", "when: {note: null}"),
    "not-null": _example("when: {note: {not: null}}", "when: {note: {exists: true}}"),
    "invisible-character": _example("when: {type: order\u00a0paid}    # a no-break space", "when: {type: order paid}"),
    "quotes-in-text": _example("when: {type: “order.paid”}", "when: {type: order.paid}"),
    "sign-at-end": _example("when: {type: order.paid,}, on a line of its own", "when: {type: order.paid}"),
    "outer-space": _example('when: {type: "order.paid "}', "when: {type: order.paid}"),
    "misspelled-path": _example("external_user_id: = payload.usr.id", "external_user_id: = payload.user.id"),
    "not-in-samples": _example("value: = payload.points", "value: = payload.score"),
    "json-in-text": _example(
        "value: = payload.body.total", "let: {body: = parse_json(payload.body)}, value: = body.total"
    ),
    "other-type-than-samples": _example("when: {zip: 75001}", 'when: {zip: "75001"}'),
    "misspelled-literal": _example("when: {type: Order.Paid}", "when: {type: order.paid}"),
    "fails-on-samples": _example('event_at: = time(payload.ts_ms, "s")', 'event_at: = time(payload.ts_ms, "ms")'),
    "zero-before": _example(
        "when: {envelope.op: d}, and value: = envelope.before.total", "value: = envelope.before.id"
    ),
    "row-of-deletion": _example(
        "when: {envelope.op: d}, and insert_id: = payload.id", "insert_id: = envelope.before.id"
    ),
    "operation-in-row": _example("when: {op: d}", "when: {envelope.op: d}"),
    "units-without-nanos": _example("value: = payload.total.units", "value: = payload.total.amount"),
    "unseen-decimal": _example(
        'value: = money_major(payload.total, "EUR")', 'value: = money_major(decode_decimal(payload.total, 2), "EUR")'
    ),
    "base64-decimal": _example(
        'value: = money_major(payload.total, "EUR")', 'value: = money_major(decode_decimal(payload.total, 2), "EUR")'
    ),
    "hundredfold-amount": _example(
        'value: = money_major(payload.amount, "EUR") for cents', 'value: = money_minor(payload.amount, "EUR")'
    ),
    "personal-data": _example("properties: {mail: = payload.email}", "properties: {mail: = hash(payload.email)}"),
    "open-questions": _example(
        "influence: positive    # ?, below draft: true", "influence: positive, without draft: true"
    ),
    "near-event-type": _example("event_type: upgrade_purchase", "event_type: upgrade_purchased"),
    "pinned-id": _example("when: {type: order.paid}, and insert_id: = payload.type", "insert_id: = payload.order.id"),
    "time-as-id": _example(
        "insert_id: = payload.created_at", 'insert_id: = join([payload.user_id, payload.created_at], "-")'
    ),
    "coarse-id": _example("insert_id: = payload.status", 'insert_id: = join([payload.order_id, payload.status], "-")'),
    "no-subject": _example("event: {event_type: order_paid, ...}", "event: {external_user_id: = payload.user_id, ...}"),
    "field-of-a-list": _example("value: = sum(payload.lines.price)", "value: = sum([l.price for l in payload.lines])"),
    "amount-as-text": _example(
        'value: = concat("$", payload.total)',
        'value: = money_major(payload.total, "USD")\nproperties: {currency: USD}',
    ),
    "bare-amount": _example("value: = payload.total", "value: = money_major(payload.total, payload.currency)"),
}
"""By code; a code without one is explained by its meaning and its remedy alone."""
