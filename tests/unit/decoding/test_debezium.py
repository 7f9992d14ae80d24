"""Change events of Debezium: what rules read of them, what is skipped, and what is no change event."""

from __future__ import annotations

import json
from base64 import b64encode
from decimal import Decimal
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.decoding import debezium, json_format
from greenflash_kafka.decoding.json import DecodeError
from greenflash_kafka.model.decoded import Decoded, Skipped
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.payload import Shape
from tests.debezium.recorded import recorded

PLACEHOLDER = "__debezium_unavailable_value"


def read(value: object, shape: Shape | None = None, *, snapshots: bool = False) -> object:
    """What becomes of a message that holds this as JSON, or these bytes."""
    decode = debezium.decoder(json_format.decoder, shape, snapshots=snapshots)
    return decode(Message("t", 0, 0, value=value if isinstance(value, bytes) else json.dumps(value).encode()))


def change(op: object = "u", **more: object) -> dict[str, object]:
    """A change event."""
    return {"before": None, "after": {"id": 1}, "source": {}, "op": op, **more}


@pytest.mark.parametrize("shape", [None, {"after": {"id": None}}])
@pytest.mark.parametrize("op", ["c", "u", "d"])
def test_changes_are_read(op: str, shape: Shape | None) -> None:
    found = read(change(op), shape)

    assert isinstance(found, dict)
    assert (found["op"], found["after"]) == (op, {"id": 1})


def test_rows_of_a_snapshot_are_skipped_unless_they_are_wanted() -> None:
    assert read(change("r")) == Skipped("snapshot")
    assert read(change("r"), snapshots=True) == change("r")


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ({"ts_ms": 1}, "heartbeat"),
        ({"ts_ms": 1, "ts_us": 1, "ts_ns": 1}, "heartbeat"),
        ({"status": "BEGIN", "id": "7:1", "event_count": None, "data_collections": None, "ts_ms": 1}, "transaction"),
        ({"status": "END", "id": "7:1", "event_count": 0, "data_collections": [], "ts_ms": 1}, "transaction"),
        ({"source": {}, "ts_ms": 1, "databaseName": "d", "ddl": "CREATE TABLE t"}, "schema-change"),
        ({"source": {}, "ts_ms": 1, "tableChanges": []}, "schema-change"),
        (change("t", after=None), "truncate"),
        ({"op": "m", "message": {"prefix": "p", "content": "eA=="}}, "logical-message"),
        (None, "tombstone"),
    ],
)
@pytest.mark.parametrize("shape", [None, {"after": {"status": None}, "ts_ms": None}])
def test_what_is_no_change_of_a_row_is_skipped(value: object, what: str, shape: Shape | None) -> None:
    assert read(value, shape) == Skipped(what)


@pytest.mark.parametrize("shape", [None, {"after": {"plan": None}}])
@pytest.mark.parametrize(
    "value", [{"id": 1, "plan": "scale"}, {}, {"status": "BEGIN"}, {"ts_ms": 1, "id": 1}, [], "text", 5]
)
def test_a_row_that_was_flattened_is_told_so(value: object, shape: Shape | None) -> None:
    with pytest.raises(DecodeError, match=r"ExtractNewRecordState\? then envelope: none") as raised:
        read(value, shape)

    assert raised.value.code == "bad-envelope"


@pytest.mark.parametrize("op", ["x", "", 5, ["c"], {"a": 1}, True])
def test_an_op_that_debezium_does_not_have_is_a_bad_envelope(op: object) -> None:
    with pytest.raises(DecodeError, match="`op` is none of") as raised:
        read(change(op))

    assert raised.value.code == "bad-envelope"


def test_what_is_not_json_is_a_bad_payload() -> None:
    with pytest.raises(DecodeError) as raised:
        read(b'{"op": "u"')

    assert raised.value.code == "bad-payload"


@pytest.mark.parametrize(
    "unknown",
    [
        PLACEHOLDER,
        b64encode(PLACEHOLDER.encode()).decode(),
        PLACEHOLDER.encode().hex(),
        [PLACEHOLDER],
        list(PLACEHOLDER.encode()),
        {PLACEHOLDER: PLACEHOLDER},
    ],
)
def test_a_column_that_the_database_did_not_send_is_missing(unknown: object) -> None:
    found = read(change(before={"id": 1, "body": unknown}, after={"id": 1, "body": unknown, "note": "x"}))

    assert found == change(before={"id": 1}, after={"id": 1, "note": "x"})


@pytest.mark.parametrize("known", ["x" * len(PLACEHOLDER), f"{PLACEHOLDER}s", [PLACEHOLDER, "x"], [], {}, None, 28])
def test_other_values_of_a_column_stay(known: object) -> None:
    assert read(change(after={"body": known})) == change(after={"body": known})


def test_a_document_of_mongodb_is_read_from_its_text() -> None:
    found = read(change("c", after='{"_id": {"$oid": "65f"}, "total": 149.50}'), {"after": {"total": None}})

    assert isinstance(found, dict)
    assert found["after"] == {"_id": {"$oid": "65f"}, "total": Decimal("149.50")}


@pytest.mark.parametrize("text", ["{", "\ud800", ""])
def test_a_row_that_is_another_text_is_a_bad_envelope(text: str) -> None:
    decode = debezium.decoder(lambda _: lambda _: {"op": "c", "after": text}, None, snapshots=False)

    with pytest.raises(DecodeError, match="isn't JSON"):
        decode(Message("t", 0, 0, value=b"x"))


def test_what_is_known_of_the_schema_stays_with_the_change() -> None:
    given = Decoded(change("c", after={"body": PLACEHOLDER}), "shop.Envelope", 7)
    decode = debezium.decoder(lambda _: lambda _: given, None, snapshots=False)

    assert decode(Message("t", 0, 0, value=b"x")) == Decoded(change("c", after={}), "shop.Envelope", 7)


@pytest.mark.parametrize("given", [NotYet(("schema", 5)), Skipped("heartbeat")])
def test_what_a_format_cannot_say_yet_is_handed_on(given: object) -> None:
    decode = debezium.decoder(lambda _: lambda _: given, None, snapshots=False)

    assert decode(Message("t", 0, 0, value=b"x")) is given


@pytest.mark.parametrize("mode", ["precise", "string", "double"])
@pytest.mark.parametrize("converter", ["json", "json-with-schema"])
def test_each_message_that_a_connector_writes_is_a_change_or_skipped(mode: str, converter: str) -> None:
    shape: Shape = {"after": {"body": None, "amount": None}}
    whole = partial(debezium.decoder, json_format.decoder)
    for record in recorded(f"{mode}-{converter}"):
        if record.value is None:
            continue
        message = Message(record.topic, 0, 0, value=record.value)
        found, part = whole(None, snapshots=False)(message), whole(shape, snapshots=False)(message)
        if isinstance(found, Skipped):
            assert part == found
            continue
        assert isinstance(found, dict)
        assert isinstance(part, dict)
        assert PLACEHOLDER not in str(found)
        for name in ("body", "amount"):
            assert (part["after"] or {}).get(name) == (found["after"] or {}).get(name)


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3) | st.sampled_from([PLACEHOLDER, "BEGIN", "u", "{"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["id", "ddl", PLACEHOLDER]), inner),
    max_leaves=6,
)
_names = st.sampled_from(["op", "before", "after", "source", "ts_ms", "status", "id", "ddl", "tableChanges", "schema"])


@given(st.dictionaries(_names, _values), st.sampled_from([None, {"after": {"id": None}}, {"ts_ms": None}]))
def test_any_object_is_a_change_or_skipped_or_refused(value: dict[str, object], shape: Shape | None) -> None:
    outcomes: list[str] = []
    for read_part in (None, shape):
        try:
            found = read(value, read_part, snapshots=True)
        except DecodeError as error:
            outcomes.append(error.code)
        else:
            outcomes.append(found.what if isinstance(found, Skipped) else "change")

    # A row that nobody reads need not be JSON, if it is a text.
    assert outcomes[0] == outcomes[1] or "after" not in (shape or {}) or "before" in value
