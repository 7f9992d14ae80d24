"""Billing and chat know the same users by ids that differ in prefix and capitals; the expression that `doctor` proposes
links what was not linked."""

from __future__ import annotations

import json
from typing import Any

from tests.brokers.kafka import Record
from tests.scenarios.linked import Linked, moment, now

USERS = 30


def examined(linked: Linked, *arguments: str) -> dict[str, dict[str, str]]:
    """The checks of `doctor`, by name."""
    process = linked.deployment.start("doctor", "--json", *arguments, **linked.environ)
    assert process.wait() == 0, process.said()
    found: list[dict[str, str]] = json.loads(process.process.stdout.read())
    return {each["name"]: each for each in found}


def test_the_expression_is_pasted_and_links(deployment: Any) -> None:
    linked = Linked(deployment)
    at = now() - 120_000
    chats = [{"conversation": f"c{n}", "user": f"u-{n}a", "at": moment(at)} for n in range(USERS)]
    orders = [
        {"type": "paid", "id": f"o{n}", "cents": 100, "currency": "EUR", "user": f"cus_U-{n}A"} for n in range(USERS)
    ]
    for topic, payloads in ((linked.chats, chats), (linked.orders, orders)):
        linked.kafka.produce(topic, [Record(json.dumps(each).encode(), timestamp_ms=at) for each in payloads])
    links = examined(linked)["links of paid"]
    assert (links["status"], links["said"].partition(" UTC ")[2]) == (
        "warning",
        "30 had a key, 0 a conversation, 0 a link",
    )
    assert "0 -> 30 of 30 match if you write:" in links["todo"]
    assert "u-1" not in links["todo"].lower()

    place, *proposed = links["todo"].splitlines()[2:]
    file = deployment.folder / "orders.yaml"
    lines = file.read_text().splitlines()
    number = int(place.partition(", ")[0].rpartition(":")[2])
    assert lines[number - 1] == "link: {lookback: 24h}"
    lines[number - 1 : number] = ["link:", "  lookback: 24h", *(line.removeprefix("  ") for line in proposed)]
    file.write_text("\n".join(lines) + "\n")
    linked.run_until_idle()
    assert linked.links() == {f"o{number}": f"c{number}" for number in range(USERS)}
