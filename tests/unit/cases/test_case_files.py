"""Cases files: what they say, and every fault in them at its place."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from greenflash_kafka.cases.case_files import find, read
from greenflash_kafka.cases.case_spec import CasesFile, ExpectedProblem
from greenflash_kafka.rules.findings import FileReport, Finding

MAPPING = """\
version: 1
source: {topics: [shop.orders]}
tables: {plans: {a: {name: A}}}
rules:
  - name: paid
    when: {type: paid}
    event: {event_type: paid, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, value: 1, influence: positive}
"""


def cases(folder: Path, text: str) -> tuple[CasesFile | None, tuple[Finding, ...]]:
    (folder / "x.yaml").write_text(MAPPING)
    file = folder / "x_test.yaml"
    file.write_text(dedent(text))
    report = FileReport(str(file))
    return read(file, report), report.findings


def one(folder: Path, case: str) -> tuple[CasesFile, tuple[Finding, ...]]:
    file, findings = cases(
        folder,
        f"version: 1\nmessage: {{payload: {{a: 1, list: [1]}}}}\ncases:\n  - {{name: n, expect: nothing, {case}}}\n",
    )
    assert file is not None
    return file, findings


def test_a_message_is_the_files_with_the_cases_own_parts(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_bytes(b'{"price": 1.10}\n')
    file, findings = cases(
        tmp_path,
        """\
        version: 1
        message:
          topic: t
          key: {id: 1}
          headers: {a: b, empty: null}
          timestamp: "2026-11-18T12:06:41.5+01:00"
          partition: 3
          payload: {price: 12.99, user.id: x}
        cases:
          - {name: as it is, expect: nothing}
          - {name: changed, set: {price: null, "new.deep": [1]}, unset: ['["user.id"]'], expect: nothing}
          - {name: a tombstone, message: {payload: null, key: k}, expect: nothing}
          - {name: raw, message: {raw: "{"}, expect: nothing}
          - {name: a file, message: {file: m.json}, expect: nothing}
          - {name: a changed file, message: {file: m.json}, set: {price: 2}, expect: nothing}
        """,
    )
    assert findings == ()
    assert file is not None
    first, changed, tombstone, raw, plain, changed_file = (case.message for case in file.cases)
    assert (first.topic, first.partition, first.offset) == ("t", 3, 0)
    assert first.key == b'{"id":1}'
    assert first.headers == (("a", b"b"), ("empty", None))
    assert first.timestamp_ms == 1795000001500
    assert first.value == b'{"price":12.99,"user.id":"x"}'
    assert changed.value == b'{"price":null,"new":{"deep":[1]}}'
    assert (tombstone.value, tombstone.key) == (None, b"k")
    assert raw.value == b"{"
    assert plain.value == b'{"price": 1.10}\n'
    assert changed_file.value == b'{"price":2}'


def test_the_topic_is_the_mappings_when_it_reads_one(tmp_path: Path) -> None:
    file, findings = one(tmp_path, "because: type")
    assert findings == ()
    assert file.cases[0].message.topic == "shop.orders"
    assert file.cases[0].message.timestamp_type == "none"


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
    assert third.fields["properties"] == {"z": 1}
    assert str(third.fields["quality_impact_score"]) == "0.5"


@pytest.mark.parametrize(
    ("case", "code", "words"),
    [
        ("exspect: nothing", "unknown-key", "did you mean expect?"),
        ("message: {payloat: 1}", "unknown-key", "did you mean payload?"),
        ("message: {payload: 1, raw: x}", "missing-key", "two of"),
        ("message: {timestamp: soon}", "bad-time", "timestamp"),
        ("message: {partition: -1}", "wrong-type", "whole number"),
        ("message: {file: none.json}", "unreadable-file", "none.json"),
        ("message: {headers: {a: 1}}", "wrong-type", '"1"'),
        ("set: {list.x: 1}", "bad-path", "list.x"),
        ("set: {kafka.key: 1}", "bad-path", "payload.kafka.key"),
        ("set: {a-b: 1}", "bad-path", 'payload["a-b"]'),
        ("set: {a: 1.10}", "bad-number", "1.1"),
        ("unset: a", "wrong-type", "list"),
    ],
)
def test_faults_of_a_message_have_their_place(tmp_path: Path, case: str, code: str, words: str) -> None:
    _, findings = one(tmp_path, case)
    assert [each.code for each in findings] == [code], findings
    assert words in findings[0].message + findings[0].hint
    assert findings[0].line == 4


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


def test_faults_of_the_file_itself(tmp_path: Path) -> None:
    _, findings = cases(
        tmp_path,
        """\
        version: 2
        mapping: y.yaml
        env: {A: 1}
        tables: {plants: {}}
        caess: []
        cases:
          - {name: n, expect: nothing, message: {topic: t, payload: 1}}
          - {name: n, message: {topic: t, payload: 1}}
          - {expect: nothing, because: 5, message: {topic: t, payload: 1}}
        """,
    )
    assert [(each.line, each.code) for each in findings] == [
        (1, "bad-literal"),
        (2, "unreadable-file"),
        (3, "wrong-type"),
        (5, "unknown-key"),
        (8, "duplicate-name"),
        (8, "missing-key"),
        (9, "missing-key"),
        (9, "wrong-type"),
    ]


def test_an_unknown_table_is_a_finding(tmp_path: Path) -> None:
    _, findings = cases(tmp_path, "version: 1\ntables: {plants: {}}\ncases: []\n")
    assert [(each.line, each.code, each.hint) for each in findings] == [(2, "unknown-name", "did you mean plans?")]


def test_which_files_are_cases(tmp_path: Path) -> None:
    for name in ("a.yaml", "a_test.yaml", "b.yaml", "sub/c_test.yml", ".hidden/d_test.yaml"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert find([tmp_path]) == [tmp_path / "a_test.yaml", tmp_path / "sub/c_test.yml"]
    assert find([tmp_path / "a.yaml", tmp_path / "a_test.yaml"]) == [tmp_path / "a_test.yaml"]
    assert find([tmp_path / "b.yaml"]) == []


def test_because_must_be_a_condition_of_the_mapping(tmp_path: Path) -> None:
    _, findings = one(tmp_path, "because: typ")
    assert [(each.code, each.hint) for each in findings] == [("unknown-name", "did you mean type?")]
