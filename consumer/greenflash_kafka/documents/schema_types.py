"""Kinds of values in a closed file: each reads a node (or says what is wrong with it) and knows its JSON schema.

Reading goes on after a mistake: what is wrong is left out of the result, so that everything else is still looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from greenflash_kafka.documents.did_you_mean import closest_word, did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import (
    Entry,
    List,
    Map,
    Node,
    Place,
    Scalar,
    UnreadableNode,
    beginning,
    place,
)
from greenflash_kafka.documents.yaml_scalars import shortest

Schema = dict[str, object]

ENV: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""`${NAME}`, as a whole value."""

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NOT_IN_NAMES: Final = re.compile(r"[-. ]+")
_GLUED: Final = re.compile(r"(?P<key>[A-Za-z_]\w*):(?P<value>[^\s/:]\S*)")
_GLUED_ITEMS: Final = re.compile(r"-[^\s-]\S*(?: -[^\s-]\S*)*")
_RULE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")


class SchemaType(Protocol):
    """What may stand at a place of the file."""

    @property
    def words(self) -> str:
        """How a finding names it: `a text`, `a list of topics`."""
        ...

    def read(self, node: Node, report: FileReport) -> object | None:
        """What the node says, or None after saying what is wrong with it."""
        ...

    def schema(self) -> Schema:
        """The same as JSON schema."""
        ...


def describe(node: Node) -> str:
    """What stands at a place, for a finding: `a list`, `the text "x"`."""
    if isinstance(node, List):
        return "a list"
    if isinstance(node, Map):
        return "a map"
    if isinstance(node, UnreadableNode):
        return "something unreadable"
    match node.value:
        case None:
            return "nothing"
        case bool():
            return node.text.lower()
        case str():
            shown = node.text if len(node.text) <= 40 else f"{node.text[:40]}..."
            return f'the text "{shown}"'
    return f"the number {node.text}"


def wrong(node: Node, report: FileReport, words: str, hint: str = "") -> None:
    """Say that something else is wanted here; nothing about a place that already has its finding."""
    if not isinstance(node, UnreadableNode):
        report.add(place(node), "wrong-type", f"{words} is expected here, not {describe(node)}", hint)


def long_number(scalar: Scalar, report: FileReport, code: str = "bad-number") -> bool:
    """Say so if a plain number isn't written in its shortest way."""
    short = None if scalar.style else shortest(scalar.text)
    if short is None:
        return False
    said = f"{scalar.text} is the number {short} here"
    report.add(place(scalar), code, said, f'write "{scalar.text}" if it is a text, {short} if it is a number')
    return True


@dataclass(frozen=True, slots=True)
class TextType:
    """A plain text: no expression, no environment variable."""

    words: str = "a text"
    pattern: re.Pattern[str] | None = None
    wanted: str = ""

    def read(self, node: Node, report: FileReport) -> Scalar | None:
        """The scalar."""
        if not isinstance(node, Scalar) or not isinstance(node.value, str):
            if not isinstance(node, Scalar) or not long_number(node, report):
                hint = f'quote it: "{node.text}"' if isinstance(node, Scalar) and node.text else ""
                wrong(node, report, self.words, hint)
            return None
        if ENV.search(node.text):
            report.add(place(node), "bad-env", "${NAME} works in `defaults` and in event fields only")
            return None
        if node.text.startswith("="):
            wrong(node, report, self.words, "an expression doesn't work here")
            return None
        if self.pattern is not None and not self.pattern.fullmatch(node.text):
            report.add(place(node), "bad-name", f"{describe(node)} is not allowed here: {self.wanted}")
            return None
        return node

    def schema(self) -> Schema:
        """A string."""
        return {"type": "string", **({"pattern": f"^(?:{self.pattern.pattern})$"} if self.pattern else {})}


RULE_NAME: Final = TextType("a name", _RULE_NAME, "letters, digits, `_`, `-` and `.`, a letter or digit first")
"""A rule's name; it becomes part of ids and metrics."""


_BOOLEANS: Final = {
    **dict.fromkeys(("yes", "on", "y", "1", "true"), "true"),
    **dict.fromkeys(("no", "off", "n", "0", "false"), "false"),
}


@dataclass(frozen=True, slots=True)
class BooleanType:
    """true or false."""

    words: str = "true or false"

    def read(self, node: Node, report: FileReport) -> bool | None:
        """The value."""
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node.value
        meant = _BOOLEANS.get(node.text.strip().lower()) if isinstance(node, Scalar) else None
        wrong(node, report, self.words, f"write {meant}" if meant else "")
        return None

    def schema(self) -> Schema:
        """A boolean."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class ChoiceType:
    """One of a few words; `hints` say what to do in place of others that authors write."""

    choices: tuple[str, ...]
    hints: Mapping[str, str] = field(default_factory=dict)

    @property
    def words(self) -> str:
        """`one of auto, json`."""
        return f"one of {', '.join(self.choices)}"

    def read(self, node: Node, report: FileReport) -> str | None:
        """The word."""
        if isinstance(node, UnreadableNode):
            return None
        text = node.text if isinstance(node, Scalar) else None
        if text in self.choices:
            return text
        hint = (self.hints.get(text) or did_you_mean(text, self.choices)) if text else ""
        report.add(place(node), "bad-literal", f"{self.words} is expected here, not {describe(node)}", hint)
        return None

    def schema(self) -> Schema:
        """An enum."""
        return {"enum": list(self.choices)}


@dataclass(frozen=True, slots=True)
class VersionType:
    """The number 1."""

    words: str = "1"

    def read(self, node: Node, report: FileReport) -> int | None:
        """1."""
        if isinstance(node, Scalar) and node.value == 1 and node.value is not True:
            return 1
        if not isinstance(node, UnreadableNode):
            report.add(place(node), "bad-literal", f"1 is expected here, not {describe(node)}", "write version: 1")
        return None

    def schema(self) -> Schema:
        """The constant."""
        return {"const": 1}


@dataclass(frozen=True, slots=True)
class ListType:
    """A list; `some` when it must hold something."""

    item: SchemaType
    words: str
    some: bool = False

    def read(self, node: Node, report: FileReport) -> list[object] | None:
        """What could be read of the items."""
        if not isinstance(node, List):
            wrong(node, report, self.words, _as_list(node))
            return None
        if self.some and not node.items:
            report.add(place(node), "wrong-type", f"{self.words} is expected here, not an empty list")
            return None
        read = [self.item.read(item, report) for item in node.items]
        return [item for item in read if item is not None]

    def schema(self) -> Schema:
        """An array."""
        return {"type": "array", "items": self.item.schema(), **({"minItems": 1} if self.some else {})}


def _as_list(node: Node) -> str:
    """What stands at a place where a list is expected, as a list."""
    if isinstance(node, Map) and node.entries:
        first = node.entries[0]
        if isinstance(first.value, Map):
            return "write a dash before each item, with its name as a key: - name: ..."
        value = f" {first.value.source}" if isinstance(first.value, Scalar) else ""
        return f"write a dash before its first line, and indent the others: - {first.key.source}:{value}"
    if not isinstance(node, Scalar) or not node.text or node.style:
        return ""
    glued = glued_items(node.text)
    return f"a space is missing after the dash: write [{', '.join(glued)}]" if glued else f"write [{node.text}]"


def glued_items(text: str) -> list[str]:
    """The items of a list whose dashes have no space after them, as YAML reads them: one text, `-a -b`."""
    return [item[1:] for item in text.split()] if _GLUED_ITEMS.fullmatch(text) else []


def _as_map(node: Node) -> str:
    """What stands at a place where a map is expected, as lines of a map."""
    if isinstance(node, List):
        first = next((item.entries[0] for item in node.items if isinstance(item, Map) and item.entries), None)
        value = f" {first.value.source}" if first is not None and isinstance(first.value, Scalar) else ""
        return f"take the dashes away: {first.key.source}:{value}" if first is not None else ""
    if isinstance(node, Scalar) and (match := _GLUED.match(node.text)) is not None:
        return f"write a space after each colon: {match['key']}: {match['value']}"
    return ""


@dataclass(frozen=True, slots=True)
class MapType:
    """A map of names that the file's author chooses; `names` None: they can be any text."""

    value: SchemaType
    words: str
    reserved: frozenset[str] = frozenset()
    example: str = ""
    names: re.Pattern[str] | None = _NAME

    def read(self, node: Node, report: FileReport) -> dict[str, tuple[Scalar, object]] | None:
        """Name to (where the name stands, what could be read of its value)."""
        if not isinstance(node, Map):
            wrong(node, report, self.words, f"e.g. {self.example}" if self.example else _as_map(node))
            return None
        found: dict[str, tuple[Scalar, object]] = {}
        for entry in node.entries:
            value = self.value.read(entry.value, report)
            name = entry.key.text
            if self.names is not None and not self.names.fullmatch(name):
                said = f'"{name}" can\'t be a name: letters, digits and `_` only'
                near = _NOT_IN_NAMES.sub("_", name)
                report.add(place(entry.key), "bad-name", said, f"write {near}" if _NAME.fullmatch(near) else "")
            elif name in self.reserved:
                report.add(place(entry.key), "bad-name", f"`{name}` is a word of the language, choose another name")
            elif value is not None:
                found[name] = (entry.key, value)
        return found

    def schema(self) -> Schema:
        """An object of such values."""
        names = {"propertyNames": {"pattern": self.names.pattern}} if self.names is not None else {}
        return {"type": "object", **names, "additionalProperties": self.value.schema()}


@dataclass(frozen=True, slots=True)
class Key:
    """A key of a record: what may stand there, what it is for, and an example."""

    name: str
    shape: SchemaType
    help: str
    required: bool = False
    example: str = ""


@dataclass(frozen=True, slots=True)
class Values:
    """What could be read of a record, by key; `node` for places. `misspelled` are the keys that unknown ones probably
    are: a misspelled key isn't said to be missing, too."""

    node: Map
    by: Mapping[str, object] = field(default_factory=dict)
    misspelled: frozenset[str] = frozenset()

    def get(self, key: str) -> object | None:
        """What stands under a key; None when absent or wrong."""
        return self.by.get(key)

    def scalar(self, key: str) -> Scalar | None:
        """What stands under a key, if it is a scalar."""
        found = self.by.get(key)
        return found if isinstance(found, Scalar) else None

    def record(self, key: str) -> Values | None:
        """What could be read of the record under a key."""
        found = self.by.get(key)
        return found if isinstance(found, Values) else None

    def records(self, key: str) -> list[Values]:
        """What could be read of the records in the list under a key."""
        found = self.by.get(key)
        return [each for each in found if isinstance(each, Values)] if isinstance(found, list) else []

    def named(self, key: str) -> Mapping[str, tuple[Scalar, object]]:
        """What stands under names of the author's choice in the map under a key, with each name's scalar."""
        found = self.by.get(key)
        return found if isinstance(found, dict) else {}

    def has(self, key: str) -> bool:
        """Whether the key is written, perhaps misspelled."""
        return self.node.entry(key) is not None or key in self.by

    def at(self, key: str) -> Place:
        """Where the key stands (where the record begins when it doesn't)."""
        entry = self.node.entry(key)
        return place(entry.key) if entry else beginning(self.node)


@dataclass(frozen=True, slots=True)
class RecordType:
    """A map with a closed set of keys. `elsewhere` tells where a known word belongs instead; one of `some` must be
    there; `others` is what stands under keys of the author's choice, None if there are none; `listed`: a hint names all
    keys if none is near; `unknown` is the hint instead, with NAME for the key."""

    words: str
    keys: tuple[Key, ...]
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    some: tuple[str, ...] = ()
    others: SchemaType | None = None
    listed: bool = False
    unknown: str = ""

    def read(self, node: Node, report: FileReport) -> Values | None:
        """What could be read of it."""
        if not isinstance(node, Map):
            wrong(node, report, self.words, _as_map(node))
            return None
        known = {key.name: key for key in self.keys}
        found: dict[str, object] = {}
        misspelled: set[str] = set()
        for entry in node.entries:
            key = known.get(entry.key.text)
            if key is None and self.others is not None:
                key = Key(entry.key.text, self.others, "")
            if key is None:
                misspelled.update(self._unknown(entry, report))
                self._read_as_meant(entry, known, node, found, report)
                continue
            value = key.shape.read(entry.value, report)
            if value is not None:
                found[key.name] = value
        for key in self.keys:
            if key.required and node.entry(key.name) is None and key.name not in misspelled:
                example = f"e.g. {key.name}: {key.example}" if key.example else ""
                report.add(beginning(node), "missing-key", f"{self.words} needs `{key.name}`", example)
        if self.some and not any(node.entry(name) is not None or name in misspelled for name in self.some):
            said = f"{self.words} needs {' or '.join(f'`{name}`' for name in self.some)}"
            example = known[self.some[0]].example
            report.add(beginning(node), "missing-key", said, f"e.g. {self.some[0]}: {example}" if example else "")
        return Values(node, found, frozenset(misspelled))

    def _read_as_meant(
        self, entry: Entry, known: Mapping[str, Key], node: Map, found: dict[str, object], report: FileReport
    ) -> None:
        """Read a misspelled key as what it means: what refers to it isn't wrong, too, and what it holds is checked."""
        near = closest_word(entry.key.text, known) if entry.key.text not in self.elsewhere else None
        if near is not None and node.entry(near) is None and near not in found:
            value = known[near].shape.read(entry.value, report)
            if value is not None:
                found[near] = value

    def _unknown(self, entry: Entry, report: FileReport) -> list[str]:
        """Say that a key isn't known; the known ones that it may stand for."""
        name = entry.key.text
        known = [key.name for key in self.keys]
        all_keys = self.unknown.replace("NAME", name) or (f"one of {', '.join(known)}" if self.listed else "")
        hint = self.elsewhere.get(name) or did_you_mean(name, known) or all_keys
        report.add(place(entry.key), "unknown-key", f"`{name}` isn't a key of {self.words}", hint)
        return [key for key in known if hint != all_keys and re.search(rf"\b{key}\b", hint)]

    def schema(self) -> Schema:
        """A closed object."""
        properties = {key.name: {"description": key.help, **key.shape.schema()} for key in self.keys}
        others = False if self.others is None else self.others.schema()
        schema: Schema = {"type": "object", "additionalProperties": others, "properties": properties}
        required = [key.name for key in self.keys if key.required]
        some: Schema = {"anyOf": [{"required": [name]} for name in self.some]} if self.some else {}
        return {**schema, **({"required": required} if required else {}), **some}


@dataclass(frozen=True, slots=True)
class RawType:
    """Handed on as it stands, to be looked at by the part that compiles it."""

    words: str
    form: Mapping[str, object]

    def read(self, node: Node, report: FileReport) -> Node | None:  # noqa: ARG002 - the others need it
        """The node, unless it can't be read at all."""
        return None if isinstance(node, UnreadableNode) else node

    def schema(self) -> Schema:
        """As given."""
        return dict(self.form)


@dataclass(frozen=True, slots=True)
class ExpressionType:
    """An expression, with or without its `=`."""

    words: str = "an expression"

    def read(self, node: Node, report: FileReport) -> Scalar | None:
        """The scalar."""
        if isinstance(node, Scalar) and node.text.strip() and not isinstance(node.value, bool | None):
            return node
        if isinstance(node, Scalar) and isinstance(node.value, bool):
            return node
        hint = "put the whole expression in quotes" if isinstance(node, List | Map) else ""
        if isinstance(node, Map) and not any("[" in entry.key.source for entry in node.entries):
            hint = "lines of `field: value` belong below `when`; put an expression in quotes"
        wrong(node, report, self.words, hint)
        return None

    def schema(self) -> Schema:
        """A string."""
        return {"type": ["string", "boolean"]}
