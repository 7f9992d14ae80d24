"""Rules, decoders and context of evaluation, as one immutable value that is swapped as a whole."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.decoding.decoders import JSON, Decode, Decoders
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.not_yet import Want
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.rules.topic_rules import TopicRules

Reading = tuple[TopicRules, Decode]
"""The rules of a topic, and the decoder of its messages for the paths that these rules read."""

_NOWHERE: Final = EvaluationContext()

_REMEMBERED: Final = 10_000
"""Topics whose reading is remembered; a pattern may match any number of names."""


class _TopicCache(dict[str, Reading | None]):
    """Remembers each look-up, so that the next one calls nothing."""

    def __init__(self, ruleset: Ruleset, decoders: Decoders) -> None:
        super().__init__()
        self._ruleset = ruleset
        self._decoders = decoders

    def __missing__(self, topic: str) -> Reading | None:
        rules = self._ruleset.rules_for(topic)
        found = None if rules is None else (rules, self._decoders.decoder(topic, rules.shape))
        if len(self) < _REMEMBERED:
            self[topic] = found
        return found


class Snapshot:
    """Input of `evaluate` beside the message. The objects in it stay the same; what decoders and context look up (topic
    ids, schemas) may grow.

    `by_topic` gives the rules and the decoder of a topic, None for a topic that no rule reads.
    """

    __slots__ = ("by_topic", "context", "decoders", "ruleset")

    def __init__(self, ruleset: Ruleset, context: EvaluationContext = _NOWHERE, decoders: Decoders = JSON) -> None:
        self.ruleset = ruleset
        self.context = context
        self.decoders = decoders
        self.by_topic = _TopicCache(ruleset, decoders)

    def known(self, want: Want) -> bool:
        """Whether what `evaluate` said `NotYet` for is known by now. Cheap: it is looked up, nobody is asked."""
        return self.decoders.known(want)

    def with_context(self, context: EvaluationContext) -> Snapshot:
        """The same rules and decoders in another context; nothing is compiled again."""
        other = Snapshot(self.ruleset, context, self.decoders)
        other.by_topic = self.by_topic
        return other
