"""Any rule, any message: the full explanation never raises, says what the plain one says, and changes no outcome."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from greenflash_kafka.cases.reasons import reasons
from greenflash_kafka.evaluate import evaluate, explain
from greenflash_kafka.explanations.full_explanation import explain_fully
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot
from tests.formats.flat_fields import flat_fields
from tests.oracle.generated_messages import message
from tests.oracle.generated_rules import ENV, PRICES, RuleMaker

FILES = 12
MESSAGES = 8


def snapshots(chance: random.Random, folder: Path) -> Iterator[Snapshot]:
    """One generated file, if it loads; with and without conversations, if it links."""
    (folder / "prices.csv").write_text(PRICES)
    maker = RuleMaker(chance)
    made = [maker.mapping()] + ([maker.conversations()] if maker.linked else [])
    paths = [folder / f"{name}.yaml" for name in ("rules", "chat")[: len(made)]]
    for path, content in zip(paths, made, strict=True):
        path.write_text(json.dumps(content))
    ruleset = load(paths, ENV).ruleset
    if ruleset is not None:
        yield Snapshot(ruleset, EvaluationContext("cluster", {"t": "id"}, b"key", 5))
        given = GivenConversations(ruleset.sources, [])
        yield Snapshot(ruleset, EvaluationContext("cluster", {"t": "id"}, b"key", 5, given))
        given.close()


@pytest.mark.parametrize("seed", range(5))
def test_any_rule_and_any_message(seed: int) -> None:
    chance = random.Random(seed)
    lines = fields = sent = 0
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(FILES):
            for snapshot in snapshots(chance, Path(folder)):
                for _ in range(MESSAGES):
                    record = message(chance, "t")
                    before = evaluate(record, snapshot)
                    plain, full = explain(record, snapshot), explain_fully(record, snapshot, sources=True)
                    assert len(plain) == len(full)
                    for one, other in zip(plain, full, strict=True):
                        assert (one.rule, one.item, one.result) == (
                            other.explanation.rule,
                            other.explanation.item,
                            other.explanation.result,
                        )
                        first = other.explanation.condition
                        if other.lines and first is not None and one.result == "failed":
                            assert other.failed, other
                            assert other.failed[0].name == first
                        lines += len(other.lines)
                        fields += len(other.fields)
                    by_rule = {(each.explanation.rule, each.explanation.item): each.sources for each in full}
                    for event in before.events if isinstance(before, Outcome) else ():
                        sources = by_rule[event.rule, event.item]
                        assert {each.name: each.value for each in sources} == flat_fields(event.body)
                        sent += 1
                    assert all(isinstance(line, str) for line in reasons(full))
                    assert evaluate(record, snapshot) == before
    assert lines > 300
    assert fields > 30
    assert sent > 5
