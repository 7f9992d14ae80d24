"""Keys of a rule that stand as lines of its `when`: indented one level too deep."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Scalar, place
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS

_EXPRESSION: Final = re.compile(
    r"\s*=|.*(?:\b(?:payload|item|kafka|tables)\s*[.\[]|\w\s*\(|[<>]|[=!]=|\b(?:not )?in\s*\[)", re.DOTALL
)
_PATH: Final = re.compile(
    r"\s*(?:=\s*)?(?:payload|item)\b(?:\s*[.\[].*)?|\s*\[.* for .*\]|\s*parse_json\(.*", re.DOTALL
)


def misplaced(entry: Entry, report: FileReport) -> bool:
    """Report a line of `when` that can only be a key of the rule; true if it is one."""
    key, looks = entry.key.text, _LOOKS.get(entry.key.text)
    if looks is None or not looks(entry.value):
        return False
    said = f"`{key}` stands among the lines of `when`, where it would be a field of the message named {key}"
    below = ", and what stands below it with it" if isinstance(entry.value, Map) else ""
    hint = f"indent `{key}:` as far as `when:`{below}"
    report.add(place(entry.key), "misplaced-key", said, f"{hint}; a field of this name is payload.{key}")
    return True


def _text(pattern: re.Pattern[str]) -> Callable[[Node], bool]:
    return lambda node: isinstance(node, Scalar) and isinstance(node.value, str) and bool(pattern.match(node.text))


def _any_key(*keys: str) -> Callable[[Node], bool]:
    return lambda node: isinstance(node, Map) and any(node.entry(key) is not None for key in keys)


def _expressions(node: Node) -> bool:
    """A map of names to expressions."""
    values = [entry.value for entry in node.entries] if isinstance(node, Map) else []
    return any(isinstance(value, Scalar) and value.text.startswith("=") for value in values)


def _conditions(node: Node) -> bool:
    if isinstance(node, List):
        return any(isinstance(item, Map) for item in node.items)
    return isinstance(node, Map) and bool(node.entries) and not any(e.key.text in OPERATORS for e in node.entries)


def _bounds(node: Node) -> bool:
    """What `valid` takes; `from` alone is an operator, too."""
    keys = {entry.key.text for entry in node.entries} if isinstance(node, Map) else set()
    return bool(keys & {"until", "zone"}) and keys <= {"from", "until", "zone"}


_FIELDS: Final = ("event_type", "product_id", "influence", "insert_id", "external_user_id")
_LOOKS: Final[Mapping[str, Callable[[Node], bool]]] = {
    "where": _text(_EXPRESSION),
    "each": _text(_PATH),
    "let": _expressions,
    "event": _any_key(*_FIELDS),
    "defaults": _any_key(*_FIELDS),
    "properties": _expressions,
    "valid": _bounds,
    "link": _any_key("lookback"),
    "when": _conditions,
}


def name_in_when(when: Node | None, report: FileReport) -> None:
    """Report the name of a rule that has none, where it stands in its `when`."""
    entry = when.entry("name") if isinstance(when, Map) else None
    if entry is not None and isinstance(entry.value, Scalar):
        said = "`name` stands among the lines of `when`, and the rule has no name"
        hint = "indent `name:` as far as `when:`; a field of this name is payload.name"
        report.add(place(entry.key), "misplaced-key", said, hint)
