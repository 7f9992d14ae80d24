"""A case's message: the file's parts, its own in their place, `set` and `unset`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cases.one_mapping import cases, one


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
