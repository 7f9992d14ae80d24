"""Samples, their snapshots, checks over all events, and what is said when nothing tests a rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cases.suite import SuiteResults, run_suite

RULES = """\
version: 1
source: {topics: [TOPIC]}
defaults: {product_id: "${PRODUCT}", external_user_id: = payload.user, insert_id: = payload.id}
rules:
  - name: NAME
    when: {type: paid}
    event: {event_type: paid, influence: positive, value: = payload.cents, properties: {plan: = payload.plan}}
"""
PAID = '{"type": "paid", "id": "o-1", "user": "u-1", "cents": 14900, "plan": "Pro"}'
SNAPSHOT = """\
# Written by `greenflash-kafka test --update`: review its changes, don't edit it.
outcome: mapped
matched:
  - paid
events:
  - rule: paid
    sent:
      eventType: paid
      productId: "00000000-0000-0000-0000-000000000000"
      value: "14900"
      valueType: numeric
      influence: positive
      externalUserId: u-1
      eventAt: "2026-01-01T00:00:00Z"
      properties:
        plan: Pro
      insertId: "paid:o-1"
"""


def rules(folder: Path, name: str = "shop", topic: str = "shop.orders", rule: str = "paid") -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(RULES.replace("TOPIC", topic).replace("NAME", rule))
    return file


def sample(folder: Path, name: str, text: str = PAID) -> Path:
    file = folder / "samples" / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def failed(results: SuiteResults) -> dict[str, str]:
    return {each.name: each.difference for each in results.results if not each.passed}


def test_a_sample_without_a_snapshot_fails_and_update_writes_it(tmp_path: Path) -> None:
    rules(tmp_path)
    file = sample(tmp_path, "paid.json")
    results = run_suite([tmp_path])
    assert not results.passed
    assert "test --update" in failed(results)["sample paid.json"]
    updated = run_suite([tmp_path], update=True)
    assert updated.passed
    kept = file.with_name("paid.events.yaml")
    assert updated.written == (f"{kept}: mapped",)
    assert kept.read_text() == SNAPSHOT
    again = run_suite([tmp_path], update=True)
    assert (again.passed, again.written, again.without_cases) == (True, (), ())
    kept.write_bytes(SNAPSHOT.replace("\n", "\r\n").encode())
    assert run_suite([tmp_path]).passed


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("value: = payload.cents", "value: = payload.cents + 1", '-      value: "14900"\n+      value: "14901"'),
        ("influence: positive", "influence: negative", "+      influence: negative"),
        ("plan: = payload.plan", "plan: = payload.pln", "+left_out:\n+  - rule: paid\n+    field: properties.plan"),
        ("plan: = payload.plan", "plan: = payload.plan, x: 1", "+        x: 1"),
        ("type: paid", "type: Paid", "+outcome: filtered"),
        ("value: = payload.cents", "value: = payload.cent", "+problems:\n+  - code: missing"),
    ],
)
def test_a_changed_rule_is_a_difference(tmp_path: Path, before: str, after: str, shown: str) -> None:
    file = rules(tmp_path)
    sample(tmp_path, "paid.json")
    assert run_suite([tmp_path], update=True).passed
    file.write_text(file.read_text().replace(before, after))
    results = run_suite([tmp_path])
    assert not results.passed
    assert shown in failed(results)["sample paid.json"]


def test_a_sample_is_from_the_topic_that_its_folder_or_name_says(tmp_path: Path) -> None:
    rules(tmp_path)
    rules(tmp_path, "crm", "crm.deals", "won")
    for name in ("shop_a.json", "shop/b.json", "crm.deals/c.json", "crm.json"):
        sample(tmp_path, name)
    sample(tmp_path, "other.json")
    results = run_suite([tmp_path], update=True)
    said = failed(results)
    assert list(said) == ["sample other.json"]
    assert "crm.deals, shop.orders" in said["sample other.json"]
    assert "samples/x/" in said["sample other.json"]
    ruled = {
        file.name: "rule: won" if "won" in file.read_text() else "rule: paid"
        for file in tmp_path.rglob("*.events.yaml")
    }
    assert ruled == {
        "shop_a.events.yaml": "rule: paid",
        "b.events.yaml": "rule: paid",
        "c.events.yaml": "rule: won",
        "crm.events.yaml": "rule: won",
    }
    only = run_suite([tmp_path / "shop.yaml"])
    assert sorted(each.name for each in only.results) == ["sample b.json", "sample shop_a.json"]


CASES = """\
version: 1
env: {PRODUCT: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11}
message: {key: k, file: samples/paid.json}
cases:
  - {name: paid, expect: [{value: "14900"}]}
"""


def test_a_sample_that_a_case_names_needs_no_snapshot(tmp_path: Path) -> None:
    rules(tmp_path)
    sample(tmp_path, "paid.json")
    (tmp_path / "shop_test.yaml").write_text(CASES)
    results = run_suite([tmp_path])
    assert (results.passed, [each.name for each in results.results]) == (True, ["paid"])
    assert run_suite([tmp_path], update=True).passed
    text = (tmp_path / "samples/paid.events.yaml").read_text()
    assert 'productId: "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"' in text or "productId: 3f6f" in text
    assert [each.name for each in run_suite([tmp_path]).results] == ["paid", "sample paid.json"]


def test_a_snapshot_without_its_sample_is_a_failure_and_update_removes_it(tmp_path: Path) -> None:
    rules(tmp_path)
    file = sample(tmp_path, "paid.json")
    sample(tmp_path, "other.json", "{}")
    run_suite([tmp_path], update=True)
    file.unlink()
    assert "there is no sample paid.json" in failed(run_suite([tmp_path]))["sample paid.events.yaml"]
    assert run_suite([tmp_path], update=True).passed
    assert [each.name for each in (tmp_path / "samples").iterdir() if "paid" in each.name] == []


def test_broken_rules_are_a_failure_and_write_nothing(tmp_path: Path) -> None:
    rules(tmp_path).write_text("version: 1\nsource: {topics: [t]}\nrules: [{name: x}]\n")
    sample(tmp_path, "paid.json")
    results = run_suite([tmp_path], update=True)
    assert not results.passed
    assert results.findings
    assert list(tmp_path.rglob("*.events.yaml")) == []


@pytest.mark.parametrize(
    ("checks", "shown"),
    [
        ("{unique: insert_id}", 'sample twice.json: event of paid: `insert_id` is "paid:o-1", as of an event of'),
        ("{unique: [value, insert_id]}", "sample"),
        ("{not_null: [value, external_user_id]}", "sample nobody.json: event of paid: it has no `external_user_id`"),
        ("{not_null: properties.plan}", "it has no `properties.plan`"),
        ("{one_of: {event_type: [signed_up, bought]}}", '`event_type` is "paid", none of "signed_up", "bought"'),
        ("{one_of: {event_type: [paid], properties.plan: [Pro]}}", ""),
        ("{not_null: [value, insert_id], rules: [paid]}", ""),
    ],
)
def test_a_check_looks_at_all_events_of_cases_and_samples(tmp_path: Path, checks: str, shown: str) -> None:
    rules(tmp_path)
    sample(tmp_path, "paid.json")
    sample(tmp_path, "twice.json")
    sample(tmp_path, "nobody.json", '{"type": "paid", "id": "o-2", "cents": 1}')
    (tmp_path / "shop_test.yaml").write_text(CASES.replace("cases:", f"checks: [{checks}]\ncases:"))
    results = run_suite([tmp_path], update=True)
    assert results.findings == ()
    said = "\n".join(failed(results).values())
    assert shown in said.replace(f"{tmp_path}/samples/", "sample ")
    assert results.passed == (not shown)


@pytest.mark.parametrize(
    ("checks", "code"),
    [
        ("{unique: insert}", "unknown-name"),
        ("{not_nul: value}", "unknown-key"),
        ("{one_of: {even_type: [a]}}", "unknown-name"),
        ("{one_of: [a]}", "wrong-type"),
        ("{unique: value, rules: [payd]}", "unknown-name"),
        ("{rules: [paid]}", "missing-key"),
    ],
)
def test_a_check_that_cannot_be_meant_is_a_finding(tmp_path: Path, checks: str, code: str) -> None:
    rules(tmp_path)
    sample(tmp_path, "paid.json")
    (tmp_path / "shop_test.yaml").write_text(CASES.replace("cases:", f"checks: [{checks}]\ncases:"))
    found = run_suite([tmp_path]).findings
    assert [(each.code, bool(each.hint)) for each in found] == [(code, True)]


@pytest.mark.parametrize(
    "name",
    [
        *("shop_tests.yaml", "test_shop.yaml", "shop.test.yaml", "shop-test.yml", "shop_cases.yaml", "shop.cases.yaml"),
        *("shopTest.yaml", "tests-shop.yaml", "shop_spec.yaml", "cases.yaml"),
    ],
)
def test_a_cases_file_by_another_name_is_found(tmp_path: Path, name: str) -> None:
    rules(tmp_path)
    (tmp_path / name).write_text(CASES)
    results = run_suite([tmp_path])
    assert not results.passed
    assert [(each.code, each.hint) for each in results.findings] == [("misnamed-cases", "rename it: shop_test.yaml")]
    assert results.nothing
    assert results.without_cases == (str(tmp_path / "shop.yaml"),)


def test_nothing_that_runs_is_a_failure_and_says_what_was_looked_for(tmp_path: Path) -> None:
    rules(tmp_path)
    results = run_suite([tmp_path])
    assert not results.passed
    assert "x_test.yaml beside x.yaml" in results.nothing
    assert str(tmp_path) in results.nothing
    (tmp_path / "shop_test.yml").write_text(CASES)
    sample(tmp_path, "paid.json")
    assert run_suite([tmp_path]).passed
    assert "no case or sample" in run_suite([tmp_path], "no such").nothing


def test_strict_finds_a_rule_that_nothing_matches_or_is_refused_by(tmp_path: Path) -> None:
    file = rules(tmp_path)
    file.write_text(file.read_text() + "  - {name: other, when: {type: other}, event: {event_type: other, value: 1}}\n")
    sample(tmp_path, "paid.json")
    assert run_suite([tmp_path], update=True).passed
    found = run_suite([tmp_path], strict=True).findings
    assert [(each.where, each.code) for each in found] == [
        (f"{file}:5:5", "untested-rule"),
        (f"{file}:8:5", "untested-rule"),
    ]
    assert "no case or sample is refused by it" in found[0].message
    assert "no case or sample matches it" in found[1].message
    sample(tmp_path, "other.json", PAID.replace('"paid"', '"other"'))
    assert run_suite([tmp_path], update=True, strict=True).passed
