"""`catalog` over the shipped mappings and small ones, as somebody from finance reads it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from greenflash_kafka.cli.catalog_sheet import COLUMNS, safe
from greenflash_kafka.cli.main import run
from tests.unit.tracking.conftest import PLAN, RULES

ROOT = Path(__file__).parents[3]


@pytest.fixture(name="planned")
def a_planned_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings/events.yaml").write_text(PLAN)
    (tmp_path / "mappings/a.yaml").write_text(RULES)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mappings"


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.usefixtures("planned")
def test_a_page_says_what_each_type_means_and_how_it_comes_about(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["catalog"]) == 0
    page = capfd.readouterr().out
    for line in (
        "| `upgrade_purchased` | A customer pays for more. | billing team | positive | an amount of money (EUR) "
        "| `r` |",
        "| `usage_logged` | Something that is counted was used. |  | neutral | a count of tokens "
        "| no rule gives it yet |",
        "| `email` | Who bought it. |  | yes | not yet |",
        "**Deprecated since 2026-11-01.** Use `upgrade_purchased`. It means the same.",
        "- When `type` is `paid`",
        '- Value: `money_major(payload.total, "EUR")`',
        "- Unique by: `payload.id`",
        "- Written in: mappings/a.yaml:9",
    ):
        assert line in page.splitlines()


def test_a_rule_that_isnt_planned_is_listed_too(planned: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (planned / "events.yaml").unlink()
    assert run(["catalog", "mappings"]) == 0
    page = capfd.readouterr().out
    assert "| `upgrade_purchased` | not in the plan |  | positive |  | `r` |" in page
    assert "The tracking plan doesn't have this event type." in page
    (planned / "a.yaml").write_text(RULES.replace("upgrade_purchased\n      product", "= payload.kind\n      product"))
    assert run(["catalog", "mappings"]) == 0
    assert "## Event types that come from the message" in capfd.readouterr().out


def test_names_links_and_times_of_validity_are_in_words(planned: Path, capfd: pytest.CaptureFixture[str]) -> None:
    more = """\
    valid: {from: 2026-01-01, zone: Europe/Paris}
    link: {lookback: 7d, touch: single, to: chat}
    draft: true
    sample: {by: payload.user, rate: 0.1, revenue: true}
    let:
      total: = payload.total
    where: >-
      total > 1 and
      total < 5
    event:
"""
    (planned / "a.yaml").write_text(RULES.replace("    event:\n", more))
    assert run(["catalog"]) == 0
    page = capfd.readouterr().out
    assert "  - `total > 1 and total < 5` is true" in page
    assert "**A draft: it is evaluated, and never sent.**" in page
    assert "- Sampling: a part of 0.1 is sent, always of the same `payload.user`" in page
    assert "- With `total` = `payload.total`" in page
    assert "- Valid: from 2025-12-31 23:00 UTC" in page
    assert "- Linked to: the only conversation of the same `external_user_id` in `chat`, at most 7 days before" in page


@pytest.mark.usefixtures("planned")
def test_a_sheet_has_one_line_a_rule_and_one_for_a_type_without(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["catalog", "--format", "csv", "--output", "sheet.csv"]) == 0
    assert "1 rule and 3 event types are in sheet.csv." in capfd.readouterr().out
    text = Path("sheet.csv").read_bytes().decode()
    assert text.count("\r\n") == 4
    found = rows(text)
    assert [(each["event_type"], each["rule"], each["planned"]) for each in found] == [
        ("upgrade_purchased", "r", "yes"),
        ("usage_logged", "(no rule)", "yes"),
        ("order_paid", "(no rule)", "yes"),
    ]
    assert found[0]["value_unit"] == "EUR"
    assert found[2]["deprecated"] == "since 2026-11-01, use upgrade_purchased"
    assert all(set(each) == set(COLUMNS) for each in found)


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert safe(cell) == f"'{cell}"


def test_a_formula_in_a_rule_stays_text(planned: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (planned / "a.yaml").write_text(RULES.replace("    when:", '    description: "=cmd|calc"\n    when:'))
    (planned / "events.yaml").write_text(PLAN.replace("A customer pays for more.", '"-2+3"'))
    assert run(["catalog", "--format", "csv"]) in (0, 1)
    for each in rows(capfd.readouterr().out):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in each.values())


def test_the_shipped_mappings_give_the_same_text_each_time(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    for form in ("markdown", "csv"):
        assert run(["catalog", "--format", form]) == 0
        first = capfd.readouterr().out
        assert run(["catalog", "--format", form]) == 0
        assert capfd.readouterr().out == first
        assert "stripe_upgrade" in first
        assert "not in the plan" not in first
        assert "no rule gives it yet" not in first


def test_errors_of_the_rules_come_first(planned: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (planned / "a.yaml").write_text(RULES.replace("version: 1", "version: 2"))
    assert run(["catalog"]) == 1
    said = capfd.readouterr()
    assert said.out == ""
    assert "write version: 1" in said.err
