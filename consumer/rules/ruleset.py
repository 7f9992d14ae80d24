"""All rules of all mapping files, ready to be applied to payloads: what `run`, `test` and `try` evaluate with."""

from __future__ import annotations

from consumer.model.context import EvaluationContext
from consumer.rules.draft import Applied, Draft, Explanation
from consumer.rules.kafka_facts import KafkaFacts

__all__ = ["Applied", "Draft", "Explanation", "KafkaFacts", "Ruleset", "TopicRules"]


class TopicRules:
    """The rules that read one topic, indexed so that a message only meets those that could match it."""

    def apply(self, payload: object, kafka: KafkaFacts, context: EvaluationContext) -> Applied:
        """Evaluate every rule that could match; pure, and never raises for what the payload holds."""
        raise NotImplementedError

    def explain(self, payload: object, kafka: KafkaFacts, context: EvaluationContext) -> list[Explanation]:
        """Say for every rule, in file order (and item order with `each`), why it matched or didn't."""
        raise NotImplementedError


class Ruleset:
    """Immutable. `version` is a short SHA-256 of everything that was read; `topics` are exact names; `patterns`
    are regular expressions over whole topic names, without their slashes; `files` the mapping files' paths."""

    version: str
    topics: tuple[str, ...]
    patterns: tuple[str, ...]
    files: tuple[str, ...]

    @property
    def needs_topic_ids(self) -> bool:
        """Whether any rule has no `insert_id`, so that the record's coordinates (and topic id) make its identity."""
        raise NotImplementedError

    def rules_for(self, topic: str) -> TopicRules | None:
        """The rules that read this topic, or None; remembered by topic."""
        raise NotImplementedError

    def describe(self) -> dict[str, object]:
        """What logs say about it at start: version, files, number of rules, topics, patterns."""
        raise NotImplementedError
