"""Literals of `when` that were meant as something else, and those that are ordinary texts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.documents.findings import Finding

OfLine = Callable[[str], tuple[Finding, ...]]


@pytest.mark.parametrize(
    ("line", "column", "code", "hint"),
    [
        ('type: "order.paid "', 13, "outer-space", "type: order.paid"),
        ("type: order.paid,", 13, "sign-at-end", "type: order.paid"),
        ("type: order.paid;", 13, "sign-at-end", "type: order.paid"),
        ("status: -paid -open", 15, "sign-at-end", "status: [paid, open]"),
        ("cents: 100,", 14, "sign-at-end", "cents: 100"),
        (
            "created: 2026-01-01..2026-02-01",
            16,
            "operator-in-text",
            "created: {at_least: 2026-01-01, at_most: 2026-02-01}",
        ),
        (
            "created: 2026-01-01 to 2026-02-01",
            16,
            "operator-in-text",
            "created: {at_least: 2026-01-01, at_most: 2026-02-01}",
        ),
        (
            "created: 2026-01-01 - 2026-02-01",
            16,
            "operator-in-text",
            "created: {at_least: 2026-01-01, at_most: 2026-02-01}",
        ),
        ("created: since 2026-01-01", 16, "operator-in-text", "created: {at_least: 2026-01-01}"),
        ("created: after 2026-01-01", 16, "operator-in-text", "created: {above: 2026-01-01}"),
        ("type: “order.paid”", 13, "quotes-in-text", "type: order.paid"),
        ("type: '\"order.paid\"'", 13, "quotes-in-text", "type: order.paid"),
        ('type: "order\u00a0paid"', 13, "invisible-character", "type: order paid"),
        ('type: "order.\u200bpaid"', 13, "invisible-character", "type: order.paid"),
        ("type: order.*", 13, "operator-in-text", "type: {starts_with: order.}"),
        ('type: "order.%"', 13, "operator-in-text", "type: {starts_with: order.}"),
        ('type: "%paid%"', 13, "operator-in-text", "type: {contains: paid}"),
        ('type: "*.paid"', 13, "operator-in-text", "type: {ends_with: '.paid'}"),
        ('type: "order*paid"', 13, "operator-in-text", "type: {matches: '^order.*paid$'}"),
        ("status: like 'p%'", 15, "operator-in-text", "status: {starts_with: p}"),
        ("email: {ends_with: '*@x.com'}", 26, "operator-in-text", "email: {ends_with: '@x.com'}"),
        ("email: {matches: '%x%'}", 24, "operator-in-text", "email: {contains: x}"),
        ('cents: "> 100"', 14, "operator-in-text", "cents: {above: 100}"),
        ('cents: "<= 1,000"', 14, "operator-in-text", "cents: {at_most: 1000}"),
        ('cents: "> 5 and < 10"', 14, "operator-in-text", "cents: {above: 5, below: 10}"),
        ("cents: 1..100", 14, "operator-in-text", "cents: {at_least: 1, at_most: 100}"),
        ("cents: between 1 and 100", 14, "operator-in-text", "cents: {at_least: 1, at_most: 100}"),
        ("cents: more than 3", 14, "operator-in-text", "cents: {above: 3}"),
        ("status: exists", 15, "operator-in-text", "status: {exists: true}"),
        ("status: not null", 15, "operator-in-text", "status: {exists: true}"),
        ("status: IS NOT NULL", 15, "operator-in-text", "status: {exists: true}"),
        ("status: is null", 15, "operator-in-text", "status: {exists: false}"),
        ('status: "!= open"', 15, "operator-in-text", "status: {not: open}"),
        ('status: "<> open"', 15, "operator-in-text", "status: {not: open}"),
        ("status: open, paid", 15, "operator-in-text", "status: [open, paid]"),
        ("status: paid|open", 15, "operator-in-text", "status: [paid, open]"),
        ("status: paid or open", 15, "operator-in-text", "status: [paid, open]"),
        ("status: {not: 'in (a, b)'}", 21, "operator-in-text", "status: {not: [a, b]}"),
        ("status: /^p/i", 15, "operator-in-text", "status: {matches: '(?i)^p'}"),
        ("status: {matches: '/^p/'}", 25, "operator-in-text", "status: {matches: '^p'}"),
        ("status: ^paid$", 15, "operator-in-text", "status: {matches: '^paid$'}"),
        ("status: not open", 15, "not-in-text", "status: {not: open}, unless the message has this text"),
        ("active: yes", 15, "yes-or-no", "active: true, or"),
        ("active: {not: Off}", 21, "yes-or-no", "active: {not: false}, or"),
        ('active: "true"', 15, "boolean-as-text", "active: true"),
        ("note: None", 13, "null-as-text", "note: null"),
        ('note: "null"', 13, "null-as-text", "note: null"),
        ("note: {not: null}", 19, "not-null", "note: {exists: true}"),
        ("cents: {above: payload.amount}", 22, "path-as-text", "where: payload.cents > payload.amount"),
        ("cents: {at_most: limit}", 24, "path-as-text", "where: payload.cents <= payload.limit"),
        ("type: payload.kind", 13, "path-as-text", "where: payload.type == payload.kind"),
        ("type: $.kind", 13, "path-as-text", "where: payload.type == payload.kind"),
        ('type: "{{ payload.kind }}"', 13, "path-as-text", "where: payload.type == payload.kind"),
        ('cents: {above: "100"}', 22, "number-as-text", "cents: {above: 100}"),
        ('cents: {above: "$100"}', 22, "number-as-text", "cents: {above: 100}"),
        ("cents: 1,234", 14, "number-as-text", "cents: 1234"),
        ("amount: = payload.x", 15, "expression-in-when", "use where: payload.amount == payload.x"),
        ("amount: {above: = payload.x}", 23, "expression-in-when", "use where: payload.amount > payload.x"),
        ("plan: {not: = payload.x}", 19, "expression-in-when", "use where: payload.plan != payload.x"),
        ("tags: {contains: = payload.x}", 24, "expression-in-when", "use where: contains(payload.tags, payload.x)"),
        ("tags: {contains: payload.x}", 24, "path-as-text", "where: contains(payload.tags, payload.x)"),
        ("tags: {any: = payload.x}", 19, "expression-in-when", "use where: contains(payload.tags, payload.x)"),
        ("tags: {any: payload.x}", 19, "path-as-text", "where: contains(payload.tags, payload.x)"),
        (
            "tags: {any: {starts_with: = payload.x}}",
            33,
            "expression-in-when",
            "use where: count([x for x in payload.tags if starts_with(x, payload.x)]) > 0",
        ),
        (
            "lines: {any: {price: {above: = payload.x}}}",
            36,
            "expression-in-when",
            "use where: count([x for x in payload.lines if x.price > payload.x]) > 0",
        ),
        (
            "lines: {any: {price: = payload.x}}",
            28,
            "expression-in-when",
            "use where: count([x for x in payload.lines if x.price == payload.x]) > 0",
        ),
        ("any: [{status: yes}, {status: no}]", 22, "yes-or-no", "status: true, or"),
    ],
)
def test_what_was_probably_meant_is_shown_as_a_line_to_copy(
    of_line: OfLine, line: str, column: int, code: str, hint: str
) -> None:
    found = of_line(line)
    assert (found[0].line, found[0].column, found[0].code) == (7, column, code), [each.describe() for each in found]
    assert hint in found[0].hint


@pytest.mark.parametrize(
    "line",
    [
        "status: {to: = payload.x}",
        "status: {becomes: [= payload.x]}",
        "status: {from: payload.x}",
        "status: {matches: = payload.x}",
        "lines: {any: {price: = payload.x, plan: pro}}",
        "lines: {any: {price: {matches: = payload.x}}}",
    ],
)
def test_what_no_expression_can_say_has_no_hint(of_line: OfLine, line: str) -> None:
    (found,) = [each for each in of_line(line) if each.code in ("expression-in-when", "path-as-text")]
    assert found.hint == ""


@pytest.mark.parametrize(
    "line",
    [
        "type: Order.Paid",
        "type: item.created",
        "status: Not Applicable",
        'active: "yes"',
        "flag: y",
        "note: none",
        "plan: N/A",
        "city: Paris, France",
        "discount: 50%",
        "size: 11-50",
        "lang: C*",
        "url: /paid/",
        "url: /pricing/plans/",
        "status: {matches: '/orders/'}",
        "status: {matches: '^order\\.'}",
        "subject: {starts_with: 'Re: '}",
        "note: {contains: 'in stock, sold'}",
        "grade: {above: B}",
        "at: {above: '2026-01-01'}",
        "version: {above: v1.2}",
        "price: $",
        "phone: +49 30 1234",
        "note: null",
        "note: [open, null]",
        "name: Müller",
        "mode: half-on",
        "range: 2026-11-18",
    ],
)
def test_an_ordinary_text_is_not_spoken_of(of_line: OfLine, line: str) -> None:
    assert [each.describe() for each in of_line(line)] == []
