"""Times: every form that messages hold, a unit for every number, and a sense for every result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.functions.time import UNITS
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError, ExpressionRefused
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import time_text

_SAME = "2026-11-18T11:06:40Z"


@pytest.mark.parametrize(
    ("text", "time"),
    [
        *(
            (f'time("{written}")', _SAME)
            for written in (
                *("2026-11-18T11:06:40Z", "2026-11-18T11:06:40+00:00", "20261118T110640Z", "2026-11-18 11:06:40"),
                *(
                    "2026-11-18t11:06:40z",
                    "2026-11-18 12:06:40 +0100",
                    "2026-11-18 12:06:40+01",
                    " 2026-11-18T11:06:40 ",
                ),
                *("2026-11-18 11:06:40 UTC", "Wed, 18 Nov 2026 11:06:40 GMT", "18 Nov 2026 12:06:40 +0100"),
                *("Wed, 18 Nov 2026 06:06:40 EST", "Wed, 18 Nov 2026 11:06:40 -0000 (UTC)", "2026-W47-3T11:06:40Z"),
            )
        ),
        ('time("2026-11-18")', "2026-11-18T00:00:00Z"),
        ('time("20261118")', "2026-11-18T00:00:00Z"),
        ('time("20261118", "s")', "2026-11-18T00:00:00Z"),
        ('time("2026-11-17T24:00:00Z")', "2026-11-18T00:00:00Z"),
        ('time("2016-12-31T23:59:60Z")', "2017-01-01T00:00:00Z"),
        ('time("2026-11-18T11:06:40.123456789Z")', "2026-11-18T11:06:40.123456Z"),
        ('time("2026-11-18 11:06:40,5 +0000")', "2026-11-18T11:06:40.5Z"),
        ('time("1795000000", "s")', _SAME),
        ('time("1795000000.5", "s")', "2026-11-18T11:06:40.5Z"),
        ('time(1795000000.123, "s")', "2026-11-18T11:06:40.123Z"),
        ('time(1795000000123456, "us")', "2026-11-18T11:06:40.123456Z"),
        ('time(1795000000123456789, unit="ns")', "2026-11-18T11:06:40.123456Z"),
        ('time(20500, "days")', "2026-02-16T00:00:00Z"),
        ('time("2026-11-18T11:06:40Z", "ms")', _SAME),
        ('time("2026-11-18T11:06:40Z", zone="Europe/Paris")', _SAME),
        ('time("2026-07-18T11:06:40", zone="Europe/Paris")', "2026-07-18T09:06:40Z"),
        ('time("Wed, 18 Nov 2026 11:06:40", zone="America/New_York")', "2026-11-18T16:06:40Z"),
        ("time(time(payload.iso))", _SAME),
        ("kafka.timestamp", "2026-11-18T12:00:00Z"),
        ("time(kafka.timestamp)", "2026-11-18T12:00:00Z"),
    ],
)
def test_time(text: str, time: str, value_of: Callable[[str], Any]) -> None:
    value = value_of(text)
    assert value.tzinfo is UTC
    assert time_text(value) == time


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *(
            (f'time("{written}")', "bad-time")
            for written in (
                *(
                    "soon",
                    "",
                    "1795000000",
                    "1795000000123",
                    "2026-11",
                    "2026-322",
                    "2026-13-01",
                    "2026-11-18T25:00:00",
                ),
                *(
                    "18/11/2026",
                    "18 Nov 2026 11:06:40 XYZ",
                    "２０２６-11-18",
                    "0001-01-01T00:00:00+14:00",
                    "1999-12-31",
                ),
            )
        ),
        ('time(-5, "s")', "bad-time"),
        ('time(1e300, "s")', "bad-time"),
        ("time(1795000000)", "bad-time"),
        ("time(true)", "type-mismatch"),
        ('time(payload.created, "seconds")', "bad-literal"),
        ("time(payload.created, payload.unit)", "arguments"),
        ('time(payload.iso, zone="Europe/Pari")', "bad-literal"),
        ('time(payload.iso, tz="Europe/Paris")', "arguments"),
        ('format_time(time("2026-11-18"), "YYYY-MM-DD")', "bad-literal"),
        ('format_time(time("2026-11-18"), "%Q")', "bad-literal"),
        ('format_time("2026-11-18", "%Y")', "type-mismatch"),
        ('days_between("2026-11-18", "2026-11-19")', "type-mismatch"),
    ],
)
def test_refused(text: str, code: str, compiled: Callable[[str], Any]) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compiled(text)
    assert [refusal.code for refusal in refused.value.refusals] == [code]


def test_a_time_is_at_most_a_day_after_the_record() -> None:
    expression = compile_expression('time(payload, "ms")', Names())
    record = 1_795_000_000_000
    assert expression.evaluate(Scope(record + 86_400_000, record_ms=record)) is not None
    for payload, record_ms in ((record + 86_400_001, record), (946_684_799_999, record), (946_684_799_999, None)):
        with pytest.raises(EvaluationError, match="bad-time"):
            expression.evaluate(Scope(payload, record_ms=record_ms))
    assert expression.evaluate(Scope(946_684_800_000)) == datetime(2000, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns", "days"])
@pytest.mark.parametrize("record_ms", [None, 1_795_000_000_000, 1_795_000_000_001, -5, 2**62])
def test_a_whole_number_is_the_time_that_the_same_decimal_is(unit: str, record_ms: int | None) -> None:
    expression = compile_expression(f'time(payload, "{unit}")', Names())

    def outcome(number: object) -> str:
        try:
            return repr(expression.evaluate(Scope(number, record_ms=record_ms)))
        except EvaluationError as error:
            return str(error)

    times, by = UNITS[unit]
    latest = ((record_ms or 0) + 86_400_000) * 1_000
    for micros in (946_684_800_000_000, latest, 253_402_300_799_999_999, 0):
        for number in range(micros * by // times - 2, micros * by // times + 3):
            assert outcome(number) == outcome(Decimal(number))


def test_a_literal_time_is_checked_against_each_record_too() -> None:
    expression = compile_expression('time("2030-01-01")', Names())
    assert expression.evaluate(Scope(None)) == datetime(2030, 1, 1, tzinfo=UTC)
    with pytest.raises(EvaluationError, match="bad-time"):
        expression.evaluate(Scope(None, record_ms=1_795_000_000_000))


def test_a_zone_from_the_message_is_a_known_name_or_bad_time() -> None:
    expression = compile_expression("time(payload.at, zone=payload.zone)", Names())
    value = expression.evaluate(Scope({"at": "2026-11-18 12:00", "zone": "Europe/Paris"}))
    assert value == datetime(2026, 11, 18, 11, tzinfo=UTC)
    for zone in ("Europe/Pari", "../../etc/passwd", "Europe", "", "/etc/localtime"):
        with pytest.raises(EvaluationError, match="bad-time"):
            expression.evaluate(Scope({"at": "2026-11-18 12:00", "zone": zone}))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('format_time(time(payload.iso), "%d %b %Y, %H:%M %Z", zone="America/New_York")', "18 Nov 2026, 06:06 EST"),
        (
            'format_time(time(payload.iso), "%F %T %A %B %j %I%p %G-W%V-%u 100%%")',
            "2026-11-18 11:06:40 Wednesday November 322 11AM 2026-W47-3 100%",
        ),
        ('days_between(time("2026-11-18"), time("2026-11-01"))', -17),
        ('days_between(time("2026-11-17T12:00:00"), time("2026-11-18"))', 0),
        ('days_between(time("2026-11-18"), time("2026-11-17T12:00:00"))', 0),
        ('seconds_between(time("2026-11-18"), time("2026-11-18T00:01:00"))', 60),
        ('text(seconds_between(time("2026-11-18T00:00:00.5"), time("2026-11-18")))', "-0.5"),
        ('text(time("2026-11-18T11:06:40.500Z"))', "2026-11-18T11:06:40.5Z"),
        ('time("2026-11-18") < time("2026-11-18T00:00:01")', True),
        ('time("2026-11-18T01:00:00+01:00") == time("2026-11-18")', True),
        ('time("2026-11-18") == "2026-11-18"', True),
        ('time("2026-11-18") != "2026-11-18T00:00:00+00:00"', False),
        ('time("2026-11-18") in ["2026-11-17", "2026-11-18"]', True),
        ('time("2026-11-18") == "soon"', False),
        ('time("2026-11-18T11:06:40Z") > "2026-11-18"', True),
        ('"2026-11-18T12:06:40+01:00" >= time("2026-11-18T11:06:40Z")', True),
    ],
)
def test_what_is_made_of_times(text: str, value: Any, value_of: Callable[[str], Any]) -> None:
    assert value_of(text) == value


_RECORD = 1_795_000_000_000


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("date(payload.d)", "2028-01-01"),
        ("date(payload.iso)", "2027-05-05"),
        ('date("18.11.2027", format="%d.%m.%Y")', "2027-11-18"),
        ('date(" 1.2.27 ", format="%d.%m.%y")', "2027-02-01"),
        ('date("11/18/2026 3:04 PM", format="%m/%d/%Y %I:%M %p")', "2026-11-18"),
        ('date("2 January 2027", format="%d %B %Y")', "2027-01-02"),
        ('date("20270102", format="%Y%m%d")', "2027-01-02"),
        ('date(1895000000, "s")', "2030-01-18"),
        ('date("1895000000000", "ms")', "2030-01-18"),
        ('date(-3653, "days")', "1960-01-01"),
        # The date that the text says, or that of a zone.
        ('date("2026-11-18T00:30:00+01:00")', "2026-11-18"),
        ('date("2026-11-18T00:30:00+01:00", zone="UTC")', "2026-11-17"),
        ('date("2026-11-18 00:30", zone="America/New_York")', "2026-11-18"),
        ('date(1794961800, "s", zone="Europe/Paris")', "2026-11-18"),
        ("date(kafka.timestamp)", "2026-11-18"),
        ("date(payload.nope)", None),
    ],
)
def test_a_date_may_lie_at_any_time(text: str, value: str | None, scope: Scope) -> None:
    payload = {"d": "2028-01-01", "iso": "2027-05-05T10:00:00Z"}
    given = Scope(payload, scope.kafka, record_ms=_RECORD)
    assert compile_expression(text, Names()).evaluate(given) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('time("18.11.2026 12:06:40", format="%d.%m.%Y %H:%M:%S", zone="Europe/Paris")', _SAME),
        ('time("11/18/2026 06:06:40 -0500", format="%m/%d/%Y %H:%M:%S %z")', _SAME),
        ('time("2026-11-18 11:06:40.5", format="%F %T.%f")', "2026-11-18T11:06:40.5Z"),
        ('time(1795000000, "s", format="%d.%m.%Y")', _SAME),
    ],
)
def test_a_time_is_read_by_a_format(text: str, value: str) -> None:
    read: Any = compile_expression(text, Names()).evaluate(Scope(None, record_ms=_RECORD))
    assert time_text(read) == value


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('date(payload, format="DD.MM.YYYY")', "%d.%m.%Y"),
        ('date(payload, format="dd/mm/yyyy")', "%d/%m/%Y"),
        ("time(payload, format=\"yyyy-MM-dd'T'HH:mm:ss\")", "%Y-%m-%dT%H:%M:%S"),
        ('time(payload, "%d.%m.%Y")', 'format="%d.%m.%Y"'),
        ('date(payload, "DD.MM.YYYY")', 'format="%d.%m.%Y"'),
        ('format_time(kafka.timestamp, "MM/DD/YYYY HH:mm")', "%m/%d/%Y %H:%M"),
        ('date(payload, format="%d.%m")', "%d.%m.%Y, %m/%d/%Y, %Y-%m-%d %H:%M"),
        ('date(payload, format="%d.%d.%m.%Y")', "%d.%m.%Y %H:%M"),
        ('date(payload, format="%G-%V")', "parts that are read: Y y m d H I M S f p B b A a F T z %"),
        ("to_date(payload)", 'date(x), or date(x, format="%d.%m.%Y")'),
    ],
)
def test_a_format_that_cannot_be_used_leads_to_one_that_can(text: str, hint: str) -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression(text, Names())
    assert [refusal.hint for refusal in refused.value.refusals] == [hint]


_LATER = "it lies in the future (more than a day after the record's timestamp); date(x) takes such dates"


@pytest.mark.parametrize(
    ("text", "value", "reason"),
    [
        ('time(payload, "s")', 1_795_000_000_000, "as seconds this is the year 58851: milliseconds?"),
        ('time(payload, "ms")', 1_795_000_000, "as milliseconds this is the year 1970: seconds?"),
        ('date(payload, "s")', 1_795_000_000_000, "as seconds this is the year 58851: milliseconds?"),
        ('time(payload, "days")', 1_795_000_000, "as days this is the year 4916513: seconds?"),
        ("time(payload)", 1_795_000_000_000, 'a number needs its unit: time(x, "ms")'),
        ("date(payload)", 1_795_000_000, 'a number needs its unit: date(x, "s")'),
        ("time(payload)", "2027-05-05", _LATER),
        ("time(payload)", "1998-05-05", "it lies before 2000; date(x) takes any date"),
        ("date(payload)", "18.11.2026", 'this text is no time of ISO 8601 or RFC 2822; format="%d.%m.%Y" reads it'),
        ("date(payload)", "11/18/2026", 'this text is no time of ISO 8601 or RFC 2822; format="%m/%d/%Y" reads it'),
        (
            "date(payload)",
            "1/2/26 10:00",
            'this text is no time of ISO 8601 or RFC 2822; format="%d/%m/%y %H:%M" or "%m/%d/%y %H:%M" reads it',
        ),
        ('date(payload, format="%d.%m.%Y")', "31.2.2026", "the text hasn't the format %d.%m.%Y, or is no such day"),
    ],
)
def test_a_bad_time_names_its_reason_and_its_message_no_value(text: str, value: object, reason: str) -> None:
    with pytest.raises(EvaluationError, match="bad-time") as error:
        compile_expression(text, Names()).evaluate(Scope(value, record_ms=_RECORD))
    assert error.value.reason == reason
    assert not any(sign in error.value.message for sign in ("58851", "1970", "4916513"))
