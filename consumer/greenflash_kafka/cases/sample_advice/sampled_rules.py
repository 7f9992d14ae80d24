"""Rules beside the samples of their topics: what each sample holds, and what the rule makes of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from greenflash_kafka.explanations.missing_paths import follow, is_absent
from greenflash_kafka.expressions.names import Path
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.mappings.rule_facts import RuleFacts
from greenflash_kafka.model.event import Event
from greenflash_kafka.rules.results import EvaluationResult, Explanation
from greenflash_kafka.rules.rule import Rule
from greenflash_kafka.rules.rule_group import TooManyItems, read_items

_MOST_ITEMS = 20
"""Items of `each` that are looked at, of a sample."""


@dataclass(frozen=True, slots=True)
class SampledMessage:
    """A payload of a topic, and what all rules of the topic make of it. `typed`: a schema says what its values are."""

    topic: str
    typed: bool
    payload: object
    scope: Scope
    explanations: Sequence[Explanation]
    result: EvaluationResult


@dataclass(frozen=True)
class SampledRule:
    """A rule with the samples of the topics that its file reads; `others` are the facts of all rules of the file."""

    facts: RuleFacts
    rule: Rule
    samples: Sequence[SampledMessage]
    others: Sequence[RuleFacts]

    @cached_property
    def matched(self) -> tuple[SampledMessage, ...]:
        """The samples that the rule builds an event of, or would but for a problem."""
        return tuple(
            sample
            for sample in self.samples
            if any(each.rule == self.rule.name and each.result != "failed" for each in sample.explanations)
        )

    @cached_property
    def meant(self) -> tuple[SampledMessage, ...]:
        """The samples that the rule is about: that match, else those that fulfil its equalities, if it has any."""
        if self.matched or not self.facts.equalities:
            return self.matched
        return tuple(
            sample
            for sample in self.samples
            if all(
                root != "payload" or follow(sample.payload, steps) in literals
                for (root, steps), literals in self.facts.equalities.items()
            )
        )

    def shown(self, path: Path) -> str:
        """A path as the rule writes it, without what an envelope has above the payload."""
        if path.root == "payload":
            return self.facts.names.envelope.written(path.steps, bare=path.bare)
        return str(path)

    def scopes(self, sample: SampledMessage) -> Iterator[Scope]:
        """The scope of the sample; with `each` those of its items."""
        if self.rule.each is None:
            yield sample.scope
            return
        try:
            items = read_items(self.rule.each, sample.scope, self.rule.name, sample.scope.context.max_items)
        except (EvaluationError, TooManyItems):
            return
        for index, item in enumerate(items[:_MOST_ITEMS]):
            yield sample.scope.for_item(item, index)

    def tops(self, path: Path, sample: SampledMessage) -> Iterator[object]:
        """What a path's steps lead from: the payload, each item, a let's value. Nothing for other roots, and for a let
        that gives nothing."""
        if path.root == "payload":
            yield sample.payload
            return
        let = self.facts.names.lets.get(path.root)
        if path.root != "item" and let is None:
            return
        for scope in self.scopes(sample):
            if let is None:
                yield scope.item
                continue
            try:
                value = let.evaluate(scope)
            except EvaluationError:
                continue
            if value is not None:
                yield value

    def values(self, path: Path, samples: Sequence[SampledMessage]) -> list[object]:
        """What stands at a path in these samples, but for missing values and null."""
        found = (follow(top, path.steps) for sample in samples for top in self.tops(path, sample))
        return [value for value in found if value is not None and not is_absent(value)]

    def events(self, sample: SampledMessage) -> list[Event]:
        """The events that the rule makes of a sample."""
        return [each for each in sample.result.drafts if isinstance(each, Event) and each.rule == self.rule.name]


def of(samples: Sequence[object]) -> str:
    """`in none of 12 samples`, without the `in none`."""
    return "the sample" if len(samples) == 1 else f"{len(samples)} samples"
