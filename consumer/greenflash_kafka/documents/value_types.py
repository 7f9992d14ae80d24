"""Kinds of plain values in a closed file, beside those of `schema_types`: any text, whole numbers, times, JSON data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Schema, SchemaType, long_number, wrong
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar, UnreadableNode, place


@dataclass(frozen=True, slots=True)
class AnyTextType:
    """Any text, also one that looks like an expression or a variable; with `null` also nothing."""

    words: str = "a text"
    null: bool = False

    def read(self, node: Node, report: FileReport) -> Scalar | None:
        """The scalar; its value is a text, or None for null."""
        if isinstance(node, Scalar) and (isinstance(node.value, str) or (self.null and node.value is None)):
            return node
        wrong(node, report, self.words, f'write "{node.text}"' if isinstance(node, Scalar) and node.text else "")
        return None

    def schema(self) -> Schema:
        """A string."""
        return {"type": ["string", "null"] if self.null else "string"}


@dataclass(frozen=True, slots=True)
class IntegerType:
    """A whole number from 0 up."""

    words: str = "a whole number from 0 up"

    def read(self, node: Node, report: FileReport) -> int | None:
        """The number."""
        value = node.value if isinstance(node, Scalar) else None
        if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
            return value
        wrong(node, report, self.words)
        return None

    def schema(self) -> Schema:
        """An integer."""
        return {"type": "integer", "minimum": 0}


@dataclass(frozen=True, slots=True)
class InstantType:
    """A time in ISO 8601, in UTC if it has no zone; `name` is what a finding calls it."""

    name: str
    words: str = "a time"

    def read(self, node: Node, report: FileReport) -> datetime | None:
        """The moment, in UTC."""
        said = AnyTextType(self.words).read(node, report)
        if said is None:
            return None
        try:
            time = datetime.fromisoformat(said.text)
        except ValueError:
            hint = 'write it like "2026-11-18T11:06:41Z"'
            report.add(place(node), "bad-time", f"{self.name} must be a time", hint)
            return None
        return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)

    def schema(self) -> Schema:
        """A string; not `date-time`, which wants a zone."""
        return {"type": "string"}


class Json(NamedTuple):
    """JSON data with exact numbers; null is None."""

    value: Any


@dataclass(frozen=True, slots=True)
class JsonType:
    """Any JSON data. A number that isn't written the shortest way is a finding."""

    words: str = "JSON data"

    def read(self, node: Node, report: FileReport) -> Json | None:
        """The data, None if the place has its finding already."""
        return None if isinstance(node, UnreadableNode) else Json(_data(node, report))

    def schema(self) -> Schema:
        """Anything."""
        return {}


def _data(node: Node, report: FileReport) -> Any:
    if isinstance(node, Map):
        return {entry.key.text: _data(entry.value, report) for entry in node.entries}
    if isinstance(node, List):
        return [_data(each, report) for each in node.items]
    if isinstance(node, UnreadableNode):
        return None
    long_number(node, report)
    return node.value


@dataclass(frozen=True, slots=True)
class FormsType:
    """A value in one of several forms, known by its notation; `scalar` refuses what has no form."""

    words: str
    scalar: SchemaType
    list: SchemaType | None = None
    map: SchemaType | None = None

    def read(self, node: Node, report: FileReport) -> object | None:
        """What the form gives."""
        form = self.map if isinstance(node, Map) else self.list if isinstance(node, List) else self.scalar
        return (form or self.scalar).read(node, report)

    def schema(self) -> Schema:
        """One of the forms."""
        return {"oneOf": [form.schema() for form in (self.scalar, self.list, self.map) if form is not None]}
