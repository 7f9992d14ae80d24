"""Functions of time. A number needs its unit, a result its sense: from 2000 to a day after the record."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import cache, lru_cache
from typing import Annotated, Any, Final, TypeAlias
from zoneinfo import ZoneInfo, available_timezones

from greenflash_kafka.documents.did_you_mean import closest_word
from greenflash_kafka.documents.vocabulary import instead_of
from greenflash_kafka.expressions.arithmetic import read_number
from greenflash_kafka.expressions.functions.argument_types import (
    ArgumentType,
    BadLiteral,
    Number,
    Text,
    Time,
    mismatch,
    one_of,
    text_of,
)
from greenflash_kafka.expressions.functions.definition import function
from greenflash_kafka.expressions.functions.time_format import (
    MONTHS,
    Format,
    ReadFormat,
    TimeFormat,
    format_of_letters,
    formats_of,
    written_by,
)
from greenflash_kafka.expressions.iso_times import zoned_date
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope

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

UNIT_NAMES: Final = {
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
    "ns": "nanoseconds",
    "days": "days",
}
_SECONDS: Final = UNITS["s"]
_CENTURY: Final = 4_102_444_800_000_000
"""2100-01-01 in microseconds."""

_YEAR: Final = 31_556_952_000_000
"""Microseconds of a year, on average."""

_LATEST: Final = 253_402_300_799_999_999
"""The end of the year 9999 in microseconds."""

_FIRST: Final = -62_135_596_800_000_000
"""The beginning of the year 1 in microseconds."""

_FURTHEST: Final = 10**24
"""Numbers beyond are no time in any unit; compared before anything is calculated."""


def _bad(message: str, reason: str = "") -> EvaluationError:
    return EvaluationError("bad-time", message, reason)


def _sensible(scope: Scope, micros: int, unit: Any = None, number: Number = 0) -> None:
    """Let microseconds since 1970 pass that are from 2000 on and at most a day after the record's own, if that is a
    time at all: Kafka has none before 1970, and brokers take such timestamps all the same. `number` of `unit` are what
    they are made of; None: a text."""
    if micros < _EARLIEST:
        said = "a time before 2000; is the unit right?"
        raise _bad(said, _unlikely(scope, number, unit) or "it lies before 2000; date(x) takes any date")
    record = scope.record_ms
    if record is not None and record >= 0 and micros > (record + _DAY_MS) * 1_000:
        future = "it lies in the future (more than a day after the record's timestamp); date(x) takes such dates"
        said = "a time more than a day after the record's own; is the unit right?"
        raise _bad(said, _unlikely(scope, number, unit) or future)


def _unlikely(scope: Scope, number: Number, unit: Any) -> str:
    """The reason why a number isn't meant in this unit; empty if no other unit gives a likely time."""
    name = next((name for name, each in UNITS.items() if each == unit), None)
    meant = likely_unit(number, scope.record_ms)
    if name is None or meant in (None, name):
        return ""
    times, by = UNITS[name]
    year = 1970 + int(number * times / by / _YEAR)
    return f"as {UNIT_NAMES[name]} this is the year {year}: {UNIT_NAMES[str(meant)]}?"


def likely_unit(number: Number, record_ms: int | None = None) -> str | None:
    """The unit in which a number is a time from 2000 to a day after the record (to 2100 without one)."""
    latest = _CENTURY if record_ms is None or record_ms < 0 else (record_ms + _DAY_MS) * 1_000
    if not -_FURTHEST < number < _FURTHEST:
        return None
    likely = [name for name, (times, by) in UNITS.items() if _EARLIEST <= number * times / by <= latest]
    return likely[0] if likely else None


def number_needs_unit(value: object, record_ms: int | None, function: str = "time") -> str:
    """The reason why a number without a unit is no time, with the unit that it seems to have."""
    unit = likely_unit(value, record_ms) if isinstance(value, int | Decimal) else None
    return f'a number needs its unit: {function}(x, "{unit or "s"}")'


@lru_cache(maxsize=4096)
def _second(second: int) -> datetime:
    """Messages of one second come together: most of their times have been made already."""
    return _EPOCH + timedelta(0, second)


def _of_number(scope: Scope, number: Number, unit: Any) -> datetime:
    if unit is None:
        said = f"a number is no time without its unit: one of {', '.join(UNITS)}"
        raise _bad(said, number_needs_unit(number, scope.record_ms))
    if not -_FURTHEST < number < _FURTHEST:
        raise _bad("a number too large for a time")
    times, by = unit
    micros = int(number * times)
    if by != 1:
        micros //= by
    _sensible(scope, micros, unit, number)
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
_ZONES: Final = {"GMT": 0, "UT": 0, "UTC": 0, "Z": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6}
_ZONES.update({"PST": -8, "PDT": -7})


def _of_text(text: str, zone: Any) -> datetime:
    return _in_utc(_written(text), zone)


def _no_time(reason: str) -> EvaluationError:
    said = "this text is no time of ISO 8601 or RFC 2822"
    number = reason.startswith("; a number")
    return _bad(said + reason if number else said, said + reason)


def _written(text: str) -> datetime:
    """What a text says, with the zone that it names, if it names one."""
    # Eight digits are ISO's basic date; any other number without a unit is none of its forms.
    if not text.isascii() or (text.isdigit() and len(text) != 8) or len(text) > 64:
        raise _no_time("; a number needs its unit" * text.isdigit())
    try:
        read = zoned_date(text) or datetime.fromisoformat(text)
    except ValueError:
        read = _of_other_text(text)
    return read


def _in_utc(read: datetime, zone: Any) -> datetime:
    if read.tzinfo is None:
        read = read.replace(tzinfo=UTC if zone is None else _zone(zone))
    try:
        return read if read.tzinfo is UTC else read.astimezone(UTC)
    except OverflowError:
        raise _bad("a time outside the years 1 to 9999") from None


def _by_format(text: str, pattern: TimeFormat, zone: Any) -> datetime:
    return _in_utc(_read(text, pattern), zone)


def _read(text: str, pattern: TimeFormat) -> datetime:
    read = pattern.read(text)
    if read is None:
        raise _bad(f"the text hasn't the format {pattern.written}, or is no such day")
    return read


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
        if mail and mail[2] in MONTHS:
            day, month, year, hour, minute, second, offset = mail.groups()
            read = datetime(  # noqa: DTZ001 - the zone follows, or is the caller's
                int(year), MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second or 0)
            )
            return read if offset is None else read.replace(tzinfo=_offset(offset))
    except (ValueError, OverflowError):
        pass
    raise _no_time(f"; format={formats} reads it" if (formats := formats_of(text)) else "")


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


_ABBREVIATIONS: Final = {
    "CET": "Europe/Paris, Europe/Berlin, Europe/Madrid",
    "EET": "Europe/Athens, Europe/Helsinki",
    "WET": "Europe/Lisbon",
    "BT": "Europe/London",
    "MT": "America/Denver",
    "ET": "America/New_York",
    "CT": "America/Chicago",
    "PT": "America/Los_Angeles",
    "IT": "Asia/Kolkata",
    "JT": "Asia/Tokyo",
    "AET": "Australia/Sydney",
    "BRT": "America/Sao_Paulo",
}
"""Zones by their abbreviations, without the S of a standard or summer time and the D of a daylight time."""


def _zone_hint(name: str) -> str:
    """Zones of the database that an abbreviation or a city may stand for."""
    letters = name.upper()
    for short in (letters, letters.replace("ST", "T"), letters.replace("DT", "T"), letters.replace("ST", "ET")):
        if short in _ABBREVIATIONS:
            return _ABBREVIATIONS[short]
    city = name.rpartition("/")[2].replace(" ", "_").casefold()
    found = sorted(zone for zone in _zone_names() if zone.rpartition("/")[2].casefold() == city)
    return found[0] if found else closest_word(name, _zone_names(), 0.8) or "Europe/Paris, America/New_York, UTC"


def prepare_zone(name: str) -> tzinfo:
    """A literal zone name. Raises BadLiteral with the nearest right name."""
    if name not in _zone_names():
        raise BadLiteral("this zone is not in the time zone database", _zone_hint(name))
    return ZoneInfo(name)


def _unit(name: str) -> tuple[int, int]:
    if name not in UNITS:
        pattern = name if "%" in name else format_of_letters(name)
        if pattern is not None:
            raise BadLiteral("a format is given by its name", f'format="{pattern}"')
        near = instead_of(name.lower().rstrip("s"), "units")
        raise BadLiteral(f"a unit is one of {', '.join(UNITS)}", near)
    return UNITS[name]


Unit: TypeAlias = Annotated[
    Any, ArgumentType(("text",), words=" or ".join(f'"{name}"' for name in UNITS), literal=True, prepare=_unit)
]
Zone: TypeAlias = Annotated[Any, ArgumentType(("text",), words="a zone's name like Europe/Paris", prepare=prepare_zone)]


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
    format_: ReadFormat | None = None,
) -> Time:
    """A time from ISO 8601 or RFC 2822 text, or from a number of "s", "ms", "us", "ns" or "days" since 1970.

    A time, as a schema may give it, stays as it is, whatever the unit. Text without an offset is in `zone`, or in UTC.
    `format` reads texts of another form, by the parts that
    `format_time` writes: `format="%d.%m.%Y %H:%M"`. Times before 2000, or more than a day after the record's own, are
    the problem `bad-time`; a date that may lie in the future is read by `date`.
    """
    if x.__class__ is int and unit is not None:
        # The usual case, ahead of all others; what is out of its range is refused by them.
        times, by = unit
        micros, record = x * times // by, scope.record_ms
        if _EARLIEST <= micros <= _LATEST and (record is None or micros <= (record + _DAY_MS) * 1_000):
            return _second(x) if unit is _SECONDS else _EPOCH + micros * _MICROSECOND
    if format_ is not None and isinstance(x, str):
        read = _by_format(x, format_, zone)
    elif x.__class__ is str and unit is None:
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


@function(
    example='date("18.11.2027", format="%d.%m.%Y")',
    gives='"2027-11-18"',
    fails={'date("18.11.2027")': "bad-time", "date(1795000000)": "bad-time"},
    usage='date(text), date(number, "ms"), date(text, format="%d.%m.%Y")',
)
def date(
    x: Annotated[Any, one_of("text", "number", "time")],
    unit: Unit | None = None,
    zone: Zone | None = None,
    format_: ReadFormat | None = None,
) -> Text:
    """The date of a text, a time, or a number of "s", "ms", "us", "ns" or "days" since 1970, as text: `2026-11-18`.

    It may lie in the future or long ago. The date is the one that the text says; a time's or a number's is that in UTC.
    With `zone` it is the one of that zone. `format` reads texts of another form, by the parts that `format_time`
    writes.
    """
    if isinstance(x, str):
        text = x.strip()
        number = read_number(text) if unit is not None and format_ is None and len(text) != 8 else None
        if number is None:
            return _date_of_text(text, zone, format_)
    elif isinstance(x, datetime):
        return _local_date(x, zone)
    else:
        number = x
    if number.__class__ is not int and not isinstance(number, Decimal):
        raise mismatch("date", "text, a time, or a number and its unit", x)
    return _local_date(_moment(number, unit), zone)


def _date_of_text(text: str, zone: Any, pattern: TimeFormat | None) -> str:
    read = _written(text) if pattern is None else _read(text, pattern)
    # What says no offset is a day of its own, whatever the zone.
    return read.date().isoformat() if read.tzinfo is None else _local_date(read, zone)


def _local_date(time: datetime, zone: Any) -> str:
    try:
        return (time if zone is None else time.astimezone(_zone(zone))).date().isoformat()
    except OverflowError:
        raise _bad("a date outside the years 1 to 9999") from None


def _moment(number: Number, unit: Any) -> datetime:
    """The time of a number of any year; a number that another unit makes a time of this century isn't one of 1970."""
    if unit is None:
        said = f"a number is no date without its unit: one of {', '.join(UNITS)}"
        raise _bad(said, number_needs_unit(number, None, "date"))
    times, by = unit
    if not -_FURTHEST < number < _FURTHEST:
        raise _bad("a number too large for a date")
    micros: int = int(number * times) // by
    if 0 < micros < _YEAR or not _FIRST <= micros <= _LATEST:
        reason = _unlikely(Scope(None), number, unit)
        if reason or not _FIRST <= micros <= _LATEST:
            raise _bad("a date of another unit, or none of the years 1 to 9999; is the unit right?", reason)
    return _EPOCH + micros * _MICROSECOND


@function(example='format_time(time("2026-11-18T11:06:40Z"), "%Y-%m-%d")', gives='"2026-11-18"')
def format_time(x: Time, format_: Format, zone: Zone | None = None) -> Text:
    """A time's parts as text (%Y %m %d %H %M %S ...), in UTC or a zone.

    The parts are those of Python's strftime: Y y m d H M S f I p j B b A a u G V s F T z Z. Names are English.
    """
    try:
        local = x if zone is None else x.astimezone(_zone(zone))
    except OverflowError:
        raise _bad("a time outside the years 1 to 9999") from None
    return written_by(format_, local)


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
