"""YAML text to a tree of nodes with places, and a finding for everything in it that isn't plain data.

ruamel.yaml scans and parses; resolving, limits, duplicate keys and positions are ours. After a syntax error the
offending stretch is taken out and the rest is read all the same, so that one run tells everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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

from greenflash_kafka.documents import yaml_repair
from greenflash_kafka.documents.findings import FileReport
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
from greenflash_kafka.documents.yaml_repair import Fix, Repair
from greenflash_kafka.documents.yaml_scalars import resolve

MAX_BYTES: Final = 1_000_000
"""Largest mapping file."""

MAX_DEPTH: Final = 40
"""Deepest nesting of maps and lists."""

# What YAML doesn't take at all, and the breaks that it counts as lines and editors don't; all become blanks.
_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")


def parse(content: bytes, report: FileReport) -> Node | None:
    """The tree of a file, None when there is nothing that can be read; what is wrong goes to `report`."""
    text = _text(content, report)
    if text is None:
        return None
    original = text.split("\n")
    lines, repairs, fixes = list(original), list[Repair](), 0
    while True:
        try:
            events = list(_events("\n".join(lines)))
        except _Stumble as stumble:
            fix = _slip(stumble, lines) if fixes < yaml_repair.MAX_REPAIRS else None
            if fix is not None:
                fixes += 1
                report.add(Place(fix.line + 1, fix.column + 1, fix.line + 1, fix.end + 1), "bad-yaml", fix.said)
                lines[fix.line] = original[fix.line] = fix.text
                continue
            repair = _after(stumble, lines, report)
        else:
            cut = _cut_expression(events, lines)
            if cut is None:
                _say_quoting(repairs, original, report)
                return _NodeBuilder(lines, repairs, report).document(events)
            repair = cut
        if len(repairs) == yaml_repair.MAX_REPAIRS:
            _say_quoting(repairs, original, report)
            report.add(_of_repair(repair), "bad-yaml", "too much of this file isn't YAML to read on")
            return None
        line = lines[repair.line]
        lines[repair.line] = line[: repair.start] + yaml_repair.stand_in(len(repairs), repair) + line[repair.end :]
        repairs.append(repair)


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
        report.add(place, "bad-yaml", f"the character U+{ord(match[0]):04X} can't stand in YAML")
    return _UNPRINTABLE.sub(" ", text)


def text_lines(content: bytes) -> list[str]:
    """The lines of a file, as the places of its nodes count them."""
    return _with_newlines(content.decode(errors="replace")).split("\n")


def _with_newlines(text: str) -> str:
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _after_text(before: str) -> tuple[int, int]:
    """Line and column of the character after this beginning of a file."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")


class _Stumble(Exception):
    """The parser's complaint: what, where it noticed, and where the construct that it was reading began (from 0)."""

    def __init__(self, problem: str, place: tuple[int, int], began: tuple[int, int] | None, reading: str) -> None:
        self.problem, self.place, self.began, self.reading = problem, place, began, reading


def _events(text: str) -> Iterator[Event]:
    depth = 0
    try:
        for event in YAML(typ="safe", pure=True).parse(text):
            yield event
            depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
            depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)
            if depth > MAX_DEPTH:
                # It is refused at this place, and the parser's time grows with the square of the depth.
                return
    except MarkedYAMLError as error:
        problem, context = error.problem_mark, error.context_mark
        raise _Stumble(
            str(error.problem or "this isn't YAML").replace("\n", " "),
            (problem.line, problem.column) if problem else (0, 0),
            (context.line, context.column) if context else None,
            str(error.context or ""),
        ) from None
    except Exception as error:
        # The parser raises more than its own errors (OverflowError for "\U99999999"), none of which is ours.
        raise _Stumble(f"this isn't YAML ({type(error).__name__})", (0, 0), None, "") from None


def _slip(stumble: _Stumble, lines: list[str]) -> Fix | None:
    """A slip in the line before, or where a key began, which alone makes the parser stumble here."""
    if "could not find expected ':'" in stumble.problem and stumble.began is not None:
        return yaml_repair.slip_on(lines, min(stumble.began[0], len(lines) - 1))
    if "mapping values are not allowed" not in stumble.problem or not 0 < stumble.place[0] < len(lines):
        return None
    if ": " in lines[stumble.place[0]][: stumble.place[1]]:
        # It is this line's own second `: `.
        return None
    return yaml_repair.slip_before(lines, stumble.place[0])


def _after(stumble: _Stumble, lines: list[str], report: FileReport) -> Repair:
    """Say what is wrong where the parser stumbled, and how to go on."""
    last = len(lines) - 1
    line, column = min(stumble.place[0], last), stumble.place[1]
    began = stumble.began
    for number in dict.fromkeys((line, line - 1, began[0] if began else line)):
        if not 0 <= number <= last:
            continue
        around = column if number == line else None
        repair = yaml_repair.expression_on(lines[number], number, around=around)
        if repair is None and number == line:
            repair = yaml_repair.key_on(lines[number], number, column)
        if repair is None and number == line and "mapping values are not allowed" in stumble.problem:
            repair = yaml_repair.text_on(lines[number], number)
        if repair is not None:
            return repair
    if began is not None and ("quoted" in stumble.reading or "flow" in stumble.reading):
        # What was never closed is wrong where it was opened, not where the file ended.
        line, column = min(began[0], last), began[1]
    while line > 0 and not lines[line].strip():
        line -= 1
        column = 0
    hint = "indent with blanks" if "\\t" in stumble.problem else ""
    doing = f" {stumble.reading}" if stumble.reading else ""
    repair = yaml_repair.unreadable(lines[line], line, column)
    until = len(lines[line].rstrip()) if repair.start <= column < repair.end else column
    place = Place(line + 1, column + 1, line + 1, max(until, column) + 1)
    report.add(place, "bad-yaml", f"{stumble.problem}{doing}", hint)
    return repair


def _say_quoting(repairs: list[Repair], lines: list[str], report: FileReport) -> None:
    """Show each line that YAML tripped over as it must be written."""
    for repair in repairs:
        if repair.text is not None:
            text = repair.text
            if ": " in text or text.endswith(":"):
                why = "YAML takes `: ` for the end of a key"
            elif " #" in text:
                why = "YAML takes ` #` for the start of a comment"
            elif text[0] in yaml_repair.INDICATORS:
                why = f"YAML has its own meaning for a leading `{text[0]}`"
            else:
                why = "inside `{ }` and `[ ]` YAML takes commas and brackets for its own"
            here = [other for other in repairs if other.line == repair.line and other.text is not None]
            shown = yaml_repair.quoted_line(lines[repair.line], here)
            report.add(_of_repair(repair), "yaml-quoting", f"{why}: quote it whole", shown)


def _of_repair(repair: Repair) -> Place:
    return Place(repair.line + 1, repair.start + 1, repair.line + 1, repair.end + 1)


def _cut_expression(events: list[Event], lines: list[str]) -> Repair | None:
    """The first expression that YAML cut without a word: at ` #`, or at a comma inside `{ }`."""
    flows: list[bool] = []
    key = ""
    for event in events:
        before, key = key, event.value if isinstance(event, ScalarEvent) and not event.style else ""
        if isinstance(event, MappingStartEvent | SequenceStartEvent):
            flows.append(bool(event.flow_style))
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            flows.pop()
        elif isinstance(event, ScalarEvent) and (key.startswith("=") or (key and before in ("where", "each"))):
            start, end = event.start_mark, event.end_mark
            if start.line != end.line or yaml_repair.closed(event.value):
                continue
            line = lines[start.line]
            until = yaml_repair.extent(line, start.column, flow=any(flows))
            if until > end.column:
                return Repair(start.line, start.column, until, line[start.column : until])
    return None


_Start = MappingStartEvent | SequenceStartEvent
_Open = tuple[_Start, list[Node]]


class _NodeBuilder:
    """Events to nodes, without recursion, so that depth is a finding and not a crash."""

    def __init__(self, lines: list[str], repairs: list[Repair], report: FileReport) -> None:
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line) + 1)
        self._text = "\n".join(lines)
        self._repairs = repairs
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
                    self._say(event, "bad-yaml", "a second document begins here; a mapping file holds one")
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
                self._say(
                    event, "yaml-alias", "aliases (*) are refused: write the value out, or use `defaults` or `let`"
                )
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
                said = f"`{key.text}` stands here again; the first one is in line {first.line}"
                self._report.add(key.place, "duplicate-key", said)
                continue
            entries[key.text] = Entry(key, value)
        return Map(tuple(entries.values()), place)

    def _scalar(self, event: ScalarEvent, flow: bool) -> Node:
        place = _place(event)
        line, column = place.line, place.column
        self._refuse_extras(event)
        number = yaml_repair.number_of(event.value)
        if number is not None and number < len(self._repairs) and self._repairs[number].line == line - 1:
            text = self._repairs[number].text
            if text is None:
                return UnreadableNode(place)
            return Scalar(text, text, "'", text, line, column, flow)
        style = event.style or ""
        start, end = event.start_mark, event.end_mark
        source = self._text[self._starts[start.line] + start.column : self._starts[end.line] + end.column]
        value = event.value if style else resolve(event.value)
        return Scalar(event.value, value, style, source, line, column, flow)

    def _refuse_extras(self, event: NodeEvent) -> None:
        tag = getattr(event, "tag", None)
        if tag is not None:
            self._say(event, "yaml-tag", f"tags are refused: leave {tag} out, or quote the value if it begins with `!`")
        if event.anchor is not None:
            self._say(event, "yaml-alias", f"anchors are refused: leave &{event.anchor} out")

    def _say(self, event: Event, code: str, message: str) -> None:
        self._report.add(_place(event), code, message)


def _place(event: Event) -> Place:
    start, end = event.start_mark, event.end_mark
    return Place(start.line + 1, start.column + 1, end.line + 1, end.column + 1)
