"""The keys of `link`, and the forms in which it may be written: a map, a list of maps, null."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import ChoiceType, Key, RawType, RecordType, Schema, Values, wrong
from greenflash_kafka.documents.yaml_nodes import List, Node, Scalar, place
from greenflash_kafka.model.conversations import DAY_MS
from greenflash_kafka.rules.durations import DurationType

_NAMES: Final[Schema] = {
    "oneOf": [{"type": "string"}, {"type": "array", "minItems": 1, "items": {"type": "string"}}],
}
_BY: Final[Schema] = {
    "oneOf": [
        *_NAMES["oneOf"],  # type: ignore[misc]
        {"type": "object", "minProperties": 1, "additionalProperties": {"type": "string", "pattern": "^="}},
    ]
}

LINK: Final = RecordType(
    "a link",
    (
        Key(
            "by",
            RawType("a key's name, a list of names, or a map of names to expressions", _BY),
            "The keys of the conversation; of several, any one. A name alone stands for the event's own field of that "
            "name; external_user_id if not said.",
            example="{email: = lower(payload.email)}",
        ),
        Key(
            "lookback",
            DurationType(1_000, 90 * DAY_MS, "24h"),
            "How long before the event the conversation's last activity may lie, at most 90d. It must be written, in "
            "the file or in the rule.",
            example="24h",
        ),
        Key(
            "touch",
            ChoiceType(("last", "first", "single")),
            "Which of several: the one with the latest activity (if not said), with the earliest, or only if there is "
            "one alone.",
        ),
        Key(
            "to",
            RawType("a conversation's name, or a list of names", _NAMES),
            "The conversations to look among; all of the event's product, and those without one, if not said.",
            example="support_chat",
        ),
    ),
    {
        **dict.fromkeys(("window", "within", "look_back", "max_age"), "write lookback"),
        **dict.fromkeys(("key", "keys", "on"), "write by"),
        **dict.fromkeys(("source", "sources", "from", "conversation", "conversations"), "write to"),
        **dict.fromkeys(("pick", "model", "attribution", "method"), "write touch: last, first or single"),
        **dict.fromkeys(("max_delay", "wait"), "`max_delay` belongs to the conversation, under `conversations`"),
        **{
            name: f"it belongs under `by`: {{{name}: = ...}}"
            for name in ("external_user_id", "user_id", "external_organization_id", "organization_id", "email")
        },
    },
)

_ONE: Final[Schema] = {"$ref": "#/$defs/link"}
_FORMS: Final = (_ONE, {"type": "array", "minItems": 1, "items": _ONE})


@dataclass(frozen=True, slots=True)
class FileLinkType:
    """`link` of a file."""

    words: str = "a map, or a list of maps"

    def read(self, node: Node, report: FileReport) -> Values | list[Values] | None:
        """One way, or several in turn."""
        if not isinstance(node, List):
            return _read_map(node, report)
        if not node.items:
            report.add(place(node), "wrong-type", "a list of links is expected here, not an empty list")
            return None
        read = [_read_map(item, report) for item in node.items]
        return [item for item in read if item is not None] if None not in read else None

    def schema(self) -> Schema:
        """A map or an array of maps."""
        return {"oneOf": list(_FORMS)}


@dataclass(frozen=True, slots=True)
class RuleLinkType:
    """`link` of a rule."""

    words: str = "a map, a list of maps, or null"

    def read(self, node: Node, report: FileReport) -> Values | list[Values] | Scalar | None:
        """One way, several in turn, or the null itself, which takes the file's away."""
        if isinstance(node, Scalar) and node.value is None and not node.style:
            return node
        return FileLinkType().read(node, report)

    def schema(self) -> Schema:
        """A map, an array of maps, or null."""
        return {"oneOf": [*_FORMS, {"type": "null"}]}


def _read_map(node: Node, report: FileReport) -> Values | None:
    if isinstance(node, Scalar):
        if node.value is None and not node.style:
            hint = "only a rule may say `link: null`, against its file's"
        elif node.text[:1].isdecimal():
            hint = f"link: {{lookback: {node.text}}}"
        else:
            hint = "e.g. link: {lookback: 24h}"
        wrong(node, report, LINK.words, hint)
        return None
    return LINK.read(node, report)
