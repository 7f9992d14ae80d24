"""The rules that read one topic, applied to payloads and explained on them, by the same code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.insert_id import fingerprint
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.payload import Shape
from greenflash_kafka.rules.conditions import Field
from greenflash_kafka.rules.explaining import explain
from greenflash_kafka.rules.field_usage import shape_of
from greenflash_kafka.rules.index import CandidateIndex, Find, Read
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.link import RuleLink
from greenflash_kafka.rules.muted import MutedRules
from greenflash_kafka.rules.results import EvaluationResult, Explanation
from greenflash_kafka.rules.rule import Rule
from greenflash_kafka.rules.rule_group import RuleGroup, TooManyItems
from greenflash_kafka.rules.rule_info import RuleInfo


class TopicRules:
    """The rules that read one topic, indexed so that a message only meets those that could match it. `readers` read the
    fields that these rules pin (`field_readers`)."""

    __slots__ = ("_groups", "_json_key", "_ordered", "_places", "_rules", "find")

    def __init__(self, rules: Sequence[Rule], readers: Mapping[Field, Read], *, mute: bool = False) -> None:
        self._rules = tuple(rules)
        self._groups = _grouped(rules, readers, mute)
        self.find: Find = CandidateIndex([(group.pins, group) for group in self._groups], readers).find
        """From a payload and its record to what `apply_found` has to look at; nothing when no rule can match."""
        self._places = {rule.name: place for place, rule in enumerate(rules)}
        self._json_key = any(rule.file.json_key for rule in rules)
        self._ordered = len(self._groups) < len(self._rules)

    @property
    def shape(self) -> Shape | None:
        """What these rules read of a payload; None for all of it."""
        return shape_of(steps for rule in self._rules for steps in rule.reads)

    def shape_for(self, name: str) -> Shape | None:
        """The same for the rule of this name alone, its file's conditions and defaults included. Raises KeyError."""
        return shape_of(self._rules[self._places[name]].reads)

    @property
    def links(self) -> list[RuleLink]:
        """How these rules link their events to conversations; empty if none does."""
        return [rule.link for rule in self._rules if rule.link is not None]

    @property
    def ids(self) -> str:
        """A fingerprint of how these rules make ids (`model.insert_id.fingerprint`)."""
        return fingerprint(rule.identity for rule in self._rules)

    @property
    def names(self) -> tuple[str, ...]:
        """The rules' names, in file order."""
        return tuple(rule.name for rule in self._rules)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules, in file order."""
        return self._rules

    @property
    def infos(self) -> tuple[RuleInfo, ...]:
        """The parts of these rules, with their origins, in file order."""
        return tuple(rule.info for rule in self._rules)

    def apply(self, payload: object, kafka: KafkaFacts, context: EvaluationContext) -> EvaluationResult:
        """Evaluate every rule that could match; pure, and never raises for what the payload holds."""
        return self.apply_found(self.find(payload, kafka.message), payload, kafka.message, context)

    def apply_found(
        self, found: tuple[int, ...], payload: object, message: Message, context: EvaluationContext
    ) -> EvaluationResult:
        """The same, with what `find` gave."""
        result, groups = EvaluationResult(), self._groups
        text = message_scope(payload, message, context)
        json = message_scope(payload, message, context, True) if self._json_key else text
        stopped = ""
        try:
            for place in found:
                group = groups[place]
                file = group.file
                if file.first_match and file.path == stopped:
                    continue
                scope = json if file.json_key else text
                if group.apply(scope, result) and file.first_match:
                    stopped = file.path
        except TooManyItems as many:
            return EvaluationResult([], [many.problem], result.counts)
        if self._ordered:
            self._sort(result)
        return result

    def build_all(self, payload: object, message: Message, context: EvaluationContext) -> EvaluationResult:
        """What every rule makes of the message, whatever its conditions say."""
        result = EvaluationResult()
        for rule in self._rules:
            rule.build(message_scope(payload, message, context, json_key=rule.file.json_key), result)
        return result

    def _sort(self, result: EvaluationResult) -> None:
        """In file order, then item order; groups were evaluated item by item."""
        places = self._places
        result.drafts.sort(key=lambda draft: (places[draft.rule], draft.item or 0))
        result.problems.sort(key=lambda problem: (places.get(problem.rule or "", -1), problem.item or 0))

    def explain(self, payload: object, kafka: KafkaFacts, context: EvaluationContext) -> list[Explanation]:
        """Say for every rule, in file order (and item order with `each`), why it matched or didn't."""
        text = message_scope(payload, kafka.message, context)
        json = message_scope(payload, kafka.message, context, json_key=True)
        return explain(self._rules, text, json)


def message_scope(payload: object, message: Message, context: EvaluationContext, json_key: bool = False) -> Scope:
    """A message's scope for files that read its key as text, or as JSON."""
    return Scope(payload, KafkaFacts(message, json_key), message.record_ms, context.hash_key, context)


def _grouped(rules: Sequence[Rule], readers: Mapping[Field, Read], mute: bool) -> list[Rule | RuleGroup | MutedRules]:
    """Rules without `each` alone, those with the same one in the same file together, at the first one's place; with
    `mute` drafts apart."""
    groups: dict[object, list[Rule]] = {}
    for place, rule in enumerate(rules):
        key = place if rule.each is None else (rule.file.path, rule.each.text, mute and rule.draft)
        groups.setdefault(key, []).append(rule)
    firsts = ((group[0], group) for group in groups.values())
    made = [(rule, rule if rule.each is None else RuleGroup(rule.each, group, readers)) for rule, group in firsts]
    return [MutedRules(rule.name, group) if mute and rule.draft else group for rule, group in made]
