"""Masks of values: payloads that keep their shape, and lose what is personal. A help, no protection: what nobody may
see is kept away by the rights of the Kafka user."""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from greenflash_kafka.expressions.functions.currencies import EXPONENTS
from greenflash_kafka.peek.field_words import of_amounts, of_birth, of_people, of_places, of_times

Way = tuple[str, ...]
"""The names of the fields that lead to a value; elements of lists have that of their list."""

SMALL: Final = 10_000
"""Whole numbers below it are kept: they tell nobody apart."""

_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)?( ?(Z|UTC|[+-]\d\d:?\d\d))?)?")
_CLOCK: Final = re.compile(r"\d\d:\d\d(:\d\d([.,]\d{1,9})?)?")
_AMOUNT: Final = re.compile(r"[+-]?\d{1,12}[.,]\d{1,4}")
_NUMBER: Final = re.compile(r"[+-]?\d+")
_ENUM: Final = re.compile(r"[A-Za-z][A-Za-z._:/-]{0,38}\d{0,2}")
_PREFIX: Final = re.compile(r"[A-Za-z]{2,8}[_:-](?=.*[0-9])")
_SCHEME: Final = re.compile(r"https?://|mailto:")
_HEX: Final = re.compile(r"[0-9a-f]{16,}|[0-9A-F]{16,}|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATA_NAME: Final = re.compile(r"@|\d{5}|[0-9a-fA-F]{8}-[0-9a-fA-F]{4}|\s")
_FRACTION_DIGITS: Final = 4
_MOST_DIFFERENT: Final = 3
"""A text that repeats is one of few if each of them comes so many times on average."""
_SEVERAL: Final = 3
"""What all ids at a way begin with is their kind, from so many different ones on."""

_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_DIGITS: Final = "0123456789"


class Masks:
    """Masks payloads. The same value gets the same mask, under the same `key`.

    Kept are booleans and nulls, amounts, small numbers, times, codes of currencies, the texts (and numbers as text)
    of `literals`, and the `repeated` ones at their ways.
    """

    def __init__(
        self,
        key: bytes,
        literals: Collection[str] = (),
        repeated: Mapping[Way, Collection[str]] | None = None,
    ) -> None:
        self._key = key
        self._literals = frozenset(literals)
        self._repeated = repeated or {}

    def mask(self, value: object, way: Way = ()) -> object:
        """The value without what is personal in it, as far as that can be told."""
        if isinstance(value, dict):
            return {self._name(name): self.mask(inner, (*way, name)) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.mask(each, way) for each in value]
        if isinstance(value, str):
            return value if self._keeps_text(value, way) else self.text(value, way)
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return value if self._keeps_number(value, way) else self._number(value)
        if isinstance(value, datetime) and way and of_birth(way[-1]):
            year, month, day = self._date(value.isoformat())
            return value.replace(year, month, day)
        return value

    def text(self, value: str, way: Way = ()) -> str:
        """A text of the same length in which each letter and each digit is another. What it begins with is kept if it
        says what it is: `https://`, and of ids what is `repeated`."""
        if _TIME.fullmatch(value) and of_birth(way[-1] if way else ""):
            year, month, day = self._date(value)
            return f"{year:04}-{month:02}-{day:02}{value[10:]}"
        start = self._start(value, way)
        inner = value[start:]
        stream = self._stream(value)
        alphabet = _hexadecimal if _HEX.fullmatch(inner) else _letters
        return value[:start] + "".join(alphabet(each, next(stream)) for each in inner)

    def _start(self, value: str, way: Way) -> int:
        """How many characters at its start are kept."""
        scheme, prefix = _SCHEME.match(value), _PREFIX.match(value)
        if scheme is not None:
            return scheme.end()
        return prefix.end() if prefix is not None and prefix[0] in self._repeated.get(way, ()) else 0

    def _name(self, name: str) -> str:
        """The name of a field; one that is data itself is masked."""
        return self.text(name) if _DATA_NAME.search(name) and name not in self._literals else name

    def _keeps_text(self, value: str, way: Way) -> bool:
        name = way[-1] if way else ""
        if value in self._literals or value in self._repeated.get(way, ()):
            return True
        if _TIME.fullmatch(value) or _CLOCK.fullmatch(value):
            return not of_birth(name)
        if value.upper() in EXPONENTS and (value.isupper() or "curr" in name.lower()):
            return True
        if _AMOUNT.fullmatch(value):
            return not of_places(name)
        if _NUMBER.fullmatch(value):
            return of_amounts(name) and not of_people(name)
        return value.lower() in ("", "true", "false", "yes", "no", "null", "none")

    def _keeps_number(self, value: int | Decimal, way: Way) -> bool:
        name = way[-1] if way else ""
        if str(value) in self._literals:
            return True
        digits = -int(value.as_tuple().exponent) if isinstance(value, Decimal) else 0
        if digits > 0:
            return (digits <= _FRACTION_DIGITS or of_amounts(name)) and not of_places(name)
        return -SMALL < value < SMALL or of_times(name) or (of_amounts(name) and not of_people(name))

    def _number(self, value: int | Decimal) -> int | Decimal:
        """Another number with as many digits at the same places."""
        stream, first = self._stream(str(value)), True
        written = []
        for each in str(value):
            if each in _DIGITS and not (first and each == "0"):
                # The first digit stays one that isn't 0, or the number would be shorter.
                low = int(first)
                moved = (int(each) - low + 1 + next(stream) % (9 - low)) % (10 - low) + low
                written.append(str(moved))
                first = False
            else:
                written.append(each)
                if each in "Ee":
                    return value
        return type(value)("".join(written))

    def _date(self, value: str) -> tuple[int, int, int]:
        stream = self._stream(value)
        return 1950 + next(stream) % 50, 1 + next(stream) % 12, 1 + next(stream) % 28

    def _stream(self, value: str) -> Iterator[int]:
        """Numbers up to 255 that follow from the value, without an end."""
        block = 0
        while True:
            content = block.to_bytes(4, "big") + value.encode("utf-8", "surrogatepass")
            yield from hashlib.blake2b(content, key=self._key[:64]).digest()
            block += 1


def repeated_texts(payloads: Iterable[object]) -> dict[Way, set[str]]:
    """The texts that seem to be one of few at their ways, such as states and plans: they repeat, and neither they nor
    their fields' names look personal. And what several ids at the same way begin with (`cus_`)."""
    counts: dict[Way, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for payload in payloads:
        for way, text in _texts(payload, ()):
            counts[way][text] += 1
    found: dict[Way, set[str]] = {}
    for way, texts in counts.items():
        starts = Counter(match[0] for text in texts if (match := _PREFIX.match(text)) is not None)
        (start, times), *_ = [*starts.most_common(1), ("", 0)]
        if times >= _SEVERAL and times == len(texts):
            found[way] = {start}
        if of_people(way[-1] if way else "") or sum(texts.values()) < _MOST_DIFFERENT * len(texts):
            continue
        few = {text for text, times in texts.items() if times > 1 and _ENUM.fullmatch(text)}
        if few:
            found[way] = found.get(way, set()) | few
    return found


def _texts(value: object, way: Way) -> Iterator[tuple[Way, str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _texts(inner, (*way, name))
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, way)
    elif isinstance(value, str):
        yield way, value


def _letters(each: str, number: int) -> str:
    """Another letter for a letter, another digit for a digit; anything else as it is."""
    if each in _DIGITS:
        return _DIGITS[(int(each) + 1 + number % 9) % 10]
    if each.isalpha() or each.isalnum():
        place = _LOWER.find(each.lower()) if each.isascii() else number
        letter = _LOWER[(place + 1 + number % 25) % 26]
        return letter.upper() if each.isupper() else letter
    return each


def _hexadecimal(each: str, number: int) -> str:
    """Another hexadecimal digit."""
    if each not in "0123456789abcdefABCDEF":
        return each
    digit = f"{(int(each, 16) + 1 + number % 15) % 16:x}"
    return digit.upper() if each.isupper() else digit
