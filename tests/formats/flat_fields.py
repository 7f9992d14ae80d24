"""The fields of a request's body by the rules' names, each property by itself."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from greenflash_kafka.model.event import FIELDS

_NAMES = {field.wire: field.name for field in FIELDS}
_BODY = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)


def flat_fields(body: bytes) -> dict[str, object]:
    """For comparisons with what is said of each field."""
    found: dict[str, object] = {}
    for wire, value in _BODY.decode(body).items():
        if wire == "properties" and isinstance(value, dict):
            found |= {f"properties.{name}": one for name, one in value.items()}
        else:
            found[_NAMES[wire]] = value
    return found
