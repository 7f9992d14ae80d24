"""Files that hold a message for `try`: what a file is that isn't JSON, at which line, and what to do about it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable
from typing import Final

from greenflash_kafka.model.counted import counted

_SHOWN: Final = 60
_DEBEZIUM: Final = frozenset(("op", "before", "after"))
_WRAPPERS: Final = ("value", "payload", "data", "message", "body", "record", "event", "Value", "Payload")
_OF_RECORDS: Final = frozenset(
    (
        *("topic", "partition", "offset", "key", "timestamp", "timestamptype", "timestamp_type", "headers", "ts"),
        *("tstype", "broker", "schema", "serializer", "valueschemaid", "keyschemaid", "size", "time", "date"),
    )
)
_KEYED: Final = re.compile(r"([^\t{\[\"]{1,200}|\"[^\"\t]*\")(\t|[|;] ?)(?=[{\[])")
_YAML: Final = re.compile(r"(?:- )?[A-Za-z_][\w.-]*:(?: |$)")
_UNQUOTED: Final = re.compile(r"[{,]\s*([A-Za-z_]\w*)\s*:")
_TRAILING: Final = re.compile(r",\s*[}\]]")
_COMPARE: Final = "compare it with the message in the topic"

_MAX: Final = 2_000_000
"""Characters that are looked at."""


def advice(content: bytes) -> list[str]:
    """What a file that can't be read as JSON is, with line and text, and what to do; empty if that isn't known."""
    if content[:1] == b"\0" and content[1:2] == b"\0":
        return [
            "the value is binary, as of Avro or Protobuf with a schema registry, and not JSON",
            "hint: have it written as JSON, e.g. by kafka-avro-console-consumer",
        ]
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or content[:200].count(b"\0") > len(content[:200]) // 4 > 0:
        return [
            "the file is UTF-16, not UTF-8: PowerShell's > writes that",
            "hint: save it as UTF-8, e.g. ... | Out-File -Encoding utf8NoBOM message.json",
        ]
    if content.startswith(b"\xef\xbb\xbf"):
        return ["the file begins with a byte order mark", "hint: save it as UTF-8 without BOM"]
    if content[:2] == b"\x1f\x8b":
        return ["the file is compressed (gzip)", "hint: gunzip it"]
    try:
        text = content[:_MAX].decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        cut = _cut(content.split(b"\n")[line - 1].decode("latin-1"))
        return [f"line {line}: {cut}: not UTF-8 (Latin-1?)", "hint: save the file as UTF-8"]
    if not text.strip():
        return ["the file is empty", "hint: for a message without a value there is --tombstone"]
    return next((found for each in _SHAPES if (found := each(text))), [])


def notes(payload: object) -> list[str]:
    """What to say of a file that is JSON, and holds the message in something else, or more than one."""
    if isinstance(payload, list):
        said = f"the file holds a list of {len(payload)}, and `try` takes it as one message"
        return [said, "hint: if each is a message, save one of them; if messages are lists, write each: payload"]
    if isinstance(payload, str) and payload.lstrip()[:1] in ("{", "["):
        said = "the file holds a text that holds JSON (it was quoted twice)"
        hint = "hint: save the inner JSON; if messages are so in the topic, let: {body: = parse_json(payload)}"
        return [said, hint]
    return (_with_schema(payload) or _wrapped(payload)) if isinstance(payload, dict) else []


def _with_schema(payload: dict[str, object]) -> list[str]:
    inner = payload.get("payload")
    if isinstance(inner, dict) and payload.keys() == {"payload"} and inner.keys() >= _DEBEZIUM:
        said = "the file holds a change of Debezium in `payload`, and its schema was cut off"
        return [said, "hint: save what is in `payload`: in a topic the schema stands beside it, and is taken off"]
    change = inner if payload.keys() == {"schema", "payload"} and isinstance(payload["schema"], dict) else payload
    if not isinstance(change, dict):
        return []
    if change.keys() >= _DEBEZIUM:
        said = "the file holds a change of a row, as Debezium writes it"
        return [said, "hint: with source: {envelope: debezium} payload is the row, and envelope.op the operation"]
    return []


def _wrapped(payload: dict[str, object]) -> list[str]:
    for name in _WRAPPERS:
        inner = payload.get(name)
        others = [key for key in payload if key != name]
        known = all(key.casefold().replace("-", "_") in _OF_RECORDS for key in others)
        is_object = isinstance(inner, dict) or (isinstance(inner, str) and inner.lstrip()[:1] == "{")
        if is_object and known:
            kind = "a text that holds JSON" if isinstance(inner, str) else "an object"
            said = f"the file holds {kind} in `{name}`, and `try` takes all of the file as the message"
            write = f"payload.{name}" if name != "payload" else "payload.payload"
            if isinstance(inner, str):
                write = f"let: {{body: = parse_json({write})}}"
                return [said, f"hint: if a tool wrote that, save what is in `{name}`; else {write}, then body.x"]
            return [said, f"hint: if a tool wrote that, save what is in `{name}`; else paths begin with {write}"]
    return []


def _cut(line: str) -> str:
    line = line.strip().replace("\t", " ")
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}..."


def _at(number: int, line: str, said: str, hint: str) -> list[str]:
    return [f"line {number}: {_cut(line)}: {said}", f"hint: {hint}"]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _numbered(text: str) -> list[tuple[int, str]]:
    """The lines that aren't empty, with their numbers."""
    return [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _key_before(text: str) -> list[str]:
    number, line = _numbered(text)[0]
    found = _KEYED.match(line.lstrip())
    if not found or not _is_json(line.lstrip()[found.end() :].strip()):
        return []
    key = found[1].strip().strip('"')
    hint = f"leave out what stands before the JSON, and give the key by --key: --key {key}"
    return _at(number, line, "the record's key stands before its value, as kcat -K and print.key=true write it", hint)


def _json_lines(text: str) -> list[str]:
    lines = _numbered(text)
    if len(lines) < 2 or not _is_json(lines[0][1]):
        return []
    good = sum(_is_json(line) for _, line in lines[:100])
    said = f"a second message: the file holds one JSON a line ({counted(len(lines), 'line')})"
    hint = "`try` takes one message; keep one line, e.g. head -n 1 messages.json | greenflash-kafka try --rules ... -"
    if good < 2:
        return _at(*lines[1], "there is more after the end of the JSON", "keep the first line alone")
    return _at(*lines[1], said, hint)


def _comment(text: str) -> list[str]:
    for number, line in _numbered(text):
        outside = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
        if outside.lstrip().startswith(("#", "//", "/*", "--")) or re.search(r"\s(//|#|/\*)", outside):
            if "{" in text or "[" in text:
                return _at(number, line, "JSON has no comments", "take the comment away")
            return []
    return []


def _python(text: str) -> list[str]:
    if len(text) > 200_000 or text.lstrip()[:1] not in ("{", "[", "("):
        return []
    try:
        ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
        return []
    outside = [(number, re.sub(r'"(?:\\.|[^"\\])*"', '""', each)) for number, each in _numbered(text)]
    number = next((number for number, each in outside if re.search(r"'|\b(True|False|None)\b", each)), 0)
    if not number:
        return []
    line = text.splitlines()[number - 1]
    said = "this is how Python prints a dict: JSON has double quotes, true, false and null"
    return _at(number, line, said, "have it written by json.dumps(message)")


def _trailing_comma(text: str) -> list[str]:
    found = _TRAILING.search(text)
    if not found:
        return []
    number = text.count("\n", 0, found.start()) + 1
    return _at(number, text.splitlines()[number - 1], "JSON has no comma before } or ]", "take the comma away")


def _quotes(text: str) -> list[str]:
    for number, line in _numbered(text):
        outside = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
        if re.search("[\u201c\u201d\u201e\u00ab\u00bb]", outside):
            return _at(number, line, "these quotation marks are none of JSON's", 'write " in their place')
        if re.search(r"[{,:\[]\s*'", outside):
            return _at(number, line, "JSON's texts stand in double quotes", "write \" in place of '")
    return []


def _names_without_quotes(text: str) -> list[str]:
    found = _UNQUOTED.search(re.sub(r'"(?:\\.|[^"\\])*"', lambda each: '"' * len(each[0]), text))
    if not found:
        return []
    number = text.count("\n", 0, found.start(1)) + 1
    said = f"the name {found[1]} has no quotes, as in JavaScript or YAML"
    return _at(number, text.splitlines()[number - 1], said, f'write "{found[1]}": ...')


def _yaml(text: str) -> list[str]:
    lines = [(number, line) for number, line in _numbered(text) if not line.lstrip().startswith("#")]
    if not lines or lines[0][1].lstrip()[:1] in ("{", "[") or not any(_YAML.match(line.strip()) for _, line in lines):
        return []
    first = next(each for each in lines if _YAML.match(each[1].strip()))
    hint = 'write it as JSON: {"name": "value"}; of a cases file or rule, `payload:` takes YAML'
    return _at(*first, "this is YAML, not JSON", hint)


def _text_before(text: str) -> list[str]:
    number, line = _numbered(text)[0]
    start = line.find("{")
    if start <= 0 or not _is_json(text[text.index("{") :].strip()):
        return []
    return _at(number, line, "there is text before the JSON", f"take {_cut(line[:start])!r} away")


def _markup(text: str) -> list[str]:
    return (
        _at(*_numbered(text)[0], "this is XML or HTML, not JSON", "save the message itself")
        if text.lstrip()[:1] == "<"
        else []
    )


def _escaped(text: str) -> list[str]:
    """JSON that was copied out of a text: its quotes have backslashes, or are doubled, as CSV writes them."""
    number, line = _numbered(text)[0]
    for quote, said in (
        ('\\"', "backslashes before its quotes, as inside of another text"),
        ('""', "doubled quotes, as in CSV"),
    ):
        plain = text.strip().replace(quote, '"')
        for each in (plain, plain.removeprefix('"').removesuffix('"')):
            if quote in text and _is_json(each):
                return _at(number, line, f"the JSON has {said}", "write each quote once, without a backslash")
    return []


def _other(text: str) -> list[str]:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        lines = text.splitlines() or [""]
        line = lines[min(error.lineno, len(lines)) - 1]
        if error.msg == "Extra data":
            said = "another value begins here: the file holds more than one message, or text behind it"
            return _at(error.lineno, line, said, "`try` takes one message; keep the first alone")
        if error.pos >= len(text.rstrip()):
            hint = "copy all of the message: a bracket or a quote isn't closed"
            return _at(min(error.lineno, len(lines)), line, "the file ends before the JSON does", hint)
        why = error.msg.removesuffix(" starting at")
        said = f"not JSON from column {error.colno} on ({why[0].lower()}{why[1:]})"
        return _at(error.lineno, line, said, _COMPARE)
    except RecursionError:
        return []
    number = next((n for n, each in _numbered(text) if re.search(r"\b(NaN|Infinity)\b", each)), 0)
    line = text.splitlines()[number - 1] if number else ""
    return _at(number, line, "NaN and Infinity are no numbers of JSON", "write null") if number else []


_SHAPES: Final[tuple[Callable[[str], list[str]], ...]] = (
    _markup,
    _key_before,
    _json_lines,
    _escaped,
    _python,
    _comment,
    _text_before,
    _trailing_comma,
    _quotes,
    _yaml,
    _names_without_quotes,
    _other,
)
"""The shapes that are recognised, the more certain ones first."""
