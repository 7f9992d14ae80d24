"""`expect` in all its forms."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cases.case import ExpectedProblem
from tests.unit.cases.one_mapping import cases


def test_problems_in_every_form(tmp_path: Path) -> None:
    file, findings = cases(
        tmp_path,
        """\
        version: 1
        message: {payload: {}}
        cases:
          - {name: a, expect: {invalid: missing, rule: paid, field: value}}
          - name: b
            expect: {events: [{event_type: x}], invalid: [{code: bad-money, rule: paid, item: 3, field: value}]}
          - {name: c, expect: {invalid: [bad-time, missing]}}
        """,
    )
    assert findings == ()
    assert file is not None
    assert file.cases[0].invalid == (ExpectedProblem("missing", "paid", None, "value"),)
    assert file.cases[1].invalid == (ExpectedProblem("bad-money", "paid", 3, "value"),)
    assert file.cases[1].events[0].fields == {"event_type": "x"}
    assert [each.code for each in file.cases[2].invalid] == ["bad-time", "missing"]


def test_an_expected_event_starts_from_the_files(tmp_path: Path) -> None:
    file, findings = cases(
        tmp_path,
        """\
        version: 1
        message: {payload: {}}
        event: {event_type: e, value: "1", properties: {a: 1, b: {c: 2}}}
        cases:
          - name: n
            expect:
              - {}
              - {properties.a: x, 'properties["b"].c': 3, insert_id: record, unset: [value]}
              - {properties: {z: 1}, quality_impact_score: 0.5}
        """,
    )
    assert findings == ()
    assert file is not None
    first, second, third = file.cases[0].events
    assert first.fields == {"event_type": "e", "value": "1", "properties": {"a": 1, "b": {"c": 2}}}
    assert second.fields["properties"] == {"a": "x", "b": {"c": 3}}
    assert second.from_record
    assert "value" not in second.fields
    assert second.absent == {"value"}
    assert third.fields["properties"] == {"a": 1, "b": {"c": 2}, "z": 1}
    assert str(third.fields["quality_impact_score"]) == "0.5"


@pytest.mark.parametrize(
    ("expect", "code", "words"),
    [
        ("nothin", "bad-literal", "`nothing`"),
        ("[{evnt_type: x}]", "unknown-key", "event_type"),
        ("[{value: 149.5}]", "wrong-type", '"149.5"'),
        ("[{event_at: 5}]", "wrong-type", '"5"'),
        ("[{unset: [properteis.a]}]", "unknown-name", "properties"),
        ("[{user_id: null}]", "bad-literal", "unset: [user_id]"),
        ("{invalid: bad-mony}", "unknown-name", "bad-money"),
        ("{invalid: missing, rule: piad}", "unknown-name", "paid"),
        ("{invalid: missing, field: valeu}", "unknown-name", "value"),
        ("{invalid: [{rule: paid}]}", "missing-key", "code"),
        ("{evnts: []}", "unknown-key", "events"),
    ],
)
def test_faults_of_an_expectation_have_their_place(tmp_path: Path, expect: str, code: str, words: str) -> None:
    _, findings = cases(
        tmp_path, f"version: 1\nmessage: {{payload: {{}}}}\ncases:\n  - name: n\n    expect: {expect}\n"
    )
    assert findings[0].code == code
    assert words in findings[0].message + findings[0].hint
    assert findings[0].line == 5
