"""Rules, decoders and context of evaluation, as one immutable value that is swapped as a whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from greenflash_kafka.decoding.decoders import DECODERS, Decode, Decoders, FormatDecoders
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet, Want
from greenflash_kafka.ports import Schemas
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.rules.topic_rules import TopicRules

Reading = tuple[TopicRules, Decode, tuple[str, ...], Decode]
"""The rules of a topic, the decoder of its messages for the paths that these rules read, the names of the conversation
sources whose records have to be read up to a message's horizon before it is evaluated, and the decoder of records
without a value."""

_NOWHERE: Final = EvaluationContext()

_REMEMBERED: Final = 10_000
"""Topics whose reading is remembered; a pattern may match any number of names."""


class _TopicCache(dict[str, Reading | None]):
    """Remembers each look-up, so that the next one calls nothing."""

    def __init__(
        self,
        rules_for: Callable[[str], TopicRules | None],
        decoders: Decoders,
        ruleset: Ruleset,
        waits_for: Callable[[str], tuple[str, ...]] = lambda _: (),
        *,
        snapshots: bool = False,
    ) -> None:
        super().__init__()
        self._rules_for = rules_for
        self._decoders = decoders
        self._ruleset = ruleset
        self._waits_for = waits_for
        self._snapshots = snapshots

    def __missing__(self, topic: str) -> Reading | None:
        rules = self._rules_for(topic)
        found = None
        if rules is not None:
            decode = self._decoder(topic, rules)
            # Only the key of such a record can be decoded.
            empty = decode if self._ruleset.format_of(topic).key == "auto" else _nothing
            found = (rules, decode, self._waits_for(topic), empty)
        if len(self) < _REMEMBERED:
            self[topic] = found
        return found

    def _decoder(self, topic: str, rules: TopicRules) -> Decode:
        mixed = self._ruleset.mixed_in(topic)
        if mixed is None:
            format = self._ruleset.format_of(topic)
            if format.snapshots is None and self._snapshots:
                format = replace(format, snapshots=True)
            return self._decoders.decoder(topic, rules.shape, format)
        # Read in either way, messages would become events or dead letters by chance. Other rules may solve it.
        return lambda _: NotYet(("schema", ("never", mixed)))


def _nothing(_: Message) -> None:
    return None


class Snapshot:
    """Input of `evaluate` beside the message. The objects in it stay the same; what decoders and context look up (topic
    ids, schemas) may grow.

    `by_topic` gives the rules and the decoder of a topic, None for a topic that no rule reads;
    `conversations_by_topic` the same of the conversation sources, `rows_by_topic` of the tables from topics.
    """

    __slots__ = ("by_topic", "context", "conversations_by_topic", "decoders", "rows_by_topic", "ruleset", "schemas")

    def __init__(
        self,
        ruleset: Ruleset,
        context: EvaluationContext = _NOWHERE,
        decoders: Decoders | None = None,
        schemas: Schemas | None = None,
    ) -> None:
        """`decoders` are those of all formats unless others are given; `schemas` is None without a registry or folder
        of schemas."""
        self.ruleset = ruleset
        self.context = context
        self.schemas = schemas
        if decoders is None:
            decoders = DECODERS if schemas is None else FormatDecoders(schemas)
        self.decoders = decoders
        self.by_topic = _TopicCache(ruleset.rules_for, decoders, ruleset, ruleset.waits_for)
        self.conversations_by_topic = _TopicCache(ruleset.conversations_for, decoders, ruleset, snapshots=True)
        self.rows_by_topic = _TopicCache(ruleset.rows_for, decoders, ruleset, snapshots=True)

    def look(self, message: Message) -> None:
        """See `Decoders.look`."""
        self.decoders.look(message, self.ruleset.format_of(message.topic))

    def known(self, want: Want) -> bool:
        """Whether what `evaluate` said `NotYet` for is known by now. Cheap: it is looked up, nobody is asked."""
        conversations = self.context.conversations
        if want[0] == "horizon" and conversations is not None:
            return conversations.known(want[1], want[2])
        return self.decoders.known(want)

    def with_context(self, context: EvaluationContext) -> Snapshot:
        """The same rules and decoders in another context; nothing is compiled again."""
        other = Snapshot(self.ruleset, context, self.decoders, self.schemas)
        other.by_topic = self.by_topic
        other.conversations_by_topic = self.conversations_by_topic
        other.rows_by_topic = self.rows_by_topic
        return other
