"""Messages of a topic as documents: what rules see of each, whatever they are wrapped in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.discovery.path_table import MOST_ELEMENTS
from greenflash_kafka.discovery.path_values import path_text, split_words
from greenflash_kafka.model.decoded import Decoded, Skipped
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.topic_format import Envelope

Read = Callable[[Message, Envelope], object]
"""Decodes a message: as `decoding.decoders.Decode`, under an envelope."""

_LIST_IN: Final = "list in "
_BATCHES: Final = frozenset(("items", "events", "records", "batch", "messages", "notifications", "data", "entries"))
_MOST_AROUND: Final = 2
_MOST_AROUND_EVENTS: Final = 3
_LOOKED_AT: Final = 200
_MOST_HEADERS: Final = 20
_TECHNICAL: Final = frozenset(("traceparent", "tracestate", "baggage", "b3", "content-type", "contenttype"))


class Document(msgspec.Struct, frozen=True):
    """What rules see of a message, or of one element of it: `roots` are payload or item, envelope, kafka, and body for
    a payload that is JSON in a text. `before`: the row before a change, under Debezium's envelope, if it is told."""

    message: Message
    roots: Mapping[str, object]
    before: Mapping[str, object] | None = None

    @property
    def ms(self) -> int | None:
        """The record's time, in milliseconds since 1970."""
        return self.message.record_ms

    @property
    def key(self) -> str:
        """The record's key as text, "" if it is none."""
        try:
            return (self.message.key or b"").decode()
        except UnicodeDecodeError:
            return ""


class TopicDocuments:
    """The messages of one topic, decoded each time that they are gone through. Never raises for what is in them."""

    def __init__(self, topic: str, messages: Sequence[Message], read: Read) -> None:
        self.topic = topic
        self.messages = messages
        self._read = read
        self.tombstones = sum(each.value is None for each in messages)
        self.unreadable: Counter[str] = Counter()
        """Messages that can't be read, by the problem's code."""
        self.reasons: dict[str, str] = {}
        """What the first such message of each code is said to be; nothing of what is in it."""
        self.skipped: Counter[str] = Counter()
        self.formats: Counter[str] = Counter()
        """Formats and wrappers of the messages that were read."""
        self.envelope: Envelope = "none"
        self.flattened = False
        """Rows that Debezium flattened."""
        self.root = "payload"
        """Where facts are: payload; item, each element of a message that is a list; body, JSON in a text."""
        self.list_key = ""
        """The key of an object around that list; "" if the message is the list itself."""
        self._recognise()

    @property
    def each(self) -> str:
        """The list, as a rule writes it."""
        return path_text(("payload", self.list_key)) if self.list_key else "payload"

    def __iter__(self) -> Iterator[Document]:
        unreadable: Counter[str] = Counter()
        skipped: Counter[str] = Counter()
        formats: Counter[str] = Counter()
        for message in self.messages:
            if message.value is None:
                continue
            payload = self._payload(message)
            if isinstance(payload, DecodeError):
                unreadable[payload.code] += 1
                self.reasons.setdefault(payload.code, str(payload))
            elif isinstance(payload, NotYet):
                unreadable["unknown-schema"] += 1
            elif isinstance(payload, Skipped):
                skipped[payload.what] += 1
            else:
                formats[_format(message)] += 1
                yield from self._documents(message, payload)
        # Only who goes to the end has counted all.
        self.unreadable, self.skipped, self.formats = unreadable, skipped, formats

    def of(self, message: Message) -> Iterator[Document]:
        """The documents of one of the messages; none if it can't be read."""
        payload = self._payload(message) if message.value is not None else None
        if payload is not None and not isinstance(payload, DecodeError | NotYet | Skipped):
            yield from self._documents(message, payload)

    def _payload(self, message: Message) -> object:
        """What is decoded; the error if it can't be."""
        try:
            found = self._read(message, self.envelope)
        except DecodeError as error:
            return error
        return found.payload if isinstance(found, Decoded) else found

    def _documents(self, message: Message, payload: object) -> Iterator[Document]:
        around: dict[str, object] = {}
        before = None
        headers = _headers(message)
        if headers:
            around["kafka"] = {"headers": headers}
        if self.envelope == "debezium" and isinstance(payload, dict):
            around["envelope"] = {name: each for name, each in payload.items() if name not in ("before", "after")}
            before = payload.get("before")
            payload = payload.get("after")
        elif self.envelope == "cloudevents" and isinstance(payload, dict):
            around["envelope"] = {name: each for name, each in payload.items() if name not in ("data", "data_base64")}
            payload = payload.get("data")
            around.pop("kafka", None)
        if self.list_key and isinstance(payload, dict):
            payload = payload.get(self.list_key)
        if self.root == "item" and isinstance(payload, list):
            for each in payload[:MOST_ELEMENTS]:
                yield Document(message, {"item": each, **around})
        elif self.root == "body" and isinstance(payload, str):
            yield Document(message, {"body": _parsed(payload), **around})
        else:
            yield Document(message, {"payload": payload, **around}, before if isinstance(before, dict) else None)

    def _recognise(self) -> None:
        shapes: Counter[str] = Counter()
        read = 0
        for message in self.messages[:: max(1, len(self.messages) // _LOOKED_AT)]:
            value = message.value
            if value is None:
                continue
            try:
                found = self._read(message, "none")
            except DecodeError:
                continue
            payload = found.payload if isinstance(found, Decoded) else found
            if not isinstance(payload, Skipped | NotYet):
                read += 1
                shapes[_shape(message, payload)] += 1
        if not read:
            return
        best, count = shapes.most_common(1)[0]
        if count < 0.8 * read:
            return
        match best:
            case "debezium" | "cloudevents":
                self.envelope = best
            case "flattened":
                self.flattened = True
            case "list":
                self.root = "item"
            case _ if best.startswith(_LIST_IN):
                self.root, self.list_key = "item", best.removeprefix(_LIST_IN)
            case "json in a text":
                self.root = "body"


def _shape(message: Message, payload: object) -> str:
    """What a message is by its form."""
    if any(name == "ce_specversion" for name, _ in message.headers):
        return "cloudevents"
    if isinstance(payload, dict):
        if isinstance(payload.get("specversion"), str) and "type" in payload and "source" in payload:
            return "cloudevents"
        if isinstance(payload.get("op"), str) and isinstance(payload.get("source"), dict):
            return "debezium" if "after" in payload or "before" in payload else "object"
        if "__op" in payload or "__deleted" in payload:
            return "flattened"
        # Heartbeats and transactions of a connector stand beside its changes.
        if {"ts_ms", "source"} <= payload.keys() and "ddl" in payload:
            return "debezium"
        return _batch(payload)
    if isinstance(payload, list):
        return "list" if payload and isinstance(payload[0], dict) else "other"
    return "json in a text" if isinstance(payload, str) and isinstance(_parsed(payload), dict) else "other"


def _batch(payload: Mapping[str, object]) -> str:
    """ "list in KEY" for an object that is hardly more than a list of facts, else "object"."""
    lists = [name for name, each in payload.items() if isinstance(each, list) and each and isinstance(each[0], dict)]
    others = payload.keys() - set(lists)
    most = _MOST_AROUND_EVENTS if lists[:1] in (["events"], ["notifications"]) else _MOST_AROUND
    if len(lists) != 1 or len(others) > most or not _BATCHES & set(split_words(lists[0])):
        return "object"
    # An order has lines, too.
    return "object" if any("id" in split_words(name) for name in others) else f"{_LIST_IN}{lists[0]}"


def _format(message: Message) -> str:
    """How the bytes are written."""
    value = message.value or b""
    if (value[:1] == b"\x00" and len(value) > 5) or any("schema" in name for name, _ in message.headers):
        return "by a registry's schema"
    start = value.lstrip()[:64].replace(b" ", b"")
    if start.startswith((b'{"schema":{', b'{"schema":null')):
        return "JSON with a schema of Kafka Connect"
    return "JSON" if start[:1] in (b"{", b"[", b'"') else "other bytes"


def _headers(message: Message) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in message.headers[:_MOST_HEADERS]:
        if value is None or name.casefold() in _TECHNICAL or "schema" in name.casefold():
            continue
        try:
            found[name] = value.decode()
        except UnicodeDecodeError:
            continue
    return found


def _parsed(text: str) -> object:
    if text[:1] not in ("{", "["):
        return text
    try:
        return decode(text.encode())
    except (DecodeError, UnicodeEncodeError):
        return text
