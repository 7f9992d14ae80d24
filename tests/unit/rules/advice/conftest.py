"""The advice about one rule with one change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.documents.findings import Finding
from greenflash_kafka.rules.files import Loaded
from tests.unit.rules.one_rule import changed


@pytest.fixture
def advice(load_text: Callable[..., Loaded]) -> Callable[[str, str], tuple[Finding, ...]]:
    """The findings of the rule that has none, with `new` in place of `old`."""
    return lambda old, new: load_text(changed(old, new)).findings


@pytest.fixture
def of_line(load_text: Callable[..., Loaded]) -> Callable[[str], tuple[Finding, ...]]:
    """The findings of a line of `when`."""
    return lambda line: load_text(changed("when: {type: x}", f"when:\n      kind: x\n      {line}")).findings
