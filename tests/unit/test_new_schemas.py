"""Schemas that become known in mid-stream, in a whole pipeline under virtual time: real framings, real Avro."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.decoding.avro_writer import encode
from greenflash_kafka.decoding.body_writer import framed
from greenflash_kafka.decoding.decoders import FormatDecoders
from greenflash_kafka.model.schema import Schema, SchemaRefused
from tests.fakes.schemas import KnownSchemas
from tests.unit.test_pipeline import P0, P1, World

FIELDS = [{"name": name, "type": "string"} for name in ("type", "id", "currency")]
V1 = {"type": "record", "name": "Order", "fields": [*FIELDS, {"name": "amount", "type": "long"}]}
V2 = {"type": "record", "name": "Order", "fields": [{"name": "new", "type": "int"}, *V1["fields"]]}
SCHEMAS = {1: Schema("avro", json.dumps(V1), subject="orders-value", version=1)}
SCHEMAS[2] = Schema("avro", json.dumps(V2), subject="orders-value", version=2)


class Encoded(World):
    """A world of orders in JSON (schema 0) and Avro (1, 2), and in a schema that nobody knows (3)."""

    def __init__(self, folder: Path) -> None:
        self.schemas = KnownSchemas({})
        super().__init__(folder, decoders=FormatDecoders(self.schemas), in_flight=1)

    def append(self, number: int, schema: int, partition: int = 0) -> None:
        order: dict[str, object] = {"type": "paid", "id": f"o{number}", "amount": 10 + number, "currency": "EUR"}
        value = json.dumps(order).encode()
        order["new"] = 1
        if schema in SCHEMAS:
            body = encode(SCHEMAS[schema], order if schema == 2 else _old(order))
            value = framed(SCHEMAS[schema], schema, body)
        elif schema:
            value = framed(SCHEMAS[1], schema, value)
        self.source.append("orders", value, partition)

    def sent(self) -> list[int]:
        return [int(str(event["insertId"]).rpartition(":o")[2]) for _, event in self.api.requests]


def _old(order: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in order.items() if name != "new"}


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from([0, 1, 2]), max_size=12),
    st.lists(st.sampled_from([0, 1, 2]), max_size=12),
    st.permutations([1, 2]),
)
def test_each_partition_keeps_its_order_whenever_its_schemas_become_known(
    first: list[int], second: list[int], known: list[int]
) -> None:
    with TemporaryDirectory() as folder:
        world = Encoded(Path(folder))
        for partition, schemas in enumerate((first, second)):
            for place, schema in enumerate(schemas):
                world.append(100 * partition + place, schema, partition)
        world.run(1)
        for key in known:
            world.schemas.known[key] = SCHEMAS[key]
            world.run(2)
        sent = world.sent()
        assert [number for number in sent if number < 100] == list(range(len(first)))
        assert [number - 100 for number in sent if number >= 100] == list(range(len(second)))
        ends = {P0: len(first), P1: len(second)}
        assert world.source.group == {partition: end for partition, end in ends.items() if end}
        assert world.dlq.written == []


def test_an_id_that_nobody_knows_is_a_dead_letter_and_the_next_message_goes_on(tmp_path: Path) -> None:
    world = Encoded(tmp_path)
    world.schemas.known.update(SCHEMAS)  # type: ignore[arg-type]
    for number, schema in enumerate([1, 33_688_675, 2]):
        world.append(number, schema)
    world.run(1)
    assert world.sent() == [0]
    world.schemas.known[33_688_675] = SchemaRefused("unknown-schema", "the registry doesn't know schema 33688675")
    world.run(2)
    assert world.sent() == [0, 2]
    (letter,) = world.dlq.written
    assert (letter.code, letter.message.offset) == ("unknown-schema", 1)
    assert "is there a schema id in these messages at all?" in letter.text


def test_garbage_in_a_topic_of_json_is_a_dead_letter_without_a_registry(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.source.append("orders", b"\x00\x00\x00\x00\x07garbage")
    world.order(1)
    world.run(1)
    (letter,) = world.dlq.written
    assert letter.code == "bad-payload"
    assert "begins with 00, like messages whose schema is in a registry: set schema_registry.url" in letter.text
    assert [event["insertId"] for _, event in world.api.requests] == ["upgrade_purchased:o1"]
