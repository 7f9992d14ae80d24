"""The values of the language, their types, and their text.

Text is `str`, numbers are `int` and `Decimal` (never float), booleans `bool`, times aware `datetime` in UTC, lists
and objects `list` and `dict`, and whatever is missing (JSON's null too) is None. Money is text that knows its currency.
"""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, Literal, TypeAlias

Value: TypeAlias = "str | int | bool | Decimal | datetime | list[Value] | dict[str, Value] | None"

Type = Literal["text", "money", "number", "boolean", "time", "list", "object", "missing", "any"]
"""What is known of a value's type without the message; `missing` is the literal null, `any` is not known."""

ValueType = Literal["currency", "numeric", "text", "boolean"]

NAMES: Final[dict[str, str]] = {
    "text": "text",
    "money": "money (a text)",
    "number": "a number",
    "boolean": "true or false",
    "time": "a time",
    "list": "a list",
    "object": "an object",
    "missing": "missing",
    "any": "a value",
}
"""The types as messages say them."""


class Money(str):
    """What `money_minor` and `money_major` give: the amount's text ("149.50"), and in which currency ("EUR")."""

    __slots__ = ("currency",)
    currency: str

    def __new__(cls, amount: str, currency: str) -> Money:
        money = str.__new__(cls, amount)
        money.currency = currency
        return money


def type_of(value: object) -> Type:
    """The type of a value at hand; `any` for what is no value of the language."""
    known = _TYPES.get(value.__class__)
    if known is not None:
        return known
    for kind, name in _TYPES.items():
        if isinstance(value, kind):
            return name
    return "any"


_TYPES: Final[dict[type, Type]] = {
    str: "text",
    Money: "money",
    bool: "boolean",
    int: "number",
    Decimal: "number",
    type(None): "missing",
    list: "list",
    dict: "object",
    datetime: "time",
}


def number_text(number: int | Decimal) -> str:
    """A number's exact shortest text: "149.5", "1200", never an exponent, never "-0"."""
    if isinstance(number, int):
        return str(number)
    if not number:
        return "0"
    text = str(number)
    if "E" in text:
        text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def time_text(time: datetime) -> str:
    """A time in UTC with `Z`, with as many digits after the second as it has, at most six."""
    time = time.astimezone(UTC)
    text = time.isoformat()[:-6]
    return (text.rstrip("0") if time.microsecond else text) + "Z"


def plain_text(value: object) -> str | None:
    """The text of a text, number, boolean or time, as `text()`, `concat` and the event's `value` want it.

    Money gives a plain `str`. None for what has no such text: missing, a list, an object.
    """
    kind = value.__class__
    if kind is str:
        return value  # type: ignore[return-value]
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, Decimal):
        return number_text(value)
    if isinstance(value, datetime):
        return time_text(value)
    return None


def json_value(value: object) -> object:
    """The value as it stands in an event's `properties`: money and times as text, decimals without idle digits."""
    if isinstance(value, dict):
        return {key: json_value(part) for key, part in value.items()}
    if isinstance(value, list):
        return [json_value(part) for part in value]
    if isinstance(value, Decimal):
        return Decimal(number_text(value))
    return plain_text(value) if isinstance(value, str | datetime) else value


def value_type(value: object) -> ValueType:
    """The API's `value_type` that follows from a value: `currency` for money, `numeric`, `boolean`, else `text`."""
    match type_of(value):
        case "money":
            return "currency"
        case "number":
            return "numeric"
        case "boolean":
            return "boolean"
        case _:
            return "text"
