"""The sandbox's page in a real browser."""

from __future__ import annotations

import http.client
import json
import os
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

import pytest

from greenflash_kafka.sandbox.in_thread import running_sandbox
from greenflash_kafka.sandbox.running import Sandbox
from tests.browser.chromium import chromium
from tests.browser.webdriver import Browser

UUID = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
ESCAPE = "\ue00c"
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium(os.environ) as window:
        window.resize(1360, 950)
        yield window


@pytest.fixture
def sandbox(browser: Browser) -> Iterator[Sandbox]:
    with running_sandbox() as running:
        # The last test's page still asks its sandbox, which is gone, and complains of that until it is left.
        browser.go("about:blank")
        browser.complaints()
        browser.go(running.url)
        yield running


def send(sandbox: Sandbox, *events: Mapping[str, object]) -> None:
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc)
    for event in events:
        body = json.dumps({"eventType": "paid", "productId": UUID, "value": "1", **event})
        connection.request("POST", "/api/v1/events", body, {"Authorization": "Bearer k"})
        connection.getresponse().read()
    connection.close()


def money(value: str, currency: str, **fields: object) -> dict[str, object]:
    return {"value": value, "valueType": "currency", "properties": {"currency": currency}, **fields}


def linked(value: str, currency: str, conversation: str, minutes: int, **fields: object) -> dict[str, object]:
    event = money(value, currency, externalConversationId=conversation, **fields)
    properties = {"currency": currency, "attribution": "last_touch", "minutes_after_chat": minutes}
    return event | {"properties": properties}


def table(browser: Browser, name: str) -> list[list[str]]:
    """The rows of a table's body, as the texts of their cells."""
    script = (
        "return Array.from(document.querySelectorAll(arguments[0]), row => Array.from(row.cells, c => c.innerText))"
    )
    return [[" ".join(str(cell).split()) for cell in row] for row in browser.run(script, f"#{name} tr")]


def test_an_empty_sandbox_says_how_to_send_a_first_event(browser: Browser, sandbox: Sandbox) -> None:
    browser.wait(lambda: browser.text("#state") == "Live", "the page to be live")
    assert f"curl {sandbox.base_url}/events" in browser.text("#example")
    assert browser.text("#address") == sandbox.base_url


def test_events_arrive_without_a_reload_with_counts_money_and_influence(browser: Browser, sandbox: Sandbox) -> None:
    browser.wait(lambda: browser.text("#state") == "Live", "the page to be live")
    send(
        sandbox,
        money("1234567.10", "EUR", influence="positive", insertId="paid:1", externalUserId="u1"),
        money("0.20", "EUR", influence="positive"),
        money("99999999999999999999.99", "JPY", eventType="refunded", influence="negative"),
        {"eventType": "seen", "value": "5"},
    )
    browser.wait(lambda: browser.text("#stored") == "4", "four events")
    assert browser.texts("#money dt") == ["EUR", "JPY"]
    assert browser.texts("#money dd") == ["1,234,567.30", "99,999,999,999,999,999,999.99"]
    assert browser.texts("#influence dd") == ["2", "1", "1"]
    assert [(row[0], row[1], row[3]) for row in table(browser, "types")] == [
        ("paid", "2", "1,234,567.30 EUR"),
        ("refunded", "1", "99,999,999,999,999,999,999.99 JPY"),
        ("seen", "1", ""),
    ]
    last = table(browser, "last")
    assert [row[2] for row in last] == ["5", "99,999,999,999,999,999,999.99 JPY", "0.20 EUR", "1,234,567.10 EUR"]
    assert (last[3][3], last[3][6]) == ("u1", "paid:1")
    assert browser.complaints() == []


def test_it_says_which_conversations_made_money_and_why_other_outcomes_have_none(
    browser: Browser, sandbox: Sandbox
) -> None:
    browser.wait(lambda: browser.text("#state") == "Live", "the page to be live")
    assert browser.text("#conversations-title") == ""
    good: dict[str, object] = {"influence": "positive", "externalUserId": "u1"}
    send(
        sandbox,
        linked("1234.50", "EUR", "c-1", minutes=12, **good),
        linked("7", "JPY", "c-1", minutes=300, **good),
        linked("100.20", "EUR", "c-2", minutes=5, eventType="refund", influence="negative", externalUserId="u2"),
        money("65.50", "EUR", **good),
        money("1", "EUR", influence="positive"),
    )
    browser.wait(lambda: browser.text("#stored") == "5", "five events")
    assert browser.text("#conversations-title") == "Which conversations made money"
    assert table(browser, "made") == [
        ["c-1 u1", "▲ paid", "1,234.50 EUR", "12 min"],
        ["c-1 u1", "▲ paid", "7 JPY", "5 h"],
    ]
    assert table(browser, "lost") == [["c-2 u2", "▼ refund", "100.20 EUR", "5 min"]]
    assert browser.texts("#made-money li")[0].startswith("1,234.50 of 1,301.00 EUR")
    assert (browser.text("#linked-share"), browser.text("#linked-count")) == ("75 %", "3 of 4 whose user is known")
    assert browser.texts("#unlinked li") == [
        "1 had no chat in the time that their rule looks back",
        "1 don't say whose they are",
    ]
    sandbox.show_chance(1, 50)
    browser.wait(lambda: browser.text("#chance-share") == "2 %", "the share by chance")
    assert browser.complaints() == []


def test_duplicates_conflicts_refusals_and_faults_are_told(browser: Browser, sandbox: Sandbox) -> None:
    send(sandbox, {"insertId": "a"}, {"insertId": "a"}, {"insertId": "a", "value": "2"}, {"productId": "none"})
    sandbox.set_faults([{"kind": "html"}])
    send(sandbox, {}, {})
    browser.wait(lambda: browser.text("#received") == "6", "six requests")
    told = {name: browser.text(f"#{name}") for name in ("stored", "duplicates", "conflicts", "rejected")}
    assert told == {"stored": "1", "duplicates": "2", "conflicts": "1", "rejected": "1"}
    assert browser.texts("#notes span")[0] == "fault html: 2"


def test_what_arrives_is_never_more_than_text(browser: Browser, sandbox: Sandbox) -> None:
    hostile = {"eventType": HOSTILE, "value": HOSTILE, "insertId": HOSTILE, "externalUserId": HOSTILE}
    of_a_chat = linked("1", HOSTILE, HOSTILE, 1, influence="positive", externalUserId=HOSTILE, eventType=HOSTILE)
    send(sandbox, of_a_chat, hostile, money("1", HOSTILE))
    browser.wait(lambda: browser.text("#stored") == "3", "three events")
    browser.click("#last tr:last-child .open")
    browser.wait(lambda: browser.text("#detail-text") != "", "the details")
    assert browser.run("return document.querySelectorAll('main img, main script, dialog img').length") == 0
    assert browser.run("return document.title") == "Greenflash sandbox"
    assert HOSTILE in browser.texts("#types th")
    assert browser.complaints() == []


def test_an_events_details_keep_every_digit_and_close_by_the_keyboard(browser: Browser, sandbox: Sandbox) -> None:
    connection = http.client.HTTPConnection(urlsplit(sandbox.url).netloc)
    body = f'{{"eventType":"x","productId":"{UUID}","value":"1","properties":{{"exact":12345678901234567890.10}}}}'
    connection.request("POST", "/api/v1/events", body, {"Authorization": "Bearer k"})
    assert connection.getresponse().status == 200
    connection.close()
    browser.wait(lambda: table(browser, "last"), "the event")
    browser.click("#last .open")
    browser.wait(lambda: "12345678901234567890.10" in browser.text("#detail-text"), "the number with all its digits")
    browser.press(ESCAPE)
    browser.wait(lambda: not browser.run("return document.getElementById('detail').open"), "the details to close")
    assert browser.run("return document.activeElement.className") == "open"


def test_the_list_can_be_narrowed_to_a_type_and_paused(browser: Browser, sandbox: Sandbox) -> None:
    send(sandbox, {"eventType": "one"}, {"eventType": "two"}, {"eventType": "one"})
    browser.wait(lambda: len(table(browser, "last")) == 3, "three events")
    browser.click("#filter option[value=one]")
    assert [row[1] for row in table(browser, "last")] == ["● one (neutral)"] * 2
    browser.click("#pause")
    assert browser.text("#state") == "Paused"
    send(sandbox, {"eventType": "one"})
    browser.click("#pause")
    browser.wait(lambda: len(table(browser, "last")) == 3, "the event that came meanwhile")
    assert browser.text("#stored") == "4"


def test_a_sandbox_that_begins_anew_is_shown_anew(browser: Browser, sandbox: Sandbox) -> None:
    send(sandbox, money("5", "EUR"))
    browser.wait(lambda: browser.texts("#money dd") == ["5"], "the amount")
    sandbox.reset()
    browser.wait(lambda: browser.text("#stored") == "0", "the page to begin anew")
    assert table(browser, "last") == []
    assert browser.texts("#money dd") == []


def test_a_sandbox_that_has_ended_is_told(browser: Browser) -> None:
    with running_sandbox() as running:
        browser.go(running.url)
        browser.wait(lambda: browser.text("#state") == "Live", "the page to be live")
    browser.wait(lambda: browser.text("#state") == "Not reachable", "the page to notice")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read_and_everything_fits_a_phone(browser: Browser, sandbox: Sandbox, scheme: str) -> None:
    browser.prefer(scheme)
    sandbox.set_faults([{"kind": "html", "requests": [3]}])
    sandbox.show_chance(1, 50)
    send(sandbox, linked("10", "EUR", "c-1", 5, influence="positive", insertId="a"), {"influence": "negative"}, {})
    browser.wait(lambda: browser.text("#received") == "3", "the events")
    faint = browser.run(CONTRAST)
    assert faint == []
    browser.resize(360, 740)
    wide = browser.run("return document.documentElement.scrollWidth - document.documentElement.clientWidth")
    browser.resize(1360, 950)
    assert wide <= 0


CONTRAST = """
const channel = (v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
const parse = (text) => text.match(/[\\d.]+/g).map(Number);
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
function ground(element) {
  for (let at = element; at; at = at.parentElement) {
    const colour = parse(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
}
const faint = [];
for (const element of document.querySelectorAll("body *")) {
  const own = Array.from(element.childNodes).some((node) => node.nodeType === 3 && node.textContent.trim());
  if (!own || !element.checkVisibility() || element.closest("[aria-hidden=true], .hidden-text, .fresh")) continue;
  const [one, other] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
  if ((one + 0.05) / (other + 0.05) < 4.5) faint.push(element.textContent.trim());
}
return faint;
"""
"""Texts whose contrast with what lies behind them is below WCAG AA's 4.5."""
