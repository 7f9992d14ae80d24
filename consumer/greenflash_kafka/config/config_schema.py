"""The JSON schema of the config file, for editors; loading checks more."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.config.layers import REFERENCE
from greenflash_kafka.config.model import Config
from greenflash_kafka.documents.published_schema import Schema, model_schema, schema_text

_EMPTY: Final = {"type": "null"}
_VARIABLE: Final = {"type": "string", "pattern": f"^{REFERENCE.pattern}$", "description": "An environment variable."}


def config_schema_text() -> str:
    """The schema as the text of `docs/configuration.schema.json`."""
    schema = model_schema(Config)
    for section in schema["$defs"].values():
        section["type"] = ["object", "null"]
    for section in (schema, *schema["$defs"].values()):
        section["properties"] = {name: _in_file(each) for name, each in section["properties"].items()}
    return schema_text(schema, "A config file of greenflash-kafka")


def _in_file(key: Schema) -> Schema:
    """A key as a file may have it: with its value, empty, or as `${NAME}`; a secret only so."""
    if "$ref" in key:
        return {"$ref": key["$ref"]}
    about = {name: key.pop(name) for name in ("description", "default", "examples") if name in key}
    shapes = key.pop("anyOf", None) or [key]
    if any(each.get("format") == "password" for each in shapes):
        shapes = []
    if key.get("type") != "object":
        shapes.append(_VARIABLE)
    return about | {"anyOf": [*(each for each in shapes if each != _EMPTY), _EMPTY]}
