"""The envelope `cloudevents`: both modes of CloudEvents' binding to Kafka, as one object of attributes and `data`.

Sources: CloudEvents 1.0.2, its Kafka protocol binding and JSON format. The binding contradicts itself where there is no
content-type (cloudevents/spec#812), and Debezium's CloudEvents converter sends none: so an object with `specversion` is
an event in structured mode, too.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error
from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.decoding.json_format import Reader
from greenflash_kafka.model.decoded import Decoded, Skipped
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.payload import Shape

_PREFIX: Final = "ce_"
_STRUCTURED: Final = "application/cloudevents"
_MEDIA_TYPE: Final = re.compile(r"[a-z]+/[a-z0-9.+-]{1,60}")
_NOT_WRAPPED: Final = "no CloudEvent: it has no header ce_specversion, and is no object with `specversion`"


def decoder(inner: Callable[[Shape | None], Reader], shape: Shape | None) -> Reader:
    """The decoder of a topic of CloudEvents: it gives `{id, source, type, ..., data}` in both modes. `inner` is the
    decoder of a format. Raises DecodeError `bad-envelope` for what is no CloudEvent."""
    wanted = None if shape is None else {**shape, "specversion": None, "data_base64": None, "datacontenttype": None}
    structured, data = inner(wanted), inner(None if shape is None else shape.get("data", {}))

    def decode_event(message: Message) -> object:
        content_type, attributes = _headers(message)
        if "specversion" in attributes:
            if content_type is not None:
                attributes["datacontenttype"] = content_type
            return _binary(data, message, attributes, content_type)
        if content_type is not None and content_type.startswith(_STRUCTURED):
            kind = content_type.removeprefix(_STRUCTURED).partition(";")[0].strip()
            if kind not in ("", "+json"):
                said = f"CloudEvents are read in JSON, not as {_shown(_STRUCTURED + kind)}"
                raise DecodeError(said, "bad-envelope")
        return _structured(structured(message))

    return decode_event


def _headers(message: Message) -> tuple[str | None, dict[str, object]]:
    """The content type, and the attributes of binary mode."""
    content_type, attributes = None, {}
    for name, value in message.headers:
        if value is None:
            continue
        if name.startswith(_PREFIX):
            attributes[name[len(_PREFIX) :]] = _text(value)
        elif name.casefold() == "content-type":
            content_type = _text(value).strip().casefold()
    return content_type, dict(attributes)


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise DecodeError("a header of this CloudEvent isn't UTF-8 text", "bad-envelope") from None


def _binary(data: Reader, message: Message, attributes: dict[str, object], content_type: str | None) -> object:
    if content_type is not None and content_type.startswith("text/") and not _is_json(content_type):
        try:
            return {**attributes, "data": (message.value or b"").decode()}
        except UnicodeDecodeError:
            raise DecodeError(f"not UTF-8 text, and its content-type is {_shown(content_type)}") from None
    found = data(message)
    if isinstance(found, NotYet | Skipped):
        return found
    if isinstance(found, Decoded):
        return replace(found, payload={**attributes, "data": found.payload})
    return {**attributes, "data": found}


def _structured(found: object) -> object:
    payload = found.payload if isinstance(found, Decoded) else found
    if isinstance(payload, NotYet | Skipped):
        return payload
    if not isinstance(payload, dict) or not isinstance(payload.get("specversion"), str):
        raise DecodeError(_NOT_WRAPPED, "bad-envelope")
    encoded = payload.get("data_base64")
    if isinstance(encoded, str) and payload.get("data") is None:
        payload["data"] = _of_base64(encoded, payload.get("datacontenttype"))
    return found


def _of_base64(text: str, content_type: object) -> object:
    """Data that is sent as base64: JSON if it is said to be, else that text, as bytes are everywhere."""
    if isinstance(content_type, str) and not _is_json(content_type.casefold()):
        return text
    try:
        data = b64decode(text, validate=True)
    except (Error, ValueError):
        raise DecodeError("data_base64 of this CloudEvent isn't base64", "bad-envelope") from None
    return decode(data)


def _shown(content_type: str) -> str:
    """A media type as an error names it; whatever else stands there belongs to the message."""
    return content_type if _MEDIA_TYPE.fullmatch(content_type) else "what it is"


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip()
    return kind.endswith(("/json", "+json"))
