"""Readers of Avro bodies: the bytes of one value, whose schema is known from elsewhere."""

from __future__ import annotations

import struct

from greenflash_kafka.decoding.avro_budget import Budget
from greenflash_kafka.decoding.avro_logical import conversion
from greenflash_kafka.decoding.avro_primitives import Read
from greenflash_kafka.decoding.avro_reader import AvroCompiler
from greenflash_kafka.decoding.avro_schema import parse
from greenflash_kafka.decoding.avro_type import AvroType
from greenflash_kafka.decoding.json import MAX_BYTES, DecodeError
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.payload import MAX_DEPTH, Shape
from greenflash_kafka.model.schema import Schema


def body_reader(schema: Schema, shape: Shape | None) -> AvroBodyReader:
    """Reader of a schema's bodies; what `shape` doesn't name may be left out. Raises SchemaError."""
    try:
        return AvroBodyReader(parse(schema), shape)
    except RecursionError:
        raise SchemaError("nests too many types") from None


class AvroBodyReader:
    """Reader of bodies of one schema. `name` is the full name of the root's type, or its kind, "string" for example."""

    __slots__ = ("_budget", "_levels", "_read", "name")

    def __init__(self, root: AvroType, shape: Shape | None) -> None:
        self.name = root.name or root.kind
        self._budget = Budget()
        self._levels = 0 if root.recursive else root.levels
        self._read = _all_bytes(root) or AvroCompiler(self._budget).read(root, shape)

    def read(self, body: bytes) -> object:
        """The payload. Raises DecodeError for bytes that are no value of the schema, and for what follows one."""
        if len(body) > MAX_BYTES:
            raise DecodeError(f"{len(body):,} bytes are more than the {MAX_BYTES:,} that are decoded")
        self._budget.begin(body, self._levels)
        try:
            payload, end = self._read(body, 0)
        except (IndexError, struct.error):
            raise DecodeError("ends before it is complete") from None
        except UnicodeDecodeError as error:
            # A text that was cut at the body's end may be cut within a character.
            cut = error.reason == "unexpected end of data" and body.endswith(error.object)
            raise DecodeError("ends early, or its last text isn't UTF-8" if cut else "a text isn't UTF-8") from None
        except RecursionError:
            raise DecodeError(f"nested more than {MAX_DEPTH} levels deep") from None
        if end != len(body):
            raise DecodeError(_misfit(len(body) - end))
        return payload


def _all_bytes(root: AvroType) -> Read | None:
    """Reader of the body as it is, for a schema that is just "bytes": Confluent's deserializers expect no length then
    (confluentinc/schema-registry#150)."""
    if root.kind != "bytes" or root.logical:
        return None
    convert = conversion(root)
    assert convert is not None
    return lambda body, _: (convert(body), len(body))


def _misfit(left: int) -> str:
    if left > 0:
        return f"{left:,} {_bytes(left)} too many: is this the right registry?"
    if -left > MAX_BYTES:
        return "ends early: the length of a text is larger than any message"
    return f"ends {-left:,} {_bytes(-left)} early"


def _bytes(count: int) -> str:
    return "byte" if count == 1 else "bytes"
