"""The formats of payloads: what `source: {format}` of a mapping file can be."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

FORMATS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "json": "JSON in UTF-8, with exact numbers.",
        "avro": "Avro, by the schema that each message names, or by that of a file.",
        "protobuf": "Protobuf, likewise.",
        "json-schema": "JSON behind the key of a schema in a registry.",
    }
)
"""Each is one module of `decoding/` (json is json_format): with a function `decoder`, or with `body_reader` those of
SCHEMA_FORMATS. Here, what it is."""

SCHEMA_FORMATS: Final = frozenset(("avro", "protobuf", "json-schema"))
"""Those that are read by a schema."""

BY_FILE: Final = frozenset(("avro", "protobuf"))
"""Those whose schema may be a file beside the rules: then messages are read without looking for a schema's key."""

AUTO: Final = "auto"
"""The format of a mapping file that says none: another file's for the same topic; else each message says by itself
whether it is JSON or by which schema it is read."""

DEFAULT: Final = "json"
