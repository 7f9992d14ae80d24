"""A folder of mapping files, as the verbs of the command line find it."""

from __future__ import annotations

from pathlib import Path

import pytest

RULES = """\
version: 1
source: {topics: [shop.orders]}
rules:
  - name: paid
    when: {type: paid}
    event: {event_type: paid, product_id: "${PRODUCT_OF_A_TEST}", influence: positive, value: x}
"""
CASES = """\
version: 1
env: {PRODUCT_OF_A_TEST: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11}
message: {payload: {type: paid}}
event: {event_type: paid, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: positive, insert_id: record}
cases:
  - {name: Good, expect: [{value: x, value_type: text}]}
  - {name: bad <one>, expect: [{value: y, value_type: text}]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder `mappings` of the working folder: one mapping file with its cases, of which one fails."""
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings/a.yaml").write_text(RULES)
    (tmp_path / "mappings/a_test.yaml").write_text(CASES)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mappings"
