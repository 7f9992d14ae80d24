"""The outcomes are as they were frozen: the corpus, all cases and a sample of the generated pairs; all of these by
`python -m tests.oracle.outcomes --processes 2`."""

from __future__ import annotations

from typing import Any

import pytest

from greenflash_kafka.expressions.functions.registry import FUNCTIONS
from greenflash_kafka.model.problem import CODES
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS
from tests.oracle import outcomes

BLOCKS = range(0, outcomes.PAIRS // outcomes.BLOCK, outcomes.PAIRS // outcomes.BLOCK // outcomes.SAMPLE)


@pytest.fixture(scope="module")
def frozen() -> dict[str, Any]:
    return outcomes.frozen()


@pytest.mark.parametrize("section", ["corpus", "cases"])
def test_outcomes_of_known_messages_are_as_frozen(section: str, frozen: dict[str, Any]) -> None:
    found, _ = outcomes.computed(section, (), 1)
    assert outcomes.differences(found, frozen) == []


@pytest.mark.parametrize("block", BLOCKS)
def test_outcomes_of_generated_pairs_are_as_frozen(block: int, frozen: dict[str, Any]) -> None:
    found, _ = outcomes.block_hash(block)
    assert found == frozen["generated"][str(block)], (
        f"python -m tests.oracle.outcomes --block {block} --against main shows the first difference"
    )


def test_findings_of_lint_are_as_frozen(frozen: dict[str, Any]) -> None:
    found, _ = outcomes.computed("findings", (), 1, few=True)
    assert outcomes.differences(found, frozen) == [], "if that is meant: --write --only findings --name KIND"


ADDED = frozenset({"call date", "call decode_decimal", "call regex_replace", "key any"}) | {
    f"problem {code}" for code in ("bad-schema", "unknown-schema", "bad-envelope")
}
"""What the language got after the pairs were frozen: `tests/cases` has it, the pairs stay as they are. The problems are
of formats and envelopes, which the pairs don't have."""


def test_the_generator_reaches_every_code_function_and_operator(frozen: dict[str, Any]) -> None:
    coverage = frozen["coverage"]
    wanted = [f"problem {code}" for code in CODES] + [f"call {name}" for name in FUNCTIONS]
    wanted += [f"key {name}" for name in OPERATORS]
    assert [name for name in wanted if not coverage.get(name) and name not in ADDED] == []
    assert len(frozen["generated"]) * outcomes.BLOCK == outcomes.PAIRS
