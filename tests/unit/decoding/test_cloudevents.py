"""CloudEvents in both modes of their binding to Kafka, and of Debezium's converter."""

from __future__ import annotations

import json
from base64 import b64encode
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.decoding import cloudevents, json_format
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.decoded import Decoded, Skipped
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.payload import Shape
from tests.debezium.recorded import recorded

ATTRIBUTES = {"specversion": "1.0", "type": "com.acme.order.paid", "source": "/orders", "id": "A-1", "tenant": "acme"}
BINARY = tuple((f"ce_{name}", value.encode()) for name, value in ATTRIBUTES.items())
Headers = tuple[tuple[str, bytes | None], ...]


def read(value: object, headers: Headers = (), shape: Shape | None = None) -> object:
    """What becomes of a message with this value, as JSON if it isn't bytes."""
    decode = cloudevents.decoder(json_format.decoder, shape)
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return decode(Message("t", 0, 0, value=body, headers=headers))


def content_type(value: bytes, name: str = "content-type") -> Headers:
    """The header that says how the value is encoded."""
    return ((name, value),)


@pytest.mark.parametrize("shape", [None, {"type": None, "data": {"total": None}}])
def test_attributes_of_binary_mode_stand_beside_the_data(shape: Shape | None) -> None:
    headers = (*BINARY, *content_type(b"application/json", "Content-Type"))

    found = read(b'{"total": 149.50}', headers, shape)

    assert found == {**ATTRIBUTES, "datacontenttype": "application/json", "data": {"total": Decimal("149.50")}}


@pytest.mark.parametrize(
    "headers", [(), content_type(b"application/cloudevents+json; charset=UTF-8"), content_type(b"application/json")]
)
@pytest.mark.parametrize("shape", [None, {"type": None, "data": {"total": None}}])
def test_structured_mode_is_found_with_and_without_its_content_type(headers: Headers, shape: Shape | None) -> None:
    found = read({**ATTRIBUTES, "data": {"total": 5}}, headers, shape)

    assert isinstance(found, dict)
    assert (found["type"], found["data"]) == ("com.acme.order.paid", {"total": 5})


def test_data_need_not_be_an_object() -> None:
    assert read(b"a, b", (*BINARY, *content_type(b"text/csv"))) == {
        **ATTRIBUTES,
        "datacontenttype": "text/csv",
        "data": "a, b",
    }
    assert read(b"[1]", BINARY) == {**ATTRIBUTES, "data": [1]}
    assert read({**ATTRIBUTES, "data": "text"}) == {**ATTRIBUTES, "data": "text"}
    assert read(ATTRIBUTES) == ATTRIBUTES


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (None, {"total": 5}),
        ("application/json", {"total": 5}),
        ("application/vnd.acme+json; v=1", {"total": 5}),
        ("application/octet-stream", b64encode(b'{"total": 5}').decode()),
    ],
)
@pytest.mark.parametrize("shape", [None, {"data": {"total": None}}])
def test_data_in_base64_is_read_if_it_is_json(kind: str | None, data: object, shape: Shape | None) -> None:
    event = {**ATTRIBUTES, "datacontenttype": kind, "data_base64": b64encode(b'{"total": 5}').decode()}

    found = read(event, (), shape)

    assert isinstance(found, dict)
    assert found["data"] == data


@pytest.mark.parametrize(
    ("value", "headers", "said"),
    [
        ({"total": 5}, (), "no header ce_specversion"),
        ([ATTRIBUTES], (), "no header ce_specversion"),
        ({"specversion": 1}, (), "no header ce_specversion"),
        ({"total": 5}, content_type(b"application/cloudevents+json"), "no header ce_specversion"),
        ([ATTRIBUTES], content_type(b"application/cloudevents-batch+json"), "not as application/cloudevents-batch"),
        (b"\x00", content_type(b"application/cloudevents+avro"), r"not as application/cloudevents\+avro"),
        ({}, (*BINARY, ("ce_subject", b"\xff")), "isn't UTF-8"),
        ({**ATTRIBUTES, "data_base64": "?"}, (), "isn't base64"),
    ],
)
def test_what_is_no_cloud_event_is_a_bad_envelope(value: object, headers: Headers, said: str) -> None:
    with pytest.raises(DecodeError, match=said) as raised:
        read(value, headers)

    assert raised.value.code == "bad-envelope"


@pytest.mark.parametrize(
    ("value", "headers"),
    [
        (b"{", BINARY),
        (b"", BINARY),
        (b"\xff", (*BINARY, *content_type(b"text/plain"))),
        (b"{", ()),
        (json.dumps({**ATTRIBUTES, "data_base64": "ew=="}).encode(), ()),
    ],
)
def test_data_that_cannot_be_read_is_a_bad_payload(value: bytes, headers: Headers) -> None:
    with pytest.raises(DecodeError) as raised:
        read(value, headers)

    assert raised.value.code == "bad-payload"


def test_data_in_another_format_keeps_what_is_known_of_its_schema() -> None:
    given = Decoded({"total": 5}, "acme.Order", 7)
    decode = cloudevents.decoder(lambda _: lambda _: given, None)

    found = decode(Message("t", 0, 0, value=b"\0", headers=(*BINARY, *content_type(b"application/avro"))))

    data = {**ATTRIBUTES, "datacontenttype": "application/avro", "data": {"total": 5}}
    assert found == Decoded(data, "acme.Order", 7)


@pytest.mark.parametrize("given", [NotYet(("schema", 5)), Skipped("heartbeat")])
@pytest.mark.parametrize("headers", [BINARY, ()])
def test_what_a_format_cannot_say_yet_is_handed_on(given: object, headers: Headers) -> None:
    decode = cloudevents.decoder(lambda _: lambda _: given, None)

    assert decode(Message("t", 0, 0, value=b"x", headers=headers)) is given


def test_what_debeziums_converter_writes_is_read() -> None:
    for record in recorded("string-cloudevents"):
        if record.value is not None:
            found = read(record.value, record.headers)
            assert isinstance(found, dict)
            assert found["iodebeziumop"] in "crudt"
            assert found["data"].keys() == {"before", "after"}


_values = st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from(["1.0", "eyJhIjogMX0=", {}])
_names = st.sampled_from(["specversion", "id", "type", "data", "data_base64", "datacontenttype"])
_headers = st.tuples(
    st.sampled_from(["ce_specversion", "ce_id", "ce_", "content-type", "Content-Type", "x"]),
    st.none() | st.binary(max_size=4) | st.sampled_from([b"text/plain", b"application/cloudevents", b"a/b+json;x"]),
)


@given(st.dictionaries(_names, _values), st.lists(_headers, max_size=4), st.sampled_from([None, {"data": {"a": None}}]))
def test_any_message_is_an_event_or_refused(
    value: dict[str, object], headers: list[tuple[str, bytes | None]], shape: Shape | None
) -> None:
    try:
        found = read(value, tuple(headers), shape)
    except DecodeError as error:
        found = {"specversion": error.code}
    assert isinstance(found, dict)
    assert "specversion" in found
