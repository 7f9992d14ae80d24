"""The paths of JSON schemas: properties, items, references within the schema and to others, combinations."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.model.schema_tree import ANYTHING, SchemaTree, TreeKind, merged

_KINDS: Final[dict[str, TreeKind]] = {
    "array": "list",
    "boolean": "boolean",
    "integer": "number",
    "null": "null",
    "number": "number",
    "object": "object",
    "string": "text",
}

_DEEPEST: Final = 50


def tree_of(schema: Schema) -> SchemaTree:
    """What the schema describes; where a keyword isn't understood, nothing is known. Raises SchemaError."""
    documents = {name: _parsed(text) for name, text in schema.references}
    return _Trees(_parsed(schema.text), documents).tree(None, "#", 0)


def _parsed(text: str) -> object:
    try:
        return decode(text.encode("utf-8", "surrogatepass"))
    except DecodeError as error:
        raise SchemaError(f"the schema is {error}") from None


class _Trees:
    def __init__(self, root: object, documents: Mapping[str, object]) -> None:
        self._documents = {"": root, **documents}
        self._known: dict[str, SchemaTree] = {}

    def tree(self, document: str | None, reference: str, depth: int) -> SchemaTree:
        """What a reference describes; `document` is the one in which it stands (None: the schema itself)."""
        name, _, pointer = reference.partition("#")
        name = name or document or ""
        whole = f"{name}#{pointer}"
        found = self._known.get(whole)
        if found is None:
            # What refers to itself while it is made is known by then as anything.
            self._known[whole] = ANYTHING
            found = self._known[whole] = self._of(self._target(name, pointer), name, depth + 1)
        return found

    def _target(self, name: str, pointer: str) -> object:
        found: Any = self._documents.get(name)
        for step in pointer.strip("/").split("/") if pointer.strip("/") else ():
            found = found.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(found, dict) else None
        return found

    def _of(self, schema: object, document: str, depth: int) -> SchemaTree:
        if not isinstance(schema, dict) or depth > _DEEPEST:
            return ANYTHING
        if isinstance(reference := schema.get("$ref"), str):
            return self.tree(document, reference, depth)
        for word in ("oneOf", "anyOf"):
            if isinstance(branches := schema.get(word), list):
                return merged(self._of(branch, document, depth + 1) for branch in branches)
        if isinstance(parts := schema.get("allOf"), list):
            return merged(self._of(part, document, depth + 1) for part in (*parts, _without_all_of(schema)))
        return self._plain(schema, document, depth)

    def _plain(self, schema: Mapping[str, object], document: str, depth: int) -> SchemaTree:
        said = schema.get("type")
        kinds = [kind for kind in (said if isinstance(said, list) else [said]) if kind != "null"]
        if not kinds and said is not None:
            return SchemaTree("null")
        kind = _KINDS.get(str(kinds[0])) if len(kinds) == 1 else None
        properties, symbols = schema.get("properties"), schema.get("enum")
        if kind is None:
            kind = "object" if isinstance(properties, dict) and said is None else "any"
        found = SchemaTree(kind)
        if kind == "object":
            found.fields = {
                str(name): self._of(each, document, depth + 1)
                for name, each in (properties if isinstance(properties, dict) else {}).items()
            }
            found.open = schema.get("additionalProperties") is not False or "patternProperties" in schema
        if kind == "list" and isinstance(items := schema.get("items"), dict):
            found.inner = self._of(items, document, depth + 1)
        if kind == "text" and isinstance(symbols, list) and all(isinstance(each, str) for each in symbols):
            found.symbols = tuple(symbols)
        return found


def _without_all_of(schema: Mapping[str, object]) -> object:
    rest = {name: each for name, each in schema.items() if name != "allOf"}
    return rest if "properties" in rest else {"type": "null"}
