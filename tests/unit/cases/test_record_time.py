"""The timestamp of a record without one: its event's own, so that a case refuses what production refuses."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cases.case_runner import run

RULES = """\
version: 1
source: {topics: [crm.deals]}
rules:
  - name: deal_won
    when: {stage: won}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: "1"
      insert_id: = payload.id
      event_at: = time(payload.changed, "ms")
      properties: {closes: = time(payload.close)}
"""
CASES = """\
version: 1
message: {payload: {id: d-1, stage: won, changed: 1652977934000, close: CLOSE}TIMESTAMP}
cases:
  - name: a deal
    expect:
      - event_type: upgrade_purchased
        product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
        influence: positive
        value: "1"
        value_type: text
        insert_id: upgrade_purchased:d-1
        event_at: 2022-05-19T16:32:14Z
        properties: {closes: "2022-05-CLOSET00:00:00Z"}
"""


@pytest.mark.parametrize(
    ("day", "timestamp", "passes"),
    [("18", "", True), ("31", "", False), ("31", ", timestamp: 2022-05-30T12:00:00Z", True)],
)
def test_a_date_in_the_future_is_left_out_in_a_case_as_in_production(
    tmp_path: Path, day: str, timestamp: str, passes: bool
) -> None:
    (tmp_path / "a.yaml").write_text(RULES)
    cases = CASES.replace("TIMESTAMP", timestamp).replace("-CLOSET", f"-{day}T").replace("CLOSE", f'"2022-05-{day}"')
    (tmp_path / "a_test.yaml").write_text(cases)
    found = run([tmp_path])
    assert not found.findings, found.findings
    (result,) = found.results
    assert result.passed == passes, result.difference
    if not passes:
        assert '-  properties.closes: "2022-05-31T00:00:00Z"' in result.difference
        assert "left out, event is still sent:" in result.difference
        assert "in the future: 2022-05-31T00:00:00Z is more than a day after the record's own 2022-05-19T16:32:14Z" in (
            result.difference
        )


def test_a_case_that_fails_says_what_each_line_found(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULES.replace("stage: won", "stage: Won"))
    (tmp_path / "a_test.yaml").write_text(
        CASES.replace("TIMESTAMP", "").replace("-CLOSET", "-18T").replace("CLOSE", "x")
    )
    (result,) = run([tmp_path]).results
    assert "why:\n  deal_won: failed\n" in result.difference
    assert 'a.yaml:5:12: stage: expected Won, found "won"' in result.difference


def test_nothing_came_for_another_reason(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(RULES.replace("stage: won", "stage: won, size: {above: 5}"))
    case = (
        "version: 1\ncases:\n  - {name: a, message: {payload: {id: 1, stage: won}}, expect: nothing, because: stage}\n"
    )
    (tmp_path / "a_test.yaml").write_text(case)
    (result,) = run([tmp_path]).results
    assert "nothing came, but not because of `stage`:" in result.difference
    assert "size: no such field (the message has id, stage), expected more than 5" in result.difference
