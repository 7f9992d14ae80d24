"""The examples of the rule language's page load."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.loading import load

CASES = Path(__file__).parents[2] / "cases"
ENV = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}


EXAMPLES = [path for path in sorted((CASES / "mappings").glob("*.yaml")) if not path.stem.endswith("_test")]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_loads_without_a_finding(path: Path) -> None:
    assert load([path], ENV).findings == ()
