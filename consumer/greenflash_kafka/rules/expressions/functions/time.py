"""Functions of time. A number needs its unit, a result its sense: from 2000 to a day after the record."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Any, Final, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from greenflash_kafka.documents.did_you_mean import closest_word
from greenflash_kafka.documents.vocabulary import instead_of
from greenflash_kafka.rules.expressions.arithmetic import read_number
from greenflash_kafka.rules.expressions.functions.argument_types import (
    ArgumentType,
    BadLiteral,
    Number,
    Text,
    Time,
    mismatch,
    one_of,
    text_of,
)
from greenflash_kafka.rules.expressions.functions.definition import function
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST: Final = 946_684_800_000_000
"""2000-01-01 in microseconds: times before are a wrong unit, or nobody's."""

_DAY_MS: Final = 86_400_000
_MICROSECOND: Final = timedelta(microseconds=1)

# Microseconds as a fraction, so that every unit is exact.
UNITS: Final[dict[str, tuple[int, int]]] = {
    "s": (1_000_000, 1),
    "ms": (1_000, 1),
    "us": (1, 1),
    "ns": (1, 1_000),
    "days": (86_400_000_000, 1),
}

_SECONDS: Final = UNITS["s"]
_LATEST: Final = 253_402_300_799_999_999
"""The end of the year 9999 in microseconds."""

_FURTHEST: Final = 10**24
"""Numbers beyond are no time in any unit; compared before anything is calculated."""


def _bad(message: str) -> EvaluationError:
    return EvaluationError("bad-time", message)


def _sensible(scope: Scope, micros: int) -> None:
    """Let microseconds since 1970 pass that are from 2000 on and at most a day after the record's own, if that is a
    time at all: Kafka has none before 1970, and brokers take such timestamps all the same."""
    if micros < _EARLIEST:
        raise _bad("a time before 2000; is the unit right?")
    record = scope.record_ms
    if record is not None and record >= 0 and micros > (record + _DAY_MS) * 1_000:
        raise _bad("a time more than a day after the record's own; is the unit right?")


@lru_cache(maxsize=4096)
def _second(second: int) -> datetime:
    """Messages of one second come together: most of their times have been made already."""
    return _EPOCH + timedelta(0, second)


def _of_number(scope: Scope, number: Number, unit: Any) -> datetime:
    if unit is None:
        raise _bad(f"a number is no time without its unit: one of {', '.join(UNITS)}")
    if not -_FURTHEST < number < _FURTHEST:
        raise _bad("a number too large for a time")
    times, by = unit
    micros = int(number * times)
    if by != 1:
        micros //= by
    _sensible(scope, micros)
    try:
        return _EPOCH + micros * _MICROSECOND
    except OverflowError:
        raise _bad("a number too large for a time; is the unit right?") from None


_LOOSE: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)([.,]\d+)?(?: ?(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?))?", re.ASCII
)
_RFC: Final = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d)(?::(\d\d))?"
    r"(?: ([+-]\d{4}|[A-Z]{1,3}))?(?: \([A-Za-z ]*\))?",
    re.ASCII,
)
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_ZONES: Final = {"GMT": 0, "UT": 0, "UTC": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6}
_ZONES.update({"PST": -8, "PDT": -7})


def _of_text(text: str, zone: Any) -> datetime:
    # Eight digits are ISO's basic date; any other number without a unit is none of its forms.
    if not text.isascii() or (text.isdigit() and len(text) != 8) or len(text) > 64:
        raise _bad("this text is no time of ISO 8601 or RFC 2822" + ("; a number needs its unit" * text.isdigit()))
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = _of_other_text(text)
    if read.tzinfo is None:
        read = read.replace(tzinfo=UTC if zone is None else _zone(zone))
    try:
        return read if read.tzinfo is UTC else read.astimezone(UTC)
    except OverflowError:
        raise _bad("a time outside the years 1 to 9999") from None


def _of_other_text(text: str) -> datetime:
    """Databases' and mails' ways of writing it; a leap second is taken as the second after, 24:00 as the next day."""
    try:
        loose = _LOOSE.fullmatch(text.upper())
        if loose:
            day, clock, fraction, offset = loose.groups()
            # One second after 23:59:59 is the next day's start, however it is written.
            leap = clock.endswith(":60") or clock in ("24:00", "24:00:00")
            clock = "23:59:59" if clock.startswith("24") else clock[:-3] + ":59" if leap else clock
            offset = "+00:00" if offset in ("Z", "UTC", "GMT") else offset or ""
            fraction = "" if leap else (fraction or "").replace(",", ".")[:7]
            read = datetime.fromisoformat(f"{day}T{clock}{fraction}{offset}")
            return read + timedelta(seconds=1) if leap else read
        mail = _RFC.fullmatch(" ".join(text.split()))
        if mail and mail[2] in _MONTHS:
            day, month, year, hour, minute, second, offset = mail.groups()
            read = datetime(  # noqa: DTZ001 - the zone follows, or is the caller's
                int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second or 0)
            )
            return read if offset is None else read.replace(tzinfo=_offset(offset))
    except (ValueError, OverflowError):
        pass
    raise _bad("this text is no time of ISO 8601 or RFC 2822")


def _offset(written: str) -> tzinfo:
    if written[0] in "+-":
        minutes = int(written[1:3]) * 60 + int(written[3:])
        return timezone(timedelta(minutes=-minutes if written[0] == "-" else minutes))
    if written not in _ZONES:
        raise ValueError(written)
    return timezone(timedelta(hours=_ZONES[written]))


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


def _zone(zone: Any) -> tzinfo:
    """A zone by its name; only known names ever touch the time zone database."""
    if isinstance(zone, tzinfo):
        return zone
    name = text_of("time", zone)
    if name not in _zone_names():
        raise _bad("this zone is not in the time zone database; names are like Europe/Paris")
    return ZoneInfo(name)


def prepare_zone(name: str) -> tzinfo:
    """A literal zone name. Raises BadLiteral with the nearest right name."""
    if name not in _zone_names():
        near = closest_word(name, _zone_names())
        raise BadLiteral("this zone is not in the time zone database", near or "Europe/Paris, UTC")
    return ZoneInfo(name)


def _unit(name: str) -> tuple[int, int]:
    if name not in UNITS:
        near = instead_of(name.lower().rstrip("s"), "units")
        raise BadLiteral(f"a unit is one of {', '.join(UNITS)}", near)
    return UNITS[name]


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
    "b": lambda time: _MONTHS[time.month - 1],
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


def check_format(pattern: str) -> str:
    """A literal format. Raises BadLiteral for what isn't one."""
    for found in _DIRECTIVE.finditer(pattern):
        if found[1] not in _PARTS:
            raise BadLiteral(f"%{found[1]} is no part of a time", "%Y-%m-%dT%H:%M:%SZ, %Y-%m-%d, %H:%M")
    if "%" not in pattern:
        raise BadLiteral("a format names a time's parts with %", "%Y-%m-%d")
    return pattern


Unit: TypeAlias = Annotated[
    Any, ArgumentType(("text",), words=" or ".join(f'"{name}"' for name in UNITS), literal=True, prepare=_unit)
]
Zone: TypeAlias = Annotated[Any, ArgumentType(("text",), words="a zone's name like Europe/Paris", prepare=prepare_zone)]
Format: TypeAlias = Annotated[Any, ArgumentType(("text",), words="a format", literal=True, prepare=check_format)]


@function(
    example='time(1795000000, "s")',
    gives='"2026-11-18T11:06:40Z"',
    fails={'time("tomorrow")': "bad-time", "time(1795000000)": "bad-time"},
    foldable=False,
    usage='time(text), time(number, "s"), time(text, zone="Europe/Paris")',
)
def time(
    scope: Scope,
    x: Annotated[Any, one_of("text", "number", "time")],
    unit: Unit | None = None,
    zone: Zone | None = None,
) -> Time:
    """A time from ISO 8601 or RFC 2822 text, or from a number of "s", "ms", "us", "ns" or "days" since 1970.

    Text without an offset is in `zone`, or in UTC. Times before 2000, or more than a day after the record's own, are
    the problem `bad-time`.
    """
    if x.__class__ is int and unit is not None:
        # The usual case, ahead of all others; what is out of its range is refused by them.
        times, by = unit
        micros, record = x * times // by, scope.record_ms
        if _EARLIEST <= micros <= _LATEST and (record is None or micros <= (record + _DAY_MS) * 1_000):
            return _second(x) if unit is _SECONDS else _EPOCH + micros * _MICROSECOND
    if x.__class__ is str and unit is None:
        read = _of_text(x.strip(), zone)
    elif x.__class__ is int or isinstance(x, Decimal):
        return _of_number(scope, x, unit)
    elif isinstance(x, datetime):
        read = x
    else:
        if not isinstance(x, str):
            raise mismatch("time", "text, or a number and its unit", x)
        text = x.strip()
        # Eight digits are ISO's basic date, even where numbers have a unit.
        number = read_number(text) if unit is not None and len(text) != 8 else None
        if number is not None:
            return _of_number(scope, number, unit)
        read = _of_text(text, zone)
    _sensible(scope, (read - _EPOCH) // _MICROSECOND)
    return read


@function(example='format_time(time("2026-11-18T11:06:40Z"), "%Y-%m-%d")', gives='"2026-11-18"')
def format_time(x: Time, format_: Format, zone: Zone | None = None) -> Text:
    """A time's parts as text (%Y %m %d %H %M %S ...), in UTC or a zone.

    The parts are those of Python's strftime: Y y m d H M S f I p j B b A a u G V s F T z Z. Names are English.
    """
    try:
        local = x if zone is None else x.astimezone(_zone(zone))
    except OverflowError:
        raise _bad("a time outside the years 1 to 9999") from None
    return _DIRECTIVE.sub(lambda found: _PARTS[found[1]](local), format_)


@function(example='days_between(time("2026-11-01"), time("2026-11-18"))', gives="17")
def days_between(start: Time, end: Time) -> Number:
    """Whole days from one time to another; negative when the second is earlier."""
    apart = end - start
    days = abs(apart) // timedelta(days=1)
    return -days if apart < timedelta(0) else days


@function(example='seconds_between(time("2026-11-18T11:06:40Z"), time("2026-11-18T11:06:41.5Z"))', gives="1.5")
def seconds_between(start: Time, end: Time) -> Number:
    """Seconds from one time to another, exact to the microsecond; negative when the second is earlier."""
    micros = (end - start) // _MICROSECOND
    return micros // 1_000_000 if micros % 1_000_000 == 0 else Decimal(micros).scaleb(-6)
