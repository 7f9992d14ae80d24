"""Cases are run by the production engine: the whole form passes, and each expectation fails when it should."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from greenflash_kafka.cases.case_runner import run

PAGE = Path(__file__).parents[2] / "cases" / "mappings"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(PAGE / "stripe.yaml", tmp_path)
    shutil.copy(PAGE / "stripe_test.yaml", tmp_path)
    return tmp_path


def change(folder: Path, before: str, after: str) -> None:
    file = folder / "stripe_test.yaml"
    text = file.read_text()
    assert text.count(before) >= 1, before
    file.write_text(text.replace(before, after, 1))


def test_the_whole_form_passes(folder: Path) -> None:
    results = run([folder])
    assert [each.difference for each in results.results if not each.passed] == []
    assert results.findings == ()
    assert len(results.results) == 12
    assert results.passed
    first = results.results[0]
    assert (first.name, first.line, first.column) == ("a more expensive plan is an upgrade", 39, 5)


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("  value_type: currency\n", "  value_type: text\n", "+  value_type:"),
        ('value: "149.50"', 'value: "149.5"', '-  value: "149.5"'),
        ("influence: positive", "influence: negative", '+  influence: "positive"'),
        ("plan: Pro, source", "plan: Pro, tier: 1, source", "-  properties.tier: 1"),
        ("currency: USD, plan", "plan", '+  properties.currency: "USD"'),
        ('event_at: "2026-11-18T11:06:40Z" ', 'event_at: "2026-11-18T11:06:41Z" ', "-  event_at"),
        ("insert_id: upgrade_purchased:evt_1", "insert_id: record", "-  insert_id"),
        ("expect: [{}]", "expect: nothing", "-nothing"),
        ("expect: [{}]", "expect: [{}, {}]", "-event 2:"),
        ("expect: [{}]", "expect: {invalid: missing}", "-invalid: missing"),
        ("expect: [{}]", "expect: {events: [{}], invalid: [missing]}", "-invalid: missing"),
        ('- {value: "1200", properties.currency: JPY}', '- {value: "1200"}', '-  properties.currency: "USD"'),
        ("because: livemode", "because: type", "but not because of `type`"),
        ("because: data.object.plan.amount   ", "because: livemode   ", "data.object.plan.amount"),
        ("- unset: [external_user_id, properties.plan]", "- unset: [external_user_id]", "-  properties.plan"),
        ("invalid: bad-money, rule", "invalid: missing, rule", "-invalid: missing"),
        (
            "invalid: bad-money, rule: upgrade_purchased, field: value",
            "invalid: bad-money, field: event_at",
            "event_at",
        ),
        ("invalid: bad-money, rule: upgrade_purchased, field: value", "invalid: bad-money, item: 0", "item: 0"),
        ("expect: {invalid: bad-payload}", "expect: nothing", "+invalid: bad-payload"),
        ("message: {payload: null}\n    expect: nothing", "message: {payload: null}\n    expect: [{}]", "+nothing"),
    ],
)
def test_each_expectation_fails_when_it_should(folder: Path, before: str, after: str, shown: str) -> None:
    change(folder, before, after)
    results = run([folder])
    failed = [each for each in results.results if not each.passed]
    assert failed, results.findings
    assert not results.passed
    assert any(shown in each.difference for each in failed), failed[0].difference


def test_the_machines_own_variables_are_never_read(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENFLASH_PRODUCT_ID", "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11")
    change(folder, "  GREENFLASH_PRODUCT_ID: 3f", "  OTHER: 3f")
    results = run([folder])
    assert results.results == ()
    assert not results.passed
    finding = results.findings[0]
    assert (Path(finding.file).name, finding.code) == ("stripe_test.yaml", "missing-env")
    assert "env:" in finding.hint


def test_a_mapping_with_errors_is_a_failure_and_says_where(folder: Path) -> None:
    (folder / "stripe.yaml").write_text((folder / "stripe.yaml").read_text().replace("rules:", "ruels:"))
    results = run([folder])
    assert not results.passed
    assert any(Path(each.file).name == "stripe.yaml" and each.hint for each in results.findings)


def test_mappings_without_cases_are_named_and_no_failure(folder: Path) -> None:
    (folder / "stripe_test.yaml").unlink()
    results = run([folder])
    assert results.without_cases == (str(folder / "stripe.yaml"),)
    assert results.passed


def test_only_wanted_cases_run(folder: Path) -> None:
    assert [each.name for each in run([folder], lambda name: "yen" in name).results] == ["yen have no cents"]


MANY = """\
version: 1
source: {topics: [shop.orders]}
tables: {names: {p1: {name: from the mapping}}}
each: payload.lines
defaults: {event_type: bought, product_id: "${PRODUCT}", influence: positive, value_type: text}
rules:
  - name: bought
    when: {item.sku: {exists: true}}
    event: {value: "= tables.names[item.sku].name", external_user_id: = kafka.key, properties: {user: = hash(item.sku)}}
  - name: dear
    when: {item.price: {above: 100}}
    event: {event_type: dear, value: = text(item.price), insert_id: "= join([payload.id, item.sku], '-')"}
"""
MANY_CASES = """\
version: 1
env: {PRODUCT: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11}
tables: {names: {p1: {name: from the cases}}}
message:
  key: {id: 1}
  timestamp: "2026-01-01T00:00:00Z"
  payload: {id: o1, lines: [{sku: p1, price: 1}, {sku: p2, price: 200.5}]}
event:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  influence: positive
  value_type: text
  event_at: "2026-01-01T00:00:00Z"
cases:
  - name: good and bad together, several events, a table of the cases' own, ids from the record
    expect:
      events:
        - event_type: bought
          value: from the cases
          external_user_id: '{"id":1}'
          insert_id: record
          properties: {user: HASH}
        - {event_type: dear, value: "200.5", insert_id: dear:o1-p2}
      invalid: [{code: missing, rule: bought, item: 1, field: value}]
"""


def test_several_events_good_and_bad_with_tables_and_hash(tmp_path: Path) -> None:
    import hashlib
    import hmac

    digest = hmac.new(b"greenflash-kafka", b"p1", hashlib.sha256).hexdigest()
    (tmp_path / "many.yaml").write_text(MANY)
    (tmp_path / "many_test.yaml").write_text(MANY_CASES.replace("HASH", digest))
    results = run([tmp_path])
    assert results.findings == ()
    assert [each.difference for each in results.results] == [""]
