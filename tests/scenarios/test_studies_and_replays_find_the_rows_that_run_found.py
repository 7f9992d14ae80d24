"""Of rules that use a table from a topic `diff`, `explain`, `coverage` and a recording say what `run` sent, and a
replay sends what it would have: over rows that change, go and come late between the outcomes, and links by them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from greenflash_kafka.cli.main import run
from tests.brokers.kafka import Record
from tests.scenarios.linked import CHATS, moment, now

ORDERS = """\
version: 1
source: {{topics: [{orders}]}}
tables:
  customers: {{topic: {customers}, key: id, fields: [user, team], max_delay: 10s}}
link:
  lookback: 24h
  by:
    external_user_id: = tables.customers[payload.customer].user
rules:
  - name: paid
    when: {{type: paid}}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_minor(payload.cents, {currency})
      external_user_id: = tables.customers[payload.customer].{field}
      insert_id: = payload.id
"""
_ADDED = ("id", "eventId", "createdAt", "receivedAt", "tenantId")


class Shop:
    """Topics of orders, customers and chats, and two versions of the rules."""

    def __init__(self, deployment: Any) -> None:
        self.deployment, self.kafka = deployment, deployment.kafka
        (self.orders,) = deployment.topics(2)
        self.customers, self.chats = self.kafka.topic(2, "customers"), self.kafka.topic(1, "chats")
        self.began = now() - 3_600_000
        self.places: dict[str, str] = {}
        self._offsets = [0, 0]
        for name, field, currency, customers in (
            ("old", "user", "payload.currency", self.customers),
            ("mended", "user", '"EUR"', self.customers),
            ("new", "team", "payload.currency", self.customers),
            ("lost", "user", "payload.currency", "customers-of-nobody"),
        ):
            (deployment.folder / name).mkdir()
            text = ORDERS.format(orders=self.orders, customers=customers, field=field, currency=currency)
            (deployment.folder / name / "orders.yaml").write_text(text)
            (deployment.folder / name / "chats.yaml").write_text(CHATS.format(topic=self.chats, max_delay="1s"))

    def customer(self, at: int, customer: int, user: str | None) -> None:
        """A record of a customer, or of its end, in the order in which this is called."""
        key = str(customer).encode()
        value = None if user is None else json.dumps({"id": customer, "user": user, "team": f"team of {user}"}).encode()
        record = Record(value, key=key, partition=customer % 2, timestamp_ms=self.began + at)
        self.kafka.produce(self.customers, [record])

    def order(self, at: int, customer: int, currency: str = "EUR") -> None:
        """An order of a customer."""
        number = len(self.places)
        partition = number % 2
        self.places[f"o{number}"] = f"{self.orders}/{partition}/{self._offsets[partition]}"
        self._offsets[partition] += 1
        paid = {"type": "paid", "id": f"o{number}", "customer": customer, "cents": 100, "currency": currency}
        value = json.dumps(paid).encode()
        self.kafka.produce(self.orders, [Record(value, partition=partition, timestamp_ms=self.began + at)])

    def chat(self, at: int, user: str) -> None:
        """A message of a user's chat."""
        at += self.began
        value = json.dumps({"conversation": f"c-{user}", "user": user, "at": moment(at)}).encode()
        self.kafka.produce(self.chats, [Record(value, timestamp_ms=at)])

    def environ(self, rules: str) -> dict[str, str]:
        """The settings of these rules."""
        folder = self.deployment.folder
        return {
            **self.deployment.environ(),
            "GREENFLASH_KAFKA_MAPPINGS": str(folder / rules),
            "GREENFLASH_KAFKA_LINKING__DIRECTORY": str(folder / "rows"),
        }

    def stored(self) -> dict[str, dict[str, Any]]:
        """What is stored, by the order's id."""
        return {
            key.rpartition(":")[2]: {name: value for name, value in each.items() if name not in _ADDED}
            for key, each in self.deployment.stored().items()
        }


@pytest.fixture
def shop(deployment: Any) -> Shop:
    """Customers that change between the orders."""
    found = Shop(deployment)
    # Long enough before that `coverage` can compare links with chance.
    found.chat(-3 * 86_400_000, "dan")
    for user in ("ann", "anna", "bob", "cid"):
        found.chat(0, user)
    found.customer(0, 1, "ann")
    found.customer(0, 2, "bob")
    found.customer(60_000, 1, "anna")
    found.customer(100_000, 2, None)
    # Written late: it counts from the largest timestamp before it in its partition on, not from its own.
    found.customer(20_000, 3, "cid")
    found.customer(200_000, 2, "bobby")
    for at, customer in (
        (49_999, 1),
        (50_000, 1),
        (30_000, 3),
        (50_000, 3),
        (89_999, 2),
        (90_000, 2),
        (189_999, 2),
        (190_000, 2),
        (300_000, 4),
    ):
        found.order(at, customer)
    found.order(50_000, 2, currency="XXL")
    return found


def test_studies_and_replays_find_the_rows_that_run_found(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    shop.deployment.run_until_idle(**shop.environ("old"))
    old, folder = shop.stored(), shop.deployment.folder
    assert [old[f"o{each}"].get("externalUserId") for each in range(9)] == [
        "ann", "anna", None, "cid", "bob", None, None, "bobby", None,
    ]  # fmt: skip
    assert old["o1"]["externalConversationId"] == "c-anna"
    for name, value in shop.environ("old").items():
        monkeypatch.setenv(name, value)

    def said(*arguments: str) -> Any:
        capfd.readouterr()
        code = run(arguments)
        printed = capfd.readouterr()
        assert code == 0, printed.err
        return printed.out

    for key in ("o1", "o6"):
        (body,) = json.loads(said("explain", shop.places[key], "--json"))["events"]
        assert body == {name: old[key][name] for name in body}, key
        assert body.keys() >= {name for name in old[key] if name.startswith("external")}, key

    sides = str(folder / "old"), str(folder / "new")
    both = json.loads(said("diff", *sides, "--json", "--workers", "2"))
    counted = both["event_types"]["upgrade_purchased"]
    changed = sum("externalUserId" in each for each in old.values())
    assert {name: counted[name] for name in ("old", "new", "changed", "unchanged")} == {
        "old": len(old), "new": len(old), "changed": changed, "unchanged": len(old) - changed,
    }  # fmt: skip

    report = json.loads(said("coverage", sides[0], "--json"))
    assert report["notes"] == []
    assert sum(each["events"] for each in report["topics"][shop.orders]["names"].values()) == len(old)
    linked = sum("externalConversationId" in each for each in old.values())
    assert {each["lookback"]: each["linked"] for each in report["links"]} == {"1h": linked, "24h": linked}

    file = str(folder / "all.ndjson")
    said("record", shop.orders, shop.chats, "--since", "6d", "--whole", shop.customers, "--out", file)
    recorded = json.loads(said("diff", *sides, "--json", "--from", file))
    assert recorded["event_types"] == both["event_types"]

    assert run(("diff", sides[0], str(folder / "lost"))) == 1
    assert "the topic customers-of-nobody (table customers)" in capfd.readouterr().err

    # As of its own time: the customer has been deleted since, and come back as somebody else.
    monkeypatch.setenv("GREENFLASH_KAFKA_MAPPINGS", str(folder / "mended"))
    assert json.loads(said("dlq", "replay", "--send", "--json"))["passed"] == 1
    replayed = shop.stored()["o9"]
    assert (replayed["externalUserId"], replayed["externalConversationId"]) == ("bob", "c-bob")
