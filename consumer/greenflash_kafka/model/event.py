"""The outgoing value: one Greenflash event, its 17 fields, and the values that the API accepts in each.

Source: the Greenflash events API page and `greenflash.types.EventCreateParams` (SDK 1.4.0); a contract
test holds this table to the SDK's type hints. It stands here as data because importing the SDK costs
0.7 s and its types hold no UUID, range or length.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

import msgspec

from greenflash_kafka.model.conversations import Link

Kind = Literal["text", "uuid", "enum", "score", "time", "object", "boolean"]


class Field(msgspec.Struct, frozen=True):
    """One argument of `events.create`: `name` as in the SDK and the rules, `wire` as in the request's JSON.

    `low` and `high` bound a score (inclusive); `choices` are an enum's words; `least` is a text's shortest length.
    """

    name: str
    wire: str
    kind: Kind
    required: bool = False
    choices: tuple[str, ...] = ()
    low: Decimal | None = None
    high: Decimal | None = None
    least: int = 0
    help: str = ""


FIELDS: Final[tuple[Field, ...]] = (
    Field("event_type", "eventType", "text", required=True, least=1, help="What happened, e.g. upgrade_purchased."),
    Field("product_id", "productId", "uuid", required=True, help="The Greenflash product the event belongs to."),
    Field(
        "value",
        "value",
        "text",
        required=True,
        help='The magnitude or content: "149.00", "5", "premium_plan".',
    ),
    Field(
        "value_type",
        "valueType",
        "enum",
        choices=("currency", "numeric", "text", "boolean"),
        help="How the value is read; follows from the value when it isn't written.",
    ),
    Field(
        "influence",
        "influence",
        "enum",
        choices=("positive", "negative", "neutral"),
        help="Whether this was good or bad news; the service takes neutral when absent.",
    ),
    Field(
        "quality_impact_score",
        "qualityImpactScore",
        "score",
        low=Decimal(-1),
        high=Decimal(1),
        help="-1.0 to 1.0; derived from influence when absent.",
    ),
    Field("conversation_id", "conversationId", "uuid", help="Greenflash's own id of the conversation."),
    Field(
        "external_conversation_id",
        "externalConversationId",
        "text",
        help="Your own conversation or thread id.",
    ),
    Field("user_id", "userId", "uuid", help="Greenflash's own id of the user."),
    Field("external_user_id", "externalUserId", "text", help="Your own id of the user."),
    Field("organization_id", "organizationId", "uuid", help="Greenflash's own id of the organization."),
    Field("external_organization_id", "externalOrganizationId", "text", help="Your own id of the organization."),
    Field("event_at", "eventAt", "time", help="When it happened; the record's timestamp when absent."),
    Field("properties", "properties", "object", help="Additional context, a map of names to values."),
    Field("insert_id", "insertId", "text", help="What makes the fact unique: same id, same event, stored once."),
    Field(
        "sample_rate",
        "sampleRate",
        "score",
        low=Decimal(0),
        high=Decimal(1),
        help="0.0 to 1.0 of the events kept.",
    ),
    Field("force_sample", "forceSample", "boolean", help="Keep the event whatever the sample rate."),
)

FIELD: Final[Mapping[str, Field]] = {field.name: field for field in FIELDS}

UUID: Final = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
"""A whole UUID as the API takes it."""


class Event(msgspec.Struct, frozen=True, gc=False):
    """An event ready to be sent: valid, with its `insert_id`, and written as the JSON of its request, `body`.

    `rule` and `item` say where it came from. `insert_id` is the id under which the service stores it once. `sampled`:
    the service may accept it without storing it, since it has a sample rate and isn't forced. `link`: how it was linked
    to a conversation; None for a rule that doesn't link.
    """

    rule: str
    item: int | None
    insert_id: str
    body: bytes
    sampled: bool = False
    link: Link | None = None

    @property
    def fields(self) -> dict[str, object]:
        """The fields of the body, by the rules' names, for display; parsed again at each call.

        Numbers are `int` or `Decimal`, `event_at` is an aware `datetime` in UTC.
        """
        fields = self.sent_fields
        if "event_at" in fields:
            fields["event_at"] = datetime.fromisoformat(str(fields["event_at"]))
        return fields

    @property
    def sent_fields(self) -> dict[str, object]:
        """The same, with `event_at` as the text that it is."""
        return {_NAMES[wire]: value for wire, value in _BODY.decode(self.body).items()}


_NAMES: Final[Mapping[str, str]] = {field.wire: field.name for field in FIELDS}
_BODY: Final = msgspec.json.Decoder(dict[str, object], float_hook=Decimal)


def refusals(fields: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield `(field name, what is wrong)` for every value that the API would refuse; nothing when all is well."""
    for field in _REQUIRED:
        if fields.get(field.name) is None:
            yield field.name, "is required"
    for name, value in fields.items():
        known = FIELD.get(name)
        if known is None:
            yield name, "is not a field of a Greenflash event"
        elif value is not None:
            wrong = _CHECKS[known.kind](known, value)
            if wrong is not None:
                yield name, wrong


def refusal(field: Field, value: object) -> str | None:
    """The reason why the API would reject this value (never the absence of one), or None. Values are not echoed."""
    return _CHECKS[field.kind](field, value)


def _text(field: Field, value: object) -> str | None:
    if not isinstance(value, str):
        return "is not text"
    if len(value) < field.least:
        return "is empty"
    return None if encodes(value) else "holds half of a UTF-16 pair, which is not text"


def encodes(value: str) -> bool:
    """False for a text with half of a UTF-16 pair: it can't be written as UTF-8, so no request could carry it."""
    if value.isascii():
        return True
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _uuid(field: Field, value: object) -> str | None:
    if not isinstance(value, str):
        return "is not text"
    if UUID.fullmatch(value):
        return None
    theirs = f"external_{field.name}"
    return "is not a UUID" + (f"; did you mean {theirs}?" if theirs in FIELD else "")


def _enum(field: Field, value: object) -> str | None:
    return None if value in field.choices else f"is none of {', '.join(field.choices)}"


def _score(field: Field, value: object) -> str | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        return "is not a number"
    low, high = field.low, field.high
    if (low is not None and value < low) or (high is not None and value > high):
        return f"is not between {low} and {high}"
    return None


def _time(_: Field, value: object) -> str | None:
    if not isinstance(value, datetime):
        return "is not a time"
    return None if value.tzinfo is not None else "is a time without a zone"


def _object(_: Field, value: object) -> str | None:
    return None if isinstance(value, dict) else "is not a map of names to values"


def _boolean(_: Field, value: object) -> str | None:
    return None if isinstance(value, bool) else "is neither true nor false"


_REQUIRED: Final = tuple(field for field in FIELDS if field.required)

_CHECKS: Final[Mapping[Kind, Callable[[Field, object], str | None]]] = {
    "text": _text,
    "uuid": _uuid,
    "enum": _enum,
    "score": _score,
    "time": _time,
    "object": _object,
    "boolean": _boolean,
}
