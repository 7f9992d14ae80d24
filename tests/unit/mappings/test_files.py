"""Mapping files are found, loaded and checked together."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded
from tests.unit.rules.one_rule import RULE, changed, places

Load = Callable[..., Loaded]


def test_rule_names_are_unique_over_the_files_that_read_one_topic(load_text: Load) -> None:
    assert places(load_text(RULE, RULE).findings) == [(4, 11, "duplicate-name")]
    assert load_text(RULE, changed("[t]", "[u]")).findings == ()
    assert places(load_text(RULE, changed("[t]", '["/t+/"]')).findings)[0] == (4, 11, "duplicate-name")


def test_paths_that_hold_nothing_are_findings(tmp_path: Path) -> None:
    (tmp_path / "x_test.yaml").write_text("cases: []")
    assert [finding.code for finding in load([tmp_path / "none.yaml"], {}).findings] == ["unreadable-file"]
    assert [finding.code for finding in load([tmp_path], {}).findings] == ["no-mappings"]


def test_a_variable_that_is_not_set_is_only_a_warning_where_that_is_wanted(load_text: Load) -> None:
    text = changed("3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11", "${NOT_SET}")
    assert places(load_text(text).findings) == [(8, 19, "missing-env")]
    assert load_text(text).findings[0].hint == "set NOT_SET"
    loaded = load_text(text, strict_env=False)
    assert places(loaded.findings) == [(8, 19, "unset-env")]
    assert loaded.ruleset is not None


def test_a_value_from_the_environment_is_never_shown(load_text: Load) -> None:
    loaded = load_text(changed("3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11", "${SECRET}"), env={"SECRET": "sk-canary"})
    (finding,) = loaded.findings
    assert (finding.code, finding.hint) == ("not-allowed", "correct the value of SECRET")
    assert "the value of the environment variable SECRET" in finding.message
    assert "canary" not in str(loaded.findings)
