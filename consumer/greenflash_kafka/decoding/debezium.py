"""The envelope `debezium`: change events, of which rules read the rows; other messages of the connector are skipped.

Sources: Debezium 3.6's documentation of its PostgreSQL and MongoDB connectors and its records (tests/debezium); the
forms of the placeholder: its UnchangedToastedPlaceholder.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Final

from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.decoding.json_format import Reader
from greenflash_kafka.model.decoded import (
    HEARTBEAT,
    LOGICAL_MESSAGE,
    SCHEMA_CHANGE,
    SNAPSHOT,
    TOMBSTONE,
    TRANSACTION,
    TRUNCATE,
    Decoded,
    Skipped,
)
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.payload import Shape

_ROWS: Final = ("after", "before")
_OF_ROWS: Final = frozenset("cud")
_OTHERS: Final = {"t": TRUNCATE, "m": LOGICAL_MESSAGE}
_HEARTBEAT_FIELDS: Final = frozenset(("ts_ms", "ts_us", "ts_ns"))

_PLACEHOLDER: Final = "__debezium_unavailable_value"
_BYTES: Final = _PLACEHOLDER.encode()
_TEXTS: Final = frozenset((_PLACEHOLDER, b64encode(_BYTES).decode(), _BYTES.hex()))
_LENGTHS: Final = frozenset(map(len, _TEXTS))
_LISTS: Final = ([_PLACEHOLDER], list(_BYTES))
_MAP: Final = {_PLACEHOLDER: _PLACEHOLDER}


def decoder(inner: Callable[[Shape | None], Reader], shape: Shape | None, *, snapshots: bool) -> Reader:
    """The decoder of a topic of change events: it gives what `inner`, the decoder of a format, gives for the shape; or
    `Skipped`; and raises DecodeError `bad-envelope` for what Debezium doesn't send.

    A column that Debezium doesn't know (an unchanged one that PostgreSQL keeps outside of the row) is missing. A row
    that is JSON text (MongoDB) is that JSON. `snapshots`: rows of snapshots are read like others.
    """
    read = inner(None if shape is None else {**shape, "op": None})
    read_all: list[Reader] = []

    def decode_change(message: Message) -> object:
        found = read(message)
        payload = found.payload if type(found) is Decoded else found
        if type(payload) is not dict:
            return payload if isinstance(payload, NotYet | Skipped) else _no_change(payload)
        op = payload.get("op")
        if op.__class__ is str and op in _OF_ROWS:
            pass
        elif op == "r":
            if not snapshots:
                return SNAPSHOT
        elif op is not None:
            return _other(op)
        else:
            if not read_all:
                read_all.append(inner(None))
            whole = read_all[0](message)
            return _no_change(whole.payload if type(whole) is Decoded else whole)
        for name in _ROWS:
            row = payload.get(name)
            if row.__class__ is str:
                row = payload[name] = _row_of_text(row)
            if row.__class__ is dict:
                _leave_out_unknown(row)
        return found

    return decode_change


def _other(op: object) -> Skipped:
    skipped = _OTHERS.get(op) if isinstance(op, str) else None
    if skipped is None:
        raise DecodeError("no change event of Debezium: `op` is none of c, u, d, r, t, m", "bad-envelope")
    return skipped


def _no_change(payload: object) -> Skipped:
    """What a message without `op` is."""
    if payload is None:
        return TOMBSTONE
    if isinstance(payload, dict):
        if payload.keys() <= _HEARTBEAT_FIELDS and "ts_ms" in payload:
            return HEARTBEAT
        if payload.get("status") in ("BEGIN", "END") and "id" in payload:
            return TRANSACTION
        if "source" in payload and ("ddl" in payload or "tableChanges" in payload):
            return SCHEMA_CHANGE
    said = "no change event of Debezium: it has no `op`; was it flattened by ExtractNewRecordState? then envelope: none"
    raise DecodeError(said, "bad-envelope")


def _row_of_text(text: str) -> object:
    try:
        return decode(text.encode())
    except (DecodeError, UnicodeEncodeError):
        raise DecodeError("a row of this change event is a text that isn't JSON", "bad-envelope") from None


def _leave_out_unknown(row: dict[str, object]) -> None:
    """Without the columns that hold the placeholder: as text, bytes (base64, hex), a list or a map."""
    unknown: list[str] = []
    for name, value in row.items():
        kind = value.__class__
        if kind is str:
            # Lengths first: the hash of a long text takes longer than all the rest.
            if len(value) in _LENGTHS and value in _TEXTS:  # type: ignore[arg-type]
                unknown.append(name)
        elif (kind is list and value in _LISTS) or (kind is dict and value == _MAP):
            unknown.append(name)
    for name in unknown:
        del row[name]
