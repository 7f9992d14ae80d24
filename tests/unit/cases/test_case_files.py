"""Cases files: what they say, and every fault in them at its place."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.cases.case_files import find, read
from greenflash_kafka.documents.findings import FileReport
from tests.unit.cases.one_mapping import cases, one


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
        (8, "missing-key"),
        (8, "duplicate-name"),
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


def test_a_list_of_cases_alone_is_told_where_it_belongs(tmp_path: Path) -> None:
    file = tmp_path / "shop_test.yaml"
    file.write_text("- name: as `try --case` prints it\n  expect: nothing\n")
    report = FileReport(str(file))
    assert read(file, report) is None
    (found,) = report.findings
    assert (found.line, found.code) == (1, "wrong-type")
    assert "`cases:`" in found.hint
