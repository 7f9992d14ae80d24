"""`lint` with schemas: paths, symbols and types that they don't have, and formats that can't be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.schemas.folder import SchemaFolder

ADDRESS = {"type": "record", "name": "Address", "fields": [{"name": "city", "type": "string"}]}
STATUS = {"type": "enum", "name": "Status", "symbols": ["PAID", "OPEN"]}
V8 = {
    "type": "record",
    "name": "Order",
    "fields": [
        {"name": "id", "type": "string"},
        {"name": "total", "type": "long"},
        {"name": "status", "type": STATUS},
        {"name": "address", "type": ["null", ADDRESS]},
        {"name": "labels", "type": {"type": "map", "values": "string"}},
    ],
}
V7 = {**V8, "fields": [*V8["fields"], {"name": "note", "type": "string"}]}
INDEX = """\
schemas:
  - {subject: shop.orders-value, version: 7, registry: "https://one", id: 6, kind: avro, file: o7.avsc}
  - {subject: shop.orders-value, version: 8, registry: "https://one", id: 7, kind: avro, file: o8.avsc, latest: true}
"""
RULES = """\
version: 1
source: {topics: [shop.orders]%s}
rules:
  - name: paid
    when: {%s}
    event:
      event_type: order_paid
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: "1"
      external_user_id: = %s
      event_at: = kafka.timestamp
      insert_id: = payload.id
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "index.yaml").write_text(INDEX)
    (tmp_path / "schemas" / "o7.avsc").write_text(json.dumps(V7))
    (tmp_path / "schemas" / "o8.avsc").write_text(json.dumps(V8))
    return tmp_path


def found(
    folder: Path, when: str = "status: PAID", user: str = "payload.id", source: str = "", registry: bool | None = None
) -> list[tuple[str, str, str]]:
    (folder / "orders.yaml").write_text(RULES % (source, when, user))
    findings = lint([folder], {}, registry=registry).findings
    return [(each.code, each.message, each.hint) for each in findings if each.severity != "advice"]


@pytest.mark.parametrize(
    ("when", "user", "code", "said", "hint"),
    [
        ("totl: 5", "payload.id", "unknown-field", "shop.orders-value v8 has no totl", "did you mean total?"),
        (
            "status: PAID",
            "payload.address.cty",
            "unknown-field",
            "shop.orders-value v8 has no payload.address.cty",
            "did you mean payload.address.city?",
        ),
        (
            "status: PAID",
            "payload.note",
            "unknown-field",
            "shop.orders-value v8 has no payload.note; shop.orders-value v7 had it",
            "",
        ),
        (
            "status: PAYED",
            "payload.id",
            "unknown-symbol",
            "status: PAYED is none of the symbols that shop.orders-value v8 has there",
            "did you mean PAID?",
        ),
        (
            'total: "5"',
            "payload.id",
            "other-type-than-schema",
            "total: a text is compared, and shop.orders-value v8 has a number there",
            "",
        ),
        (
            "id: {above: 5}",
            "payload.id",
            "other-type-than-schema",
            "id: a number is compared, and shop.orders-value v8 has a text there",
            "",
        ),
    ],
)
def test_what_the_newest_schema_doesnt_have_is_found(
    folder: Path, when: str, user: str, code: str, said: str, hint: str
) -> None:
    assert found(folder, when, user) == [(code, said, hint)]


def test_what_it_has_isnt(folder: Path) -> None:
    assert found(folder, "status: [PAID, OPEN], total: 5, address.city: Bonn", "payload.labels.whatever") == []
    assert found(folder, "status: {above: A}, total: {at_most: 5}, address.city: {below: '5 x'}") == []


def test_a_cloud_events_schema_is_that_of_its_data(folder: Path) -> None:
    source = ", envelope: cloudevents"

    assert found(folder, "envelope.type: a.b, status: PAID", "envelope.subject", source) == []
    ((code, said, _),) = found(folder, "envelope.type: a.b", "payload.address.cty", source)
    assert (code, said) == ("unknown-field", "shop.orders-value v8 has no payload.address.cty")


@pytest.mark.parametrize(("row", "codes"), [("Order", ["unknown-field"]), ("string", [])])
def test_a_change_events_schema_has_the_rows(folder: Path, row: str, codes: list[str]) -> None:
    fields = [{"name": "before", "type": ["null", V8 if row == "Order" else row]}]
    fields += [{"name": "after", "type": ["null", row]}, {"name": "op", "type": "string"}]
    for name in ("o7.avsc", "o8.avsc"):
        (folder / "schemas" / name).write_text(json.dumps({"type": "record", "name": "Envelope", "fields": fields}))

    told = found(folder, "envelope.op: u, total: {increased: true}", "payload.totl", ", envelope: debezium")

    assert [code for code, _, _ in told] == codes
    assert all("payload.totl" in said and hint == "did you mean payload.total?" for _, said, hint in told)


def test_topics_of_json_have_no_schema(folder: Path) -> None:
    assert found(folder, "totl: 5", source=", format: json") == []


def test_a_subject_may_be_named_and_a_files_schema_too(folder: Path) -> None:
    other = found(folder, "totl: 5", source=", subject: nobody-value")
    assert other == []
    (folder / "orders.avsc").write_text(json.dumps(V8))
    ((code, said, _),) = found(folder, "totl: 5", source=", format: avro, schema: orders.avsc")
    assert (code, said) == ("unknown-field", "orders.avsc has no totl")


def test_a_format_that_needs_a_registry_is_found_where_there_is_none(folder: Path) -> None:
    ((code, said, hint),) = found(folder, source=", format: avro", registry=False)
    assert (code, hint) == ("no-registry", "set it, or add schema: FILE for bare bytes")
    assert said.startswith("avro needs the schemas that messages name")
    assert found(folder, source=", format: avro", registry=True) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", "orders.avsc isn't JSON"), ('{"type": "recrod"}', "orders.avsc: "), (None, "there is no orders.avsc")],
)
def test_a_schema_that_cant_be_used_is_found(folder: Path, text: str | None, said: str) -> None:
    if text is not None:
        (folder / "orders.avsc").write_text(text)
    ((code, message, _),) = found(folder, source=", format: avro, schema: orders.avsc")
    assert code == "bad-schema-file"
    assert message.startswith(said)


def test_a_sample_that_its_topics_schema_refuses_says_nothing_of_rules(folder: Path) -> None:
    """Its total is a text, and the schema's a number: that is for `test` to say."""
    (folder / "samples" / "orders").mkdir(parents=True)
    order = {"id": "o", "total": "5", "status": "PAID", "labels": {}}
    (folder / "samples" / "orders" / "one.json").write_text(json.dumps(order))
    assert found(folder, "total: 5") == []


@pytest.mark.parametrize(
    ("topics", "codes"),
    [
        ("[shop.orders]", []),
        ("[/shop.*/]", []),
        ("[shop.orders, shop.bills]", ["unseen-decimal"]),
        ("[shop.orders], format: json", ["unseen-decimal"]),
    ],
)
def test_a_decimal_that_a_schema_describes_is_no_doubt(folder: Path, topics: str, codes: list[str]) -> None:
    text = (RULES % (", envelope: debezium", "envelope.op: c", "payload.id")).replace("[shop.orders]", topics)
    (folder / "orders.yaml").write_text(text.replace('"1"', "= number(payload.total)"))

    assert [each.code for each in lint([folder], {}).findings if "decimal" in each.code] == codes


def test_nor_one_that_todays_schema_of_the_registry_describes(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    rules = tmp_path_factory.mktemp("rules") / "orders.yaml"
    text = RULES % (", envelope: debezium", "envelope.op: c", "payload.id")
    rules.write_text(text.replace('"1"', "= number(payload.total)"))

    assert "unseen-decimal" in [each.code for each in lint([rules], {}).findings]
    pulled = SchemaFolder(folder / "schemas")
    assert "unseen-decimal" not in [each.code for each in lint([rules], {}, folder=pulled).findings]


MONEY = """\
syntax = "proto3";
import "google/type/money.proto";
message Order { string id = 1; google.type.Money total = 2; }
"""


@pytest.mark.parametrize(
    ("user", "hints"),
    [
        ("payload.total.units", ["write payload.total.amount"]),
        ("payload.total.amount", []),
        ("concat(payload.total.units, payload.total.nanos)", []),
    ],
)
def test_the_units_of_money_are_not_its_amount(folder: Path, user: str, hints: list[str]) -> None:
    (folder / "orders.proto").write_text(MONEY)
    source = ", format: protobuf, schema: orders.proto, message: Order"
    (folder / "orders.yaml").write_text((RULES % (source, "id: a", "payload.id")).replace('"1"', f"'= {user}'"))

    assert [each.hint for each in lint([folder], {}).findings if each.code == "units-without-nanos"] == hints
