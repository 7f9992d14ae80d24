"""The format `json-schema`: JSON behind the key of a schema.

The schema isn't applied: what it allows, the producer's serializer has checked, and validation costs more than ten
times what decoding does. A rule says what it needs.
"""

from __future__ import annotations

from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.decoding.json_format import JsonReader
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.model.schema import Schema


class JsonSchemaBodyReader:
    """`BodyReader` of JSON. `name` is the schema's title, "" without one."""

    __slots__ = ("name", "read")

    def __init__(self, name: str, shape: Shape | None) -> None:
        self.name = name
        self.read = JsonReader(shape).plain
        """The payload. Raises DecodeError."""


def body_reader(schema: Schema, shape: Shape | None) -> JsonSchemaBodyReader:
    """See `decoding.body_reader`. Raises SchemaError for a schema that is no JSON."""
    try:
        parsed = decode(schema.text.encode("utf-8", "surrogatepass"))
    except DecodeError as error:
        raise SchemaError(f"the schema is {error}") from None
    title = parsed.get("title") if isinstance(parsed, dict) else None
    return JsonSchemaBodyReader(title if isinstance(title, str) else "", shape)
