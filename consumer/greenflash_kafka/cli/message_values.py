"""The value of a message in a topic for `explain`: what it is in place of an object of JSON, and what rules can do."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.cli.message_files import advice, notes
from greenflash_kafka.model.counted import counted

_PRODUCER: Final = "hint: it is the producer that has to write JSON"


def value_notes(payload: object) -> list[str]:
    """What to say of a value that is JSON: how rules read one that is a list, or a text."""
    if isinstance(payload, list):
        said = f"the value is a list of {counted(len(payload), 'element')}" if payload else "the value is an empty list"
        return [said, "hint: where messages are lists, write each: payload, and item in place of payload"]
    if isinstance(payload, str):
        if payload.lstrip()[:1] not in ("{", "["):
            return []
        said = "the value is a text that holds JSON (it was quoted twice)"
        return [said, "hint: let: {body: = parse_json(payload)}, then body.x"]
    lines = [_of_value(each) for each in notes(payload)]
    return [] if any("`try`" in each or each.startswith("hint: save") for each in lines) else lines


def value_advice(content: bytes) -> list[str]:
    """What a value that can't be read as JSON is, with line and text; empty if that isn't known."""
    said = [_of_value(each) for each in advice(content) if not each.startswith("hint: ")]
    return [*said, _PRODUCER] if said and "is binary" not in said[0] else said


def _of_value(line: str) -> str:
    return line.replace("the file", "the value")
