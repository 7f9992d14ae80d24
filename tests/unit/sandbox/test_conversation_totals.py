"""Which conversations made money: exact sums, a currency at a time, and honest shares."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.sandbox.conversation_totals import SHOWN, ConversationTotals
from tests.fakes.asked_sandbox import Asked


def upgrade(value: str, conversation: str = "", currency: str = "EUR", **fields: Any) -> dict[str, Any]:
    properties: dict[str, Any] = {"currency": currency}
    if conversation:
        properties |= {"attribution": "last_touch", "minutes_after_chat": 12}
        fields["externalConversationId"] = conversation
    event = {"eventType": "upgrade", "influence": "positive", "value": value, "valueType": "currency"}
    return {**event, "externalUserId": "u-1", "properties": properties, **fields}


def totals(*events: dict[str, Any]) -> dict[str, Any]:
    added = ConversationTotals()
    for event in events:
        added.add(event)
    return added.summary()


def test_money_is_added_by_currency_and_side_and_of_it_what_followed_a_conversation() -> None:
    refund = {"eventType": "refund", "influence": "negative"}
    linked = [upgrade("0.1", "c-1"), upgrade("0.2", "c-2"), upgrade("7", "c-1", "USD"), upgrade("3", "c-1", **refund)]
    told = totals(*linked, upgrade("5"))
    assert told["money"] == [
        {"side": "lost", "currency": "EUR", "total": "3", "linked": "3"},
        {"side": "made", "currency": "EUR", "total": "5.3", "linked": "0.3"},
        {"side": "made", "currency": "USD", "total": "7", "linked": "7"},
    ]


def test_a_conversation_has_a_line_a_currency_with_all_that_followed_it() -> None:
    told = totals(upgrade("10", "c-1"), upgrade("20", "c-2"), upgrade("15", "c-1"), upgrade("1", "c-1", "USD"))
    assert [(each["conversation"], each["amount"], each["currency"], each["events"]) for each in told["made"]] == [
        ("c-1", "25", "EUR", 2),
        ("c-2", "20", "EUR", 1),
        ("c-1", "1", "USD", 1),
    ]
    assert told["made"][0] | {"user": "u-1", "event_type": "upgrade", "minutes": 12} == told["made"][0]


def test_of_many_conversations_those_with_most_are_listed() -> None:
    told = totals(*(upgrade(str(number), f"c-{number}") for number in range(1, 3 * SHOWN)))
    assert [each["conversation"] for each in told["made"]] == [f"c-{3 * SHOWN - 1 - at}" for at in range(SHOWN)]


def test_one_that_fell_off_the_list_comes_back_with_all_its_money() -> None:
    many = [upgrade("100", f"c-{number}") for number in range(SHOWN)]
    told = totals(upgrade("60", "c-small"), *many, upgrade("60", "c-small"))
    assert (told["made"][0]["conversation"], told["made"][0]["amount"]) == ("c-small", "120")


def test_outcomes_are_counted_by_how_their_conversation_is_known_and_neutral_events_are_none() -> None:
    own = upgrade("1", "c-1")
    own["properties"].pop("attribution")
    nobody = upgrade("1")
    nobody.pop("externalUserId")
    told = totals(upgrade("1", "c-1"), own, upgrade("1"), nobody, {**upgrade("1"), "influence": "neutral"})
    counts = {name: told[name] for name in ("outcomes", "found", "told", "no_chat", "no_user")}
    assert counts == {"outcomes": 4, "found": 1, "told": 1, "no_chat": 1, "no_user": 1}


@pytest.mark.parametrize("minutes", [None, "12", -1, True, Decimal("1e40")])
def test_a_time_that_nobody_can_show_is_left_out(minutes: object) -> None:
    event = upgrade("1", "c-1")
    event["properties"]["minutes_after_chat"] = minutes
    assert totals(event)["made"][0]["minutes"] is None


def test_the_share_by_chance_is_shown_as_it_was_told(asked: Asked) -> None:
    assert asked("GET", "/_sandbox/conversations").json()["by_chance"] is None
    asked("POST", "/_sandbox/conversations", b'{"by_chance": {"linked": 3, "of": 390}}')
    assert asked("GET", "/_sandbox/live").json()["conversations"]["by_chance"] == {"linked": 3, "of": 390}
    assert asked("POST", "/_sandbox/conversations", b'{"by_chance": {"linked": "all"}}').status_code == 400
    asked("POST", "/_sandbox/conversations", b'{"by_chance": null}')
    assert asked("GET", "/_sandbox/conversations").json()["by_chance"] is None
