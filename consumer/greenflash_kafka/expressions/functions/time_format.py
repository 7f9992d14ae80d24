"""Formats of times and dates (`%Y-%m-%d`): writing by them, and reading texts by them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Annotated, Any, Final, TypeAlias

from greenflash_kafka.expressions.functions.argument_types import ArgumentType, BadLiteral

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH_NAMES: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAY_NAMES: Final = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_DIRECTIVE: Final = re.compile(r"%(.?)", re.DOTALL)

_PARTS: Final[dict[str, Callable[[datetime], str]]] = {
    "Y": lambda time: f"{time.year:04}",
    "y": lambda time: f"{time.year % 100:02}",
    "m": lambda time: f"{time.month:02}",
    "d": lambda time: f"{time.day:02}",
    "H": lambda time: f"{time.hour:02}",
    "M": lambda time: f"{time.minute:02}",
    "S": lambda time: f"{time.second:02}",
    "f": lambda time: f"{time.microsecond:06}",
    "I": lambda time: f"{(time.hour + 11) % 12 + 1:02}",
    "p": lambda time: "AM" if time.hour < 12 else "PM",
    "j": lambda time: f"{time.timetuple().tm_yday:03}",
    "B": lambda time: _MONTH_NAMES[time.month - 1],
    "b": lambda time: MONTHS[time.month - 1],
    "A": lambda time: _DAY_NAMES[time.weekday()],
    "a": lambda time: _DAY_NAMES[time.weekday()][:3],
    "u": lambda time: str(time.isoweekday()),
    "G": lambda time: f"{time.isocalendar().year:04}",
    "V": lambda time: f"{time.isocalendar().week:02}",
    "s": lambda time: str((time - _EPOCH) // timedelta(seconds=1)),
    "F": lambda time: time.date().isoformat(),
    "T": lambda time: time.time().isoformat("seconds"),
    "z": lambda time: time.strftime("%z"),
    "Z": lambda time: time.tzname() or "UTC",
    "%": lambda _: "%",
}
"""A time's `%x` of a format; names are English whatever the machine's language."""

_LETTERS: Final = (
    {"YYYY": "%Y", "yyyy": "%Y", "YY": "%y", "yy": "%y", "MMMM": "%B", "MMM": "%b", "Month": "%B", "Mon": "%b"}
    | {"MM": "%m", "DD": "%d", "dd": "%d", "HH24": "%H", "HH12": "%I", "HH": "%H", "hh": "%I", "mm": "%M"}
    | {"MI": "%M", "mi": "%M", "SS": "%S", "ss": "%S", "M": "%m", "D": "%d", "d": "%d", "H": "%H"}
)
"""Parts of a time as databases and spreadsheets write them, longer ones before their parts."""

_LETTER: Final = re.compile("|".join(_LETTERS))


def format_of_letters(pattern: str) -> str | None:
    """The format of `DD.MM.YYYY`, as databases and spreadsheets write it: `%d.%m.%Y`; None if it is none."""
    if "%" in pattern or not re.search("[yY]{2}|[dD]{2}|[hH]{2}", pattern):
        return None
    # In lower case minutes and months are both `mm`: months stand beside years and days.
    spelled = re.sub(r"(?<![HhSs:])mm(?![:.]?ss)", "MM", pattern)
    written = _LETTER.sub(lambda found: _LETTERS[found[0]], spelled)
    written = written.replace("'", "")
    return None if re.search("(?<!%)[A-Za-z]{2}", written) else written


def check_format(pattern: str) -> str:
    """A literal format. Raises BadLiteral for what isn't one."""
    for found in _DIRECTIVE.finditer(pattern):
        if found[1] not in _PARTS:
            raise BadLiteral(f"%{found[1]} is no part of a time", "%Y-%m-%dT%H:%M:%SZ, %Y-%m-%d, %H:%M")
    if "%" not in pattern:
        raise BadLiteral("a format names a time's parts with %", format_of_letters(pattern) or "%Y-%m-%d")
    return pattern


def written_by(pattern: str, time: datetime) -> str:
    """A time as text, by a checked format."""
    return _DIRECTIVE.sub(lambda found: _PARTS[found[1]](time), pattern)


_READ: Final = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d\d)",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{1,2})",
    "S": r"(?P<S>\d{1,2})",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[AaPp]\.?[Mm]\.?)",
    "B": r"(?P<b>[A-Za-z]{3,9})\.?",
    "b": r"(?P<b>[A-Za-z]{3,9})\.?",
    "A": r"[A-Za-z]{3,9}\.?",
    "a": r"[A-Za-z]{3,9}\.?",
    "F": r"(?P<Y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)",
    "T": r"(?P<H>\d\d):(?P<M>\d\d):(?P<S>\d\d)",
    "z": r"(?P<z>Z|[+-]\d\d:?\d\d)",
    "%": "%",
}
"""Parts that texts are read by."""

_DIGITS: Final = frozenset("YymdHIMSfFT")
_LONGEST: Final = 64
"""Characters of a text that may be a time."""


class TimeFormat:
    """A format by which texts are read: `read` gives the time, without a zone unless the format has one."""

    __slots__ = ("_pattern", "written")

    def __init__(self, written: str) -> None:
        """Raises BadLiteral for a format that can't tell a date."""
        self.written = check_format(written)
        parts = [found[1] for found in _DIRECTIVE.finditer(written)]
        for part in parts:
            if part not in _READ:
                raise BadLiteral(f"%{part} isn't read from a text", f"parts that are read: {' '.join(_READ)}")
        try:
            self._pattern = re.compile(_expression(written), re.ASCII)
        except re.error:
            raise BadLiteral("a part of a time stands twice in this format", "%d.%m.%Y %H:%M") from None
        named = self._pattern.groupindex.keys()
        if not ({"Y", "y"} & named and {"m", "b"} & named and "d" in named):
            raise BadLiteral("a format to read by has a year, a month and a day", "%d.%m.%Y, %m/%d/%Y, %Y-%m-%d %H:%M")

    def read(self, text: str) -> datetime | None:
        """The time that a text says, None if it doesn't have this format or no such day."""
        found = self._pattern.fullmatch(text.strip()) if len(text) <= _LONGEST else None
        if found is None:
            return None
        parts = found.groupdict()
        try:
            day = datetime(_year(parts), _month(parts), int(parts["d"]))  # noqa: DTZ001 - the zone is the caller's
            fraction = int((parts.get("f") or "0").ljust(6, "0")[:6])
            time = day.replace(
                hour=_hour(parts), minute=int(parts.get("M", 0)), second=int(parts.get("S", 0)), microsecond=fraction
            )
            return time if "z" not in parts else time.replace(tzinfo=_zone_of(parts["z"]))
        except ValueError:
            return None


_NUMBERS: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d\d)(?:[ T,]+\d{1,2}:\d\d(:\d\d)?)?", re.ASCII)
_YEAR_FIRST: Final = re.compile(r"\d{4}([./])\d{1,2}\1\d{1,2}", re.ASCII)


def formats_of(text: str) -> str:
    """The formats that a text may have that isn't ISO 8601: `"%d.%m.%Y"`, or two where days and months can't be told
    apart; empty if there is no guess."""
    if len(text) > _LONGEST:
        return ""
    if first := _YEAR_FIRST.fullmatch(text):
        return f'"%Y{first[1]}%m{first[1]}%d"'
    found = _NUMBERS.fullmatch(text)
    if found is None:
        return ""
    one, sign, other, year = found.group(1, 2, 3, 4)
    clock = "" if ":" not in text else " %H:%M:%S" if found[5] else " %H:%M"
    orders = ["%d %m"] if int(one) > 12 or sign == "." else ["%m %d"] if int(other) > 12 else ["%d %m", "%m %d"]
    end = f"{sign}%{'Y' if len(year) == 4 else 'y'}{clock}"
    return " or ".join(f'"{order.replace(" ", sign)}{end}"' for order in orders)


def _expression(written: str) -> str:
    """A regular expression of a format; a number takes one digit only where nothing else begins with a digit."""
    pieces = []
    place = 0
    for found in _DIRECTIVE.finditer(written):
        pieces.append(_literal(written[place : found.start()]))
        place = found.end()
        part = _READ[found[1]]
        before, after = written[: found.start()][-2:], written[place : place + 2]
        beside = (before[:1] == "%" and before[1:] in _DIGITS) or (after[:1] == "%" and after[1:] in _DIGITS)
        pieces.append(part.replace("{1,2}", "{2}") if beside else part)
    return "".join([*pieces, _literal(written[place:])])


def _literal(text: str) -> str:
    return r"\s+".join(re.escape(word) for word in re.split(r"\s+", text))


def _year(parts: dict[str, str]) -> int:
    if "Y" in parts:
        return int(parts["Y"])
    short = int(parts["y"])
    return short + (1900 if short >= 69 else 2000)


def _month(parts: dict[str, str]) -> int:
    if "m" in parts:
        return int(parts["m"])
    word = parts["b"].capitalize()
    return (MONTHS if len(word) == 3 else _MONTH_NAMES).index(word) + 1


def _hour(parts: dict[str, str]) -> int:
    hour = int(parts.get("H") or parts.get("I") or 0)
    if "p" not in parts:
        return hour
    if not 1 <= hour <= 12:
        raise ValueError(hour)
    return hour % 12 + 12 * (parts["p"][0] in "Pp")


def _zone_of(written: str) -> timezone:
    if written == "Z":
        return UTC
    digits = written[1:].replace(":", "")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))


def _reader(written: str) -> TimeFormat:
    letters = format_of_letters(written)
    if letters is not None:
        raise BadLiteral("a format names a time's parts with %", letters)
    return TimeFormat(written)


Format: TypeAlias = Annotated[Any, ArgumentType(("text",), words="a format", literal=True, prepare=check_format)]
ReadFormat: TypeAlias = Annotated[
    Any, ArgumentType(("text",), words="a format like %d.%m.%Y", literal=True, prepare=_reader)
]
