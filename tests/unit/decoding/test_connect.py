"""Messages of Kafka Connect with their schema: what they mean, and that nothing else is taken for one."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.decoding import connect
from greenflash_kafka.decoding.connect import Unwrapper
from greenflash_kafka.decoding.decoders import FormatDecoders
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.decoding.json_format import decoder
from greenflash_kafka.model.decoded import Decoded
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.payload import MAX_DEPTH, Shape
from greenflash_kafka.model.topic_format import TopicFormat

DECIMAL = {"type": "bytes", "name": "org.apache.kafka.connect.data.Decimal", "parameters": {"scale": "2"}}
TIME = {"type": "int64", "name": "org.apache.kafka.connect.data.Timestamp", "optional": True}
OWN_SCALE = {
    "type": "struct",
    "name": "io.debezium.data.VariableScaleDecimal",
    "fields": [{"type": "int32", "field": "scale"}, {"type": "bytes", "field": "value"}],
}
STRING = {"type": "string", "optional": False}


def struct(**fields: object) -> dict[str, object]:
    """A schema of a struct."""
    return {"type": "struct", "fields": [{**of, "field": name} for name, of in fields.items()], "optional": False}  # type: ignore[dict-item]


def wrapped(schema: object, payload: object) -> bytes:
    """A message as JsonConverter writes it."""
    return json.dumps({"schema": schema, "payload": payload}, separators=(",", ":")).encode()


def reader(shape: Shape | None = None) -> Callable[[bytes], object]:
    """What a topic's messages are read by."""
    read = decoder(shape)
    return lambda value: read(Message("t", 0, 0, value=value))


@pytest.mark.parametrize("times", [1, 2, 3])
@pytest.mark.parametrize("shape", [None, {"amount": None, "at": None, "id": None}])
def test_values_are_those_that_the_schema_means(shape: Shape | None, times: int) -> None:
    read = reader(shape)
    value = wrapped(
        struct(id={"type": "int32"}, amount=DECIMAL, at=TIME), {"id": 1, "amount": "OmY=", "at": 1795000000123}
    )

    found = [read(value) for _ in range(times)][-1]

    at = datetime(2026, 11, 18, 11, 6, 40, 123000, UTC)
    assert found == {"id": 1, "amount": Decimal("149.50"), "at": at}


def test_null_and_missing_stay_so() -> None:
    schema = struct(amount=DECIMAL, at=TIME)

    assert reader()(wrapped(schema, {"amount": None})) == {"amount": None}
    assert reader()(wrapped(schema, None)) is None


def test_lists_and_maps_hold_converted_values() -> None:
    many = {"type": "array", "items": OWN_SCALE}
    by_name = {"type": "map", "keys": STRING, "values": DECIMAL}
    by_number = {"type": "map", "keys": {"type": "int32"}, "values": DECIMAL}
    payload = {
        "many": [{"scale": 1, "value": "Cw=="}, None],
        "by_name": {"a": "OmY=", "b": None},
        "by_number": [[7, "OmY="], [8, None]],
    }

    found = reader()(wrapped(struct(many=many, by_name=by_name, by_number=by_number), payload))

    assert found == {
        "many": [Decimal("1.1"), None],
        "by_name": {"a": Decimal("149.50"), "b": None},
        "by_number": [[7, Decimal("149.50")], [8, None]],
    }


def test_a_value_that_is_not_of_its_type_stays_as_it_is() -> None:
    schema = struct(many={"type": "array", "items": DECIMAL}, inner=struct(amount=DECIMAL), map_={"type": "string"})
    payload = {"many": "x", "inner": 5, "map_": {}}

    assert reader()(wrapped(schema, payload)) == payload


def test_a_payload_need_not_be_a_struct() -> None:
    json_text = {"type": "string", "optional": True, "name": "io.debezium.data.Json", "version": 1}

    assert reader()(wrapped(json_text, '{"total": 149.50}')) == '{"total": 149.50}'
    assert reader()(wrapped(DECIMAL, "OmY=")) == Decimal("149.50")
    assert reader()(wrapped(None, {"a": 1})) == {"a": 1}


@pytest.mark.parametrize("shape", [None, {"payload": None}, {"payload": {"a": None}, "schema": None}, {"a": None}])
@pytest.mark.parametrize(
    "message",
    [
        {"schema": "iglu:com.acme/x/jsonschema/1-0-0", "payload": {"a": 1}},
        {"schema": {"type": "object"}, "payload": {"a": 1}},
        {"schema": {"type": "struct"}, "payload": {"a": 1}},
        {"schema": {"type": ["null", "object"], "name": ["x"], "parameters": []}, "payload": {"a": 1}},
        {"schema": {"type": {"type": "string"}, "name": {}}, "payload": {"a": 1}},
        {"schema": {"type": "map", "keys": {"type": 5}, "values": None}, "payload": {"a": 1}},
        {"schema": {"type": "struct", "fields": [{"type": "string"}]}, "payload": {"a": 1}},
        {"schema": {"type": "array", "items": {"type": "number"}}, "payload": [1]},
        {"schema": struct(a=STRING), "payload": {"a": 1}, "event": {}},
        {"schema": struct(a=STRING)},
        {"payload": {"a": 1}},
        {"schema": [], "payload": 1},
    ],
)
def test_what_only_looks_like_it_is_a_message_like_others(message: dict[str, object], shape: Shape | None) -> None:
    found = reader(shape)(json.dumps(message).encode())

    assert isinstance(found, dict)
    for name in shape or message:
        if not isinstance((shape or {}).get(name), dict):
            assert found.get(name) == message.get(name)


@pytest.mark.parametrize(
    "value",
    [
        b' {\n "schema" : %s ,\n "payload" : {"a": "OmY="} } \n',
        b'{"payload":{"a":"OmY="},"schema":%s}',
        b'{"payload":1,"schema":%s,"payload":{"a":"OmY="}}',
    ],
)
def test_it_is_found_however_it_is_written(value: bytes) -> None:
    read = reader({"a": None})
    message = value % json.dumps(struct(a=DECIMAL)).encode()

    assert [read(message) for _ in range(3)] == [{"a": Decimal("149.50")}] * 3


def test_a_message_that_begins_as_another_did_may_still_be_another() -> None:
    read = reader()
    schema = struct(a=STRING)
    first = wrapped(schema, {"a": "x"})
    read(first)

    beside = first[:-1] + b',"more":2}'
    again = first[:-1] + b',"payload":{"a":"y"}}'

    assert read(beside) == {"schema": schema, "payload": {"a": "x"}, "more": 2}
    assert read(again) == {"a": "y"}
    assert read(wrapped(struct(a=DECIMAL), {"a": "OmY="})) == {"a": Decimal("149.50")}
    assert read(first) == {"a": "x"}
    assert read(b'{"a":"plain"}') == {"a": "plain"}


def test_a_schema_that_reads_like_its_payload_is_not_taken_for_it() -> None:
    read = reader()
    same = json.dumps(STRING)
    value = f'{{"payload":{same},"schema":{same}}}'.encode()

    assert read(value) == STRING
    assert read(value[: -len(same) - 1] + b"5}") == {"payload": STRING, "schema": 5}


@pytest.mark.parametrize("broken", [b'{"a":1', b'{"a":NaN}', b'{"a":"\xff"}', b'{"a":1}}', b"", b'{"a":01}'])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("shape", [None, {"b": None}])
def test_what_is_no_json_is_refused_whether_or_not_its_beginning_is_known(
    broken: bytes, known: bool, shape: Shape | None
) -> None:
    read = reader(shape)
    value = wrapped(struct(a=STRING), 0)
    if known:
        read(value)

    with pytest.raises(DecodeError):
        read(value[:-2] + broken + b"}")


@pytest.mark.parametrize("deep", [MAX_DEPTH, MAX_DEPTH + 1])
def test_depth_is_that_of_the_payload(deep: int) -> None:
    value = wrapped(STRING, 0)[:-2] + b"[" * deep + b"]" * deep + b"}"
    fresh, known = reader(), reader()
    known(wrapped(STRING, 0))

    for read in (fresh, known):
        if deep > MAX_DEPTH:
            with pytest.raises(DecodeError, match="nested"):
                read(value)
        else:
            read(value)


def test_what_makes_one_value_of_a_struct_is_read_whole() -> None:
    value = wrapped(struct(rate=OWN_SCALE), {"rate": {"scale": 1, "value": "AQ=="}})

    assert reader({"rate": {"scale": None}})(value) == reader()(value) == {"rate": Decimal("0.1")}


def test_no_more_beginnings_are_kept_than_may_be() -> None:
    kept = Unwrapper(None, lambda _: decode)
    for number in range(100):
        kept.unwrapped(wrapped(struct(**{f"f{number}": STRING}), {}), None)
    assert len(kept._prefixes) == connect.MAX_PREFIXES

    long = wrapped({**STRING, "doc": "x" * connect.MAX_PREFIX_BYTES}, "payload")
    assert kept.unwrapped(long, None) == "payload"
    assert sum(len(prefix) for prefix, _ in kept._prefixes) <= connect.MAX_PREFIX_BYTES


def some_struct(fields: dict[str, object]) -> dict[str, object]:
    """A struct, if what is given are schemas."""
    return struct(**{name: of if isinstance(of, dict) else {"type": of} for name, of in fields.items()})


_scalars = st.none() | st.integers() | st.text(max_size=5) | st.sampled_from(["OmY=", 1795000000123])
_schemas: st.SearchStrategy[object] = st.recursive(
    st.sampled_from([STRING, DECIMAL, TIME, OWN_SCALE, {"type": "object"}, {"type": ["int8"]}, {"name": 5}, [], None]),
    lambda inner: st.one_of(
        st.dictionaries(st.sampled_from(["a", "b", "payload"]), inner, max_size=3).map(some_struct),
        inner.map(lambda of: {"type": "array", "items": of}),
        inner.map(lambda of: {"type": "map", "keys": STRING, "values": of}),
    ),
    max_leaves=6,
)
_payloads = st.recursive(
    _scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "scale", "value"]), inner),
    max_leaves=8,
)


@settings(deadline=None)
@given(st.lists(st.tuples(_schemas, _payloads), min_size=1, max_size=5))
def test_a_message_is_read_the_same_whatever_was_read_before(messages: list[tuple[object, object]]) -> None:
    shape: Shape = {"a": {"value": None}, "b": None}
    together, part = reader(), reader(shape)
    for schema, payload in messages * 2:
        value = wrapped(schema, payload)
        whole, found = reader()(value), part(value)
        assert together(value) == whole
        if isinstance(whole, dict) and isinstance(found, dict):
            assert found.get("b") == whole.get("b")
            if isinstance(inner := whole.get("a"), dict):
                assert isinstance(found["a"], dict)
                assert found["a"].get("value") == inner.get("value")
            else:
                assert found.get("a") == inner
        else:
            assert found == whole


def test_a_key_is_read_as_values_are() -> None:
    read = FormatDecoders().decoder("t", None, TopicFormat(key="auto"))
    key = wrapped(struct(id=DECIMAL), {"id": "OmY="})

    found = [read(Message("t", 0, 0, key=key, value=b"{}")) for _ in range(2)]

    assert found == [Decoded({}, key={"id": Decimal("149.50")})] * 2
