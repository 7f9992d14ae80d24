"""JSON schemas of pydantic models, as they are published for editors."""

from __future__ import annotations

import json
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

Schema = dict[str, Any]


class _Untitled(GenerateJsonSchema):
    """Without pydantic's titles, which repeat the keys."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        return False


def model_schema(model: Any) -> Schema:
    """The schema of a model, or of a union of types."""
    made = TypeAdapter(model).json_schema(schema_generator=_Untitled)
    for each in made.get("$defs", {}).values():
        each.pop("title", None)
    return made


def schema_text(schema: Schema, title: str) -> str:
    """A schema as the text of its file."""
    head = {"$schema": GenerateJsonSchema.schema_dialect, "title": title}
    return json.dumps(head | {name: each for name, each in schema.items() if name != "title"}, indent=2) + "\n"
