"""Two fields that say together what happened are an event name; where one says it alone, they aren't."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from greenflash_kafka.cli.discover_files import proposed_files
from greenflash_kafka.discovery.topic_report import report_text, topic_report
from tests.unit.discovery import two_field_payloads
from tests.unit.discovery.test_study import proposed, studied

SYSTEMS: list[tuple[Callable[[int], dict[str, Any]], Sequence[str], Sequence[str]]] = [
    (
        two_field_payloads.recurly,
        (
            "      object_type: subscription                             # 24 of 120\n      event_type: canceled",
            '# ? from "subscription created"',
            '# ? from "account created"',
            "#   - when: {object_type: subscription, event_type: updated}",
        ),
        (),
    ),
    (
        two_field_payloads.gocardless,
        ("item.resource_type: mandates ", "item.action: cancelled", '# ? from "payments confirmed"'),
        (),
    ),
    (two_field_payloads.close, ("event.object_type: opportunity ", "event.action: won", "lead_converted"), ()),
    (
        two_field_payloads.xero,
        ("each: payload.events", "item.eventCategory: SUBSCRIPTION", "item.eventType: CREATE"),
        (),
    ),
    (
        two_field_payloads.maxwell,
        ("name: proposed_refunds_insert", "name: proposed_orders_insert", "= money_major(payload.data.amount"),
        # What is done with a row of a refund is no refund.
        ("proposed_refunds_delete", "proposed_refunds_update"),
    ),
    (
        two_field_payloads.payments,
        (
            "      type: payment                                         # 24 of 120\n      status: succeeded",
            "value: = money_minor(payload.amountMinor, payload.currency)",
            '      event_type: error_encountered                         # ? from "failed"\n',
            "#   - when: {type: payment, status: pending}",
        ),
        (),
    ),
]


@pytest.mark.parametrize(("payload", "there", "not_there"), SYSTEMS, ids=lambda each: getattr(each, "__name__", ""))
def test_each_frequent_combination_has_a_rule_that_passes(
    payload: Callable[[int], dict[str, Any]], there: Sequence[str], not_there: Sequence[str]
) -> None:
    found = proposed_files(studied([payload(number) for number in range(120)]), "proposed", "a sample", None, {})
    text = found.proposal.text
    assert [each for each in there if each not in text] == [], text
    assert [each for each in not_there if each in text] == [], text
    assert (found.errors, found.warnings, found.passed) == ((), 0, True)
    assert found.mapped == found.tried > 0


def _named(number: int, **values: Sequence[str]) -> dict[str, str]:
    """Values in turn; fields with as many of them have the same ones together each time."""
    return {name: several[number % len(several)] for name, several in values.items()}


ALONE: dict[str, dict[str, Sequence[str]]] = {
    # Another field has whole names.
    "event: order.paid": {"event": ("order.paid", "trial.started"), "object": ("web", "app", "box"), "verb": "abcde"},
    "type: order.paid": {"type": ("order.paid", "plan.cancelled"), "status": ("ok", "slow", "lost")},
    # The one repeats the other.
    "action: order_paid": {
        "object": ("order", "refund"),
        "action": ("order_paid", "refund_made", "order_left", "refund_lost"),
    },
    # One name each, of several words.
    "action: plan upgraded": {"object": ("account", "team"), "action": ("plan upgraded", "seat bought")},
}


@pytest.mark.parametrize("line", ALONE)
def test_a_field_that_says_it_alone_is_the_event_name(line: str) -> None:
    payloads = [{"id": f"e{number}", **_named(number, **ALONE[line])} for number in range(120)]
    assert len(studied(payloads).name_ways) == 1
    assert f"\n      {line} " in proposed(payloads)


def test_messages_that_lack_the_second_field_have_a_rule_of_their_own() -> None:
    payloads = [
        {"id": f"e{n}", **_named(n, resource=("sign_up", "refund", "trial")), **({"verb": "paid"} if n % 3 else {})}
        for n in range(120)
    ]
    text = proposed([*payloads, *({"id": f"f{n}", "resource": "refund", "verb": "made"} for n in range(20))])
    lines = [line.split("  #")[0].strip() for line in text.splitlines()]
    assert [lines[at + 1] for at, line in enumerate(lines) if line == "resource: sign_up"] == ["verb: {exists: false}"]
    assert [lines[at + 1] for at, line in enumerate(lines) if line == "resource: refund"] == [
        "verb: paid",
        "verb: made",
    ]


def test_the_report_names_both_fields() -> None:
    of_all = studied([two_field_payloads.recurly(number) for number in range(120)])
    lines = list(report_text(topic_report(of_all, None, "a sample", "", values=False)))
    assert "event names are in payload.object_type and payload.event_type" in lines
    (line,) = (each for each in lines if each.startswith("event name "))
    assert line.endswith("with payload.event_type: neither says it alone, 5 different together")
