"""YAML text to a tree of nodes with places, and a finding for everything in it that isn't plain data.

ruamel.yaml scans and parses, once; resolving, limits, duplicate keys and positions are ours. The first syntax error is
the only finding of its file.
"""

from __future__ import annotations

import re
from typing import Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.foreign_text import character_words, foreign_mistake
from greenflash_kafka.documents.yaml_mistakes import SyntaxStop
from greenflash_kafka.documents.yaml_nodes import (
    BEGINNING,
    Entry,
    List,
    Map,
    Node,
    Place,
    Scalar,
    UnreadableNode,
    point,
)
from greenflash_kafka.documents.yaml_scalars import resolve
from greenflash_kafka.documents.yaml_signs import instead_of_alias, instead_of_tag
from greenflash_kafka.documents.yaml_syntax import cut_expression, syntax_mistake

MAX_BYTES: Final = 1_000_000
"""Largest mapping file."""

MAX_DEPTH: Final = 40
"""Deepest nesting of maps and lists."""

# What YAML doesn't take at all, and the breaks that it counts as lines and editors don't.
_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")


def parse(content: bytes, report: FileReport) -> Node | None:
    """The tree of a file; what is wrong goes to `report`. None if there is nothing, or if the file has a syntax error:
    the first one is its only finding."""
    text = _text(content, report)
    if text is None:
        return None
    lines = text.split("\n")
    foreign = foreign_mistake(text, lines)
    if foreign is not None:
        report.add(*foreign)
        return None
    events, stop = _events(text)
    found = (None if stop is None else syntax_mistake(stop, lines), cut_expression(events, lines))
    mistakes = [mistake for mistake in found if mistake is not None]
    if mistakes:
        report.add(*min(mistakes, key=lambda each: each.place[2:]))
        return None
    return _NodeBuilder(text, report).document(events)


def _text(content: bytes, report: FileReport) -> str | None:
    if len(content) > MAX_BYTES:
        report.add(BEGINNING, "too-large", f"{len(content):,} bytes are more than the {MAX_BYTES:,} of a mapping file")
        return None
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        report.add(point(*_after_text(before)), "not-utf-8", "the file isn't UTF-8 text from here on")
        return None
    text = _with_newlines(text)
    match = _UNPRINTABLE.search(text)
    if match is not None:
        before = text[: match.start()]
        line, column = _after_text(before)
        place = Place(line, column, line, column + 1)
        report.add(place, "bad-yaml", f"YAML allows no {character_words(match[0])}", "delete it")
        return None
    return text


def text_lines(content: bytes) -> list[str]:
    """The lines of a file, as the places of its nodes count them."""
    return _with_newlines(content.decode(errors="replace")).split("\n")


def _with_newlines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _after_text(before: str) -> tuple[int, int]:
    """Line and column of the character after this beginning of a file."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _events(text: str) -> tuple[list[Event], SyntaxStop | None]:
    """The parser's events, and where it stopped if it couldn't read all."""
    events: list[Event] = []
    depth = 0
    last = text.count("\n")
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            events.append(event)
            depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
            depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)
            if depth > MAX_DEPTH:
                # It is refused at this place, and the parser's time grows with the square of the depth.
                break
    except MarkedYAMLError as error:
        at, context = error.problem_mark, error.context_mark
        return events, SyntaxStop(
            str(error.problem or "this isn't YAML").replace("\n", " "),
            min(at.line, last) if at else 0,
            at.column if at else 0,
            (min(context.line, last), context.column) if context else None,
            str(error.context or ""),
            _long_quote(events, at.line if at else 0),
        )
    except Exception as error:
        # The parser raises more than its own errors (OverflowError for "\U99999999"), none of which is ours.
        return events, SyntaxStop(f"this isn't YAML ({type(error).__name__})", 0, 0)
    return events, None


def _long_quote(events: list[Event], line: int) -> tuple[int, int] | None:
    """Where the last event begins, if it is a text in quotes that began in a line above and ends in this one."""
    last = events[-1]
    if not isinstance(last, ScalarEvent) or last.style not in ("'", '"') or last.end_mark.line != line:
        return None
    start = last.start_mark
    return (start.line, start.column) if start.line < line else None


_Start = MappingStartEvent | SequenceStartEvent
_Open = tuple[_Start, list[Node]]


class _NodeBuilder:
    """Events to nodes, without recursion, so that depth is a finding and not a crash."""

    def __init__(self, text: str, report: FileReport) -> None:
        self._text = text
        self._report = report

    def document(self, events: list[Event]) -> Node | None:
        """The first document's root."""
        documents = 0
        root: Node | None = None
        stack: list[_Open] = []
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents == 2:
                    said, hint = "a second document begins here; a file holds one", "use a file of its own for it"
                    self._say(event, "bad-yaml", said, hint)
                    return root
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                root = self._place_in(stack, self._collection(*stack.pop(), event), root)
            elif isinstance(event, MappingStartEvent | SequenceStartEvent):
                self._refuse_extras(event)
                if len(stack) == MAX_DEPTH:
                    self._say(event, "too-deep", f"nested more than {MAX_DEPTH} levels deep")
                    return None
                stack.append((event, []))
            elif isinstance(event, AliasEvent):
                said = "YAML takes a leading * for an alias, and aliases are refused"
                self._say(event, "yaml-alias", said, instead_of_alias(str(event.anchor)))
                root = self._place_in(stack, UnreadableNode(_place(event)), root)
            elif isinstance(event, ScalarEvent):
                flow = any(bool(outer.flow_style) for outer, _ in stack)
                root = self._place_in(stack, self._scalar(event, flow), root)
        return root

    def _place_in(self, stack: list[_Open], node: Node, root: Node | None) -> Node | None:
        if stack:
            stack[-1][1].append(node)
            return root
        return node

    def _collection(self, event: _Start, children: list[Node], ended: Event) -> Node:
        start = _place(event)
        # In block notation the parser notices the end only where the next thing begins.
        end = _place(ended)[2:] if event.flow_style else children[-1].place[2:] if children else start[:2]
        place = Place(start.line, start.column, *max(end, start[:2]))
        if isinstance(event, SequenceStartEvent):
            return List(tuple(children), place)
        entries: dict[str, Entry] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                if not isinstance(key, UnreadableNode):
                    self._report.add(key.place, "bad-yaml", "a key must be a text, not a list or a map")
                continue
            if key.text in entries:
                first = entries[key.text].key
                said = f"`{key.text}` is duplicated; the first one is in line {first.line}"
                self._report.add(key.place, "duplicate-key", said, _one_of(key.text, entries[key.text].value, value))
                continue
            entries[key.text] = Entry(key, value)
        return Map(tuple(entries.values()), place)

    def _scalar(self, event: ScalarEvent, flow: bool) -> Scalar | UnreadableNode:
        if self._refuse_extras(event):
            return UnreadableNode(_place(event))
        style = event.style or ""
        start, end = event.start_mark, event.end_mark
        value = event.value if style else resolve(event.value)
        source = self._text[start.index : end.index]
        return Scalar(event.value, value, style, source, start.line + 1, start.column + 1, flow)

    def _refuse_extras(self, event: NodeEvent) -> bool:
        """Refuse a tag or an anchor; True if the value can't be used."""
        tag = getattr(event, "tag", None)
        if tag is not None:
            said = f"YAML takes a leading `!` for a tag, and tags are refused: {tag}"
            value = event.value if isinstance(event, ScalarEvent) and not event.style else ""
            self._say(event, "yaml-tag", said, instead_of_tag(self._line(event), str(tag), value))
        if event.anchor is not None:
            self._say(event, "yaml-alias", f"anchors are refused: leave &{event.anchor} out")
        return tag is not None

    def _line(self, event: Event) -> str:
        """The line before an event."""
        start = event.start_mark
        return self._text[start.index - start.column : start.index]

    def _say(self, event: Event, code: str, message: str, hint: str = "") -> None:
        self._report.add(_place(event), code, message, hint)


def _one_of(key: str, one: Node, other: Node) -> str:
    """What to write instead of two lines of one key."""
    if key in _ONCE:
        return f"keep one `{key}`; another rule begins with - name:"
    if isinstance(one, Scalar) and isinstance(other, Scalar) and not one.flow and one.source != other.source:
        return f"keep one of them; if either value may be there: {key}: [{one.source}, {other.source}]"
    return "keep one of them"


_ONCE: Final = ("name", "event", "when", "where", "each")
"""Keys that a rule has once."""


def _place(event: Event) -> Place:
    start, end = event.start_mark, event.end_mark
    return Place(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
