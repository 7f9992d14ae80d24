from __future__ import annotations

from typing import Any

import pytest

from greenflash_kafka.demo.link_report import LinkReport
from greenflash_kafka.demo.money_text import after, money_lines, share_lines
from greenflash_kafka.sandbox.conversation_totals import ByChance


def line(conversation: str, amount: str, currency: str, events: int = 1) -> dict[str, Any]:
    known = {"user": "u-1", "event_type": "upgrade_purchased", "minutes": 12}
    return known | {"conversation": conversation, "amount": amount, "currency": currency, "events": events}


def report(as_planned: int = 4, **told: Any) -> LinkReport:
    money = [
        {"side": "made", "currency": "EUR", "total": "200.00", "linked": "50.00"},
        {"side": "lost", "currency": "EUR", "total": "10", "linked": "0"},
    ]
    counts = {"outcomes": 10, "found": 3, "told": 2, "no_user": 2, "no_chat": 3}
    return LinkReport(counts | {"money": money, "made": [], "lost": []} | told, 4, as_planned, 3, 2, ByChance(1, 50))


def test_a_conversation_is_a_line_with_event_amount_and_how_long_after() -> None:
    made = [line("c-1", "1234.50", "EUR"), line("c-2", "9", "EUR", 3), line("c-3", "8", "JPY")]
    shown = list(money_lines(report(made=made, lost=[line("c-4", "1", "EUR")])))
    assert [label for label, _ in shown] == ["", "made", "", "", "lost"]
    assert shown[1][1].split() == ["c-1", "upgrade_purchased", "1,234.50", "EUR", "12", "min", "u-1"]
    assert "upgrade_purchased +2" in shown[2][1]
    assert max(len(text) for _, text in shown) <= 70


def test_every_currency_has_a_line_and_the_commonest_some() -> None:
    made = [line(f"c-{n}", "1", "EUR") for n in range(20)] + [
        line(f"d-{n}", "1", name) for n, name in enumerate("ABCDEF")
    ]
    currencies = [text.split()[3] for label, text in money_lines(report(made=made)) if "c-" in text or "d-" in text]
    assert currencies == ["EUR"] * 4 + ["A", "B", "C", "D"]


def test_shares_say_of_what_they_are_and_what_chance_would_link() -> None:
    said = dict(share_lines(report()))
    assert said["money"] == "50.00 of 200.00 EUR (25 %)"
    assert said["refunds"] == "0 of 10 EUR (0 %)"
    assert said["linked"].startswith("3 of the 6 outcomes whose user is known (50 %)")
    assert said["by chance"].startswith("2 %: ")
    assert said["unlinked"].startswith("3 had no chat")
    assert said["check"].startswith("4 of 4 linked as planned: 2 of the 3")


def test_what_isnt_as_planned_stands_out() -> None:
    assert dict(share_lines(report(as_planned=1)))["check"].startswith("1 of 4 linked as planned, 3 OTHERWISE")


@pytest.mark.parametrize(
    ("minutes", "text"), [(None, ""), (0, "0 min"), (89, "89 min"), (90, "2 h"), (1440, "24 h"), (2880, "2 d")]
)
def test_times_are_for_people(minutes: int | None, text: str) -> None:
    assert after(minutes) == text
