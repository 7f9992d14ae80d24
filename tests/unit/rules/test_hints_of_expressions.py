"""Every hint about an expression of another language leads to one that lint takes without a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.rules.one_mistake import VALUE, changed, findings, said


@pytest.mark.parametrize(
    ("wrong", "form"),
    [
        ("payload.@timestamp", 'payload["@timestamp"]'),
        ("@timestamp", 'payload["@timestamp"]'),
        ("$.seats", "payload.seats"),
        ("$payload.seats", "payload.seats"),
        (".status", "payload.status"),
        ("round(payload.x; 2)", "round(payload.x, 2)"),
        ("IF(payload.a; payload.b; payload.c)", "payload.b if payload.a else payload.c"),
        ("payload.x;", "payload.x"),
        ("payload.a // the total", "payload.a  # the total"),
        ("payload.a -- the total", "payload.a  # the total"),
        ("payload.a /* the total */", "payload.a  # the total"),
        ('replace(payload.x.trim(), ",", ".")', "trim(payload.x)"),
        ('payload.x.replace(",", ".")', 'replace(payload.x, ",", ".")'),
        ("round()", "round(x, n)"),
        ("replace(payload.x)", "replace(x, old, new)"),
        ("sum(x.price for x in payload.lines)", "sum([x.price for x in payload.lines])"),
        ("payload.a * 1,2", "payload.a * 1.2"),
        ("payload.a * 10%", "payload.a * 0.1"),
        ("payload.a + 1 000", "payload.a + 1000"),
        ("payload.a + 1_000", "payload.a + 1000"),
        ("round(payload.a 2)", "round(payload.a, 2)"),
        ('coalesce(payload.a "x")', 'coalesce(payload.a, "x")'),
        ("payload.a\u00a0+ 1", "payload.a + 1"),
        ("payload.a – 1", "-"),
        ("payload.a × 2", "*"),
        ('format_time(time(payload.at), "%H", zone="CEST")', "Europe/Berlin"),
        ('format_time(time(payload.at), "%H", zone="PDT")', "America/Los_Angeles"),
        ('format_time(time(payload.at), "%H", zone="Berlin")', "Europe/Berlin"),
        ("days_between(payload.a, payload.b) > 30 days", "days_between(a, b) > 30"),
    ],
)
def test_following_the_hint_gives_an_expression_without_findings(tmp_path: Path, wrong: str, form: str) -> None:
    (told,) = findings(tmp_path, changed(VALUE, f"value: = {wrong}"))
    assert told.line == 12
    assert form in (told.hint or ""), said(told)
    if "payload" in form and "." in form and "payload.x.trim" not in wrong:
        assert findings(tmp_path, changed(VALUE, f"value: = {told.hint}")) == ()


def test_a_variable_of_the_environment_stands_without_equals(tmp_path: Path) -> None:
    (told,) = findings(tmp_path, changed(VALUE, "value: = ${NAME}"))
    assert told.hint == "${NAME}"


def test_a_let_below_is_moved_up(tmp_path: Path) -> None:
    lets = "let:\n  a: = b\n  b: = payload.x\nname: paid"
    (told,) = findings(tmp_path, changed("name: paid", lets))
    assert (told.line, told.hint) == (5, "`b` stands below: move it above the line that uses it")
