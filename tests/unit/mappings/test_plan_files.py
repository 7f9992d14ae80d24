"""Which files are tracking plans, and which plans hold for the paths that are given."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.loading import load
from greenflash_kafka.mappings.mapping_files import mapping_files
from greenflash_kafka.mappings.plan_files import plan_files
from tests.unit.tracking.conftest import PLAN, RULES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mappings/shop").mkdir(parents=True)
    (tmp_path / "mappings/events.yaml").write_text(PLAN)
    (tmp_path / "mappings/shop/a.yaml").write_text(RULES)
    return tmp_path / "mappings"


@pytest.mark.parametrize("given", [".", "shop", "shop/a.yaml", "events.yaml"])
def test_a_plan_holds_for_its_folder_and_what_is_right_below(folder: Path, given: str) -> None:
    assert [each.resolve() for each in plan_files([folder / given])] == [folder / "events.yaml"]


def test_a_plan_is_no_mapping_file(folder: Path) -> None:
    assert [path.name for path, _ in mapping_files([folder])] == ["a.yaml"]
    assert list(mapping_files([folder / "events.yaml"])) == []
    assert lint([folder / "events.yaml"], {}).findings == ()


def test_a_folder_of_a_plan_alone_has_no_mapping_file(folder: Path) -> None:
    (folder / "shop/a.yaml").unlink()
    assert [each.code for each in lint([folder], {}).findings] == ["no-mappings"]


def test_a_mapping_file_may_have_the_plans_name(folder: Path) -> None:
    (folder / "events.yaml").write_text(RULES)
    assert list(plan_files([folder])) == []
    loaded = load([folder / "events.yaml"], {})
    assert loaded.ruleset is not None
    assert loaded.ruleset.rules == ("r",)


def test_a_file_of_the_name_outside_of_the_folder_may_be_anything(folder: Path) -> None:
    (folder / "events.yaml").unlink()
    (folder.parent / "events.yaml").write_text("calendar: [monday]\n")
    assert list(plan_files([folder])) == []
    (folder / "events.yaml").write_text("evnts: {}\n")
    assert {each.code for each in lint([folder], {}).findings} == {"unknown-key", "missing-key"}


def test_a_plan_in_a_file_of_another_name_is_told_the_right_one(folder: Path) -> None:
    (folder / "plan.yaml").write_text(PLAN)
    said = [each.hint for each in lint([folder], {}).findings if each.file.endswith("plan.yaml")]
    assert "a tracking plan is a file of the name events.yaml" in said
