"""A file that didn't change isn't compiled again; one of which anything changed is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from greenflash_kafka.advice.all_advice import advise
from greenflash_kafka.expressions.names import Table
from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded, MappingLoader
from greenflash_kafka.mappings.workspace import Workspace

RULES = """\
version: 1
source: {topics: [orders]}
tables:
  plans: {file: plans.csv}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      product_id: ${PRODUCT}
      influence: positive
      external_user_id: = payload.user
      value: = tables.plans[payload.plan].price
      insert_id: = payload.id
"""
PRODUCT = {"PRODUCT": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "a.yaml").write_text(RULES)
    (tmp_path / "plans.csv").write_text("plan,price\nbig,10\n")
    workspace = Workspace()
    assert _load(tmp_path, workspace).ruleset is not None
    assert _again(tmp_path, workspace) == 0
    return workspace


def _load(folder: Path, workspace: Workspace, env: Mapping[str, str] = PRODUCT) -> Loaded:
    return load([folder], env, strict_env=False, advise=advise, workspace=workspace)


def _again(folder: Path, workspace: Workspace, env: Mapping[str, str] = PRODUCT) -> int:
    """How many files were compiled; they are as they are without a memory."""
    before = workspace.known.compiled
    found, fresh = _load(folder, workspace, env), _load(folder, Workspace(), env)
    assert found.findings == fresh.findings
    assert (found.ruleset and found.ruleset.version) == (fresh.ruleset and fresh.ruleset.version)
    return workspace.known.compiled - before


def test_what_is_not_read_does_not_count(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "other.csv").write_text("x\n")
    assert _again(tmp_path, workspace, {**PRODUCT, "OTHER": "1"}) == 0


def test_its_own_text_counts(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "a.yaml").write_text(RULES.replace("paid", "bought"))
    assert _again(tmp_path, workspace) == 1
    (tmp_path / "a.yaml").write_text(RULES)
    assert _again(tmp_path, workspace) == 0, "the version before is remembered, too"


def test_its_tables_count(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "plans.csv").write_text("plan,price\nbig,11\n")
    assert _again(tmp_path, workspace) == 1
    (tmp_path / "plans.csv").unlink()
    assert _again(tmp_path, workspace) == 1
    (tmp_path / "plains.csv").write_text("plan,price\n")
    assert _again(tmp_path, workspace) == 1, "the finding proposes files that are there"


def test_where_a_table_is_counts_though_its_content_is_the_same(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path.parent / "elsewhere.csv").write_text("plan,price\nbig,10\n")
    (tmp_path / "plans.csv").unlink()
    (tmp_path / "plans.csv").symlink_to(tmp_path.parent / "elsewhere.csv")
    assert _again(tmp_path, workspace) == 1
    found = _load(tmp_path, workspace)
    assert ["lies outside the mapping file's folder" in each.message for each in found.findings] == [True]


def test_its_variables_count(tmp_path: Path, workspace: Workspace) -> None:
    assert _again(tmp_path, workspace, {}) == 1
    assert _again(tmp_path, workspace, {"PRODUCT": "5a1c2f0e-8f0c-4b7e-9d59-0a4d0f5f8a11"}) == 1
    assert load([tmp_path], {}, workspace=workspace).ruleset is None, "what is missing is an error here"
    assert load([tmp_path], PRODUCT, workspace=workspace).ruleset is not None


def test_findings_of_one_load_are_not_those_of_the_next(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "b.yaml").write_text(RULES)
    assert [each.code for each in _load(tmp_path, workspace).findings if each.severity == "error"] == ["duplicate-name"]
    (tmp_path / "b.yaml").unlink()
    assert _load(tmp_path, workspace).findings == ()


def test_tables_that_stand_in_are_nobody_elses(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "plans.csv").unlink()
    loader = MappingLoader(PRODUCT, tables={"plans": Table("plans", ("plan", "price"), {})}, workspace=workspace)
    loader.add([tmp_path])
    assert loader.loaded().ruleset is not None
    assert _load(tmp_path, workspace).ruleset is None, "the file's own table is missing"
