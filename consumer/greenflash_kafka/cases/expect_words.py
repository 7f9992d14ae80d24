"""Other words for what a case expects, and the form of `expect` for each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import RecordType, Schema, Values
from greenflash_kafka.documents.yaml_nodes import Map, Node, Scalar, place
from greenflash_kafka.model.event import FIELD
from greenflash_kafka.model.problem import CODES

EXPECT_FORMS: Final = (
    "`nothing`, a list of events, or a map with `invalid`, `conversations` or `rows`, and perhaps `events`"
)
_NOTHING: Final = "expect: nothing"
_EVENTS: Final = "expect: [{event_type: ...}]"
_NO_EVENT: Final = re.compile(
    r"filtered|none|null|no|false|empty|discard(ed)?|skip(ped)?|ignored?|drop(ped)?|nil|~|unmatched|no_match|no_events?|"
    r"rejected|0|"
)
_BROKEN: Final = re.compile(r"invalid|errors?|fail(ed|ure)?|dead_letter|dlq|exception")
_SOME_EVENT: Final = re.compile(r"mapped|events?|ok|true|yes|match(ed)?|sent|success")


def expected_form(text: str) -> str:
    """The form to copy instead of a word."""
    word = text.strip().lower().replace(" ", "_")
    if _NO_EVENT.fullmatch(word):
        return _NOTHING
    if text in CODES:
        return f"expect: {{invalid: {text}}}"
    if _BROKEN.fullmatch(word):
        return "expect: {invalid: missing}, with the problem's code"
    if _SOME_EVENT.fullmatch(word) or not text.replace("_", "").isalnum():
        return f"{_EVENTS}; for no event: {_NOTHING}"
    return f"expect: [{{event_type: {text}}}]; for no event: {_NOTHING}"


@dataclass(frozen=True, slots=True)
class ExpectMapType:
    """`expect` as a map; an empty one, and an event without its list, are said to be that."""

    record: RecordType
    words: str = EXPECT_FORMS

    def read(self, node: Node, report: FileReport) -> Values | None:
        """What could be read of it."""
        hint = _instead(node) if isinstance(node, Map) else ""
        if hint:
            report.add(place(node), "bad-literal", f"`expect` is {self.words}", hint)
            return None
        return self.record.read(node, report)

    def schema(self) -> Schema:
        """The record's."""
        return self.record.schema()


def _instead(node: Map) -> str:
    """The form to copy instead of a map that is none of `expect`."""
    keys = [entry.key.text for entry in node.entries]
    if not keys:
        return f"for no event: {_NOTHING}; for one, whatever it holds: expect: [{{}}]"
    if (len(keys) == 1 and expected_form(keys[0]) == _NOTHING) or keys == ["nothing"]:
        return _NOTHING
    if all(key in FIELD or key == "unset" or key.startswith("properties") for key in keys):
        fields = ", ".join(
            f"{entry.key.source}: {entry.value.source if isinstance(entry.value, Scalar) else '...'}"
            for entry in node.entries
        )
        return f"an event is an item of a list: expect: [{{{fields}}}]"
    return ""
