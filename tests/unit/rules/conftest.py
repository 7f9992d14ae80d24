"""Mapping files made of a few lines, and the payloads that they are applied to."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from greenflash_kafka.advice.all_advice import advise
from greenflash_kafka.documents.findings import Finding
from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.results import EvaluationResult, Explanation
from greenflash_kafka.rules.topic_rules import TopicRules
from tests.unit.rules.one_rule import changed

PRODUCT = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
NOW = datetime(2026, 11, 18, tzinfo=UTC)

Load = Callable[..., Loaded]


@pytest.fixture
def load_text(tmp_path: Path) -> Load:
    """Load mapping files given as texts (named `a.yaml`, `b.yaml`, ... ), with `PRODUCT_ID` in the environment."""

    def run(*texts: str, env: Mapping[str, str] | None = None, strict_env: bool = True) -> Loaded:
        paths = []
        for number, text in enumerate(texts):
            path = tmp_path / f"{chr(ord('a') + number)}.yaml"
            path.write_text(textwrap.dedent(text), encoding="utf-8")
            paths.append(path)
        known = {"PRODUCT_ID": PRODUCT} if env is None else env
        return load(paths, known, strict_env=strict_env, advise=partial(advise, now=NOW))

    return run


@pytest.fixture
def rules_of(load_text: Load) -> Callable[..., TopicRules]:
    """The rules of the topic `t` in files that must have no error."""

    def run(*texts: str) -> TopicRules:
        loaded = load_text(*texts)
        assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]
        rules = loaded.ruleset.rules_for("t")
        assert rules is not None
        return rules

    return run


@pytest.fixture
def apply(rules_of: Callable[..., TopicRules]) -> Callable[..., EvaluationResult]:
    """What the rules of a file make of a payload."""

    def run(text: str, payload: object, message: Message | None = None, max_items: int = 1000) -> EvaluationResult:
        facts = KafkaFacts(message or Message("t", 0, 0, timestamp_ms=1_795_000_000_000))
        return rules_of(text).apply(payload, facts, EvaluationContext(max_items=max_items, hash_key=b"k"))

    return run


@pytest.fixture
def explain(rules_of: Callable[..., TopicRules]) -> Callable[..., list[Explanation]]:
    """Why the rules of a file match a payload or don't."""

    def run(text: str, payload: object) -> list[Explanation]:
        return rules_of(text).explain(payload, KafkaFacts(Message("t", 0, 0)), EvaluationContext())

    return run


@pytest.fixture
def advice(load_text: Load) -> Callable[[str, str], tuple[Finding, ...]]:
    """The findings of the rule that has none, with `new` in place of `old`."""
    return lambda old, new: load_text(changed(old, new)).findings


@pytest.fixture
def of_line(load_text: Load) -> Callable[[str], tuple[Finding, ...]]:
    """The findings of a line of `when`."""
    return lambda line: load_text(changed("when: {type: x}", f"when:\n      kind: x\n      {line}")).findings
