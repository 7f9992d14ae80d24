"""The user of a customer comes from the topic that tells customers, as of each order, in every run and after a kill;
the customer's team from one whose values and keys Confluent's serializer writes in Protobuf, for a real registry."""

from __future__ import annotations

import json
from typing import Any

from confluent_kafka.schema_registry.protobuf import ProtobufSerializer
from confluent_kafka.serialization import MessageField, SerializationContext

from greenflash_kafka.sandbox.in_thread import running_sandbox
from tests.brokers.kafka import Record
from tests.formats.compiled import compiled
from tests.formats.written import client_of
from tests.registries.apicurio import Apicurio
from tests.scenarios.conftest import KEY
from tests.scenarios.linked import now

ORDERS = """\
version: 1
source: {{topics: [{orders}]}}
tables:
  customers:
    topic: {customers}
    source: {{envelope: debezium}}
    key: id
    fields: [user_id]
    max_delay: 10s
  teams:
    topic: {teams}
    source: {{key: auto}}
    key: id
    fields: [team]
    max_delay: 10s
rules:
  - name: paid
    when: {{type: paid}}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_minor(payload.cents, payload.currency)
      external_user_id: = tables.customers[payload.customer].user_id
      insert_id: = payload.id
      properties: {{team: "= tables.teams[payload.customer].team"}}
"""
TEAMS = """\
syntax = "proto3";
package scenario.teams;
message Key { int64 id = 1; }
message Customer { int64 id = 1; string team = 2; }
"""


def test_a_customer_that_another_topic_knows_is_the_same_in_every_run(deployment: Any, apicurio: Apicurio) -> None:
    kafka = deployment.kafka
    (orders,) = deployment.topics(2)
    customers, teams = kafka.topic(2, "customers"), kafka.topic(2, "teams")
    text = ORDERS.format(orders=orders, customers=customers, teams=teams)
    (deployment.folder / "orders.yaml").write_text(text)
    environ = {
        "GREENFLASH_KAFKA_MAPPINGS": f"{deployment.folder}/orders.yaml",
        "GREENFLASH_KAFKA_LINKING__DIRECTORY": str(deployment.folder / "rows"),
        "GREENFLASH_KAFKA_SCHEMA_REGISTRY__URL": apicurio.url,
    }
    paid = now() - 600_000

    def change(op: str, at: int, customer: int, user: str | None) -> None:
        before, after = ({"id": customer}, None) if op == "d" else (None, {"id": customer, "user_id": user})
        key = json.dumps({"id": customer}).encode()
        row = json.dumps({"op": op, "before": before, "after": after}).encode()
        records = [Record(row, key=key, partition=customer % 2, timestamp_ms=at)]
        if op == "d":
            records.append(Record(None, key=key, partition=customer % 2, timestamp_ms=at))
        kafka.produce(customers, records)

    types = compiled("scenario/teams.proto", TEAMS)
    client = client_of(apicurio.url)

    def framed(kind: str, field: str, **fields: Any) -> bytes:
        made = types[f"scenario.teams.{kind}"]
        serializer = ProtobufSerializer(made, client, {"use.deprecated.format": False})
        found: bytes | None = serializer(made(**fields), SerializationContext(teams, MessageField[field]))
        assert found is not None
        return found

    def team(at: int, customer: int, name: str | None) -> None:
        value = None if name is None else framed("Customer", "VALUE", id=customer, team=name)
        key = framed("Key", "KEY", id=customer)
        kafka.produce(teams, [Record(value, key=key, partition=customer % 2, timestamp_ms=at)])

    def order(number: int, customer: int, at: int) -> None:
        text = {"type": "paid", "id": f"o{number}", "cents": 100, "currency": "EUR", "customer": customer}
        kafka.produce(orders, [Record(json.dumps(text).encode(), partition=number % 2, timestamp_ms=at)])

    change("r", paid - 60_000, 1, "ann")
    change("c", paid + 9_000, 2, "bob")
    change("u", paid + 11_000, 1, "anna")
    change("d", paid + 30_000, 2, None)
    change("c", paid + 40_000, 3, "cid")
    team(paid - 50_000, 1, "red")
    team(paid - 50_000, 2, "blue")
    team(paid + 11_000, 1, "green")
    team(paid + 20_000, 2, None)
    order(1, 1, paid)
    order(2, 2, paid)
    order(3, 1, paid + 2_000)
    order(4, 2, paid + 25_000)
    order(5, 3, paid + 1_000)

    def users() -> dict[str, tuple[str | None, str | None]]:
        return {
            each.rpartition(":")[2]: (event.get("externalUserId"), event.get("properties", {}).get("team"))
            for each, event in deployment.stored().items()
        }

    deployment.run_until_idle(**environ)
    expected = {
        "o1": ("ann", "red"),
        "o2": ("bob", "blue"),
        "o3": ("anna", "green"),
        "o4": (None, None),
        "o5": (None, None),
    }
    assert users() == expected
    with running_sandbox(api_key=KEY) as other:
        deployment.sandbox, deployment.group = other, kafka.group()
        killed = deployment.run(**environ)
        killed.until("ruleset_loaded")
        killed.kill()
        environ["GREENFLASH_KAFKA_LINKING__DIRECTORY"] = str(deployment.folder / "others")
        deployment.run_until_idle(**environ)
        assert users() == expected
