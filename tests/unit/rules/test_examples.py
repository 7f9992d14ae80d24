"""The examples of the rule language's page load, but for what is planned for later."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.rules.files import load

CASES = Path(__file__).parents[2] / "cases"
ENV = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}


EXAMPLES = [path for path in sorted((CASES / "mappings").glob("*.yaml")) if not path.stem.endswith("_test")]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_loads_without_a_finding(path: Path) -> None:
    assert load([path], ENV).findings == ()


def test_what_is_planned_for_later_is_refused_with_not_yet() -> None:
    loaded = load([CASES / "not_yet" / "page_outbox.yaml"], ENV)
    assert loaded.ruleset is None
    assert [(finding.line, finding.code) for finding in loaded.findings if finding.severity == "error"] == [
        (2, "not-yet")
    ]
