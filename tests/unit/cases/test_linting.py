"""Lint looks through mapping files and the cases files beside them."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.cases.linting import lint

MAPPING = """\
version: 1
source: {topics: [t]}
rules:
  - name: paid
    when: {type: paid}
    event:
      {event_type: paid, product_id: "${PRODUCT}", value: 1, influence: positive, insert_id: = payload.id,
       external_user_id: = payload.user}
"""
CASES = """\
version: 1
env: {PRODUCT: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11}
message: {payload: {}}
cases:
  - {name: n, expect: nothing}
"""


def test_findings_of_mappings_and_cases_come_in_the_order_of_files_and_places(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(MAPPING.replace("paid}", "paid, n: {gt: 1}}"))
    (tmp_path / "x_test.yaml").write_text(CASES.replace("expect", "exspect"))
    found = lint([tmp_path], {}).findings
    assert [(Path(each.file).name, each.line, each.code) for each in found] == [
        ("x.yaml", 5, "unknown-operator"),
        ("x_test.yaml", 5, "unknown-key"),
    ]


def test_a_variable_that_the_cases_give_is_known(tmp_path: Path) -> None:
    mapping = tmp_path / "x.yaml"
    mapping.write_text(MAPPING)
    assert [(each.code, each.severity) for each in lint([mapping], {}).findings] == [("unset-env", "warning")]
    (tmp_path / "x_test.yaml").write_text(CASES)
    assert lint([mapping], {}).findings == ()


def test_the_dead_letter_topic_may_not_be_read(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text(MAPPING)
    found = lint([tmp_path], {"PRODUCT": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}, "t").findings
    assert [each.code for each in found] == ["dead-letter-topic"]
