"""The search for the conversation of an event, called by compiled events."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from msgspec import UNSET

from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import Value, plain_text
from greenflash_kafka.model.conversations import Link, Method, Question, Result, Touch
from greenflash_kafka.model.event import UUID, encodes
from greenflash_kafka.rules.link import RuleLink

EXTERNAL: Final = "external_conversation_id"
"""The field that holds an id of the company's own."""

INTERNAL: Final = "conversation_id"
"""The field that holds an id of Greenflash's own."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

_METHODS: Final[Mapping[Touch, Method]] = {"last": "last_touch", "first": "first_touch", "single": "single"}

_TELLING: Final[Mapping[Result, int]] = {
    "no-key": 0,
    "none": 1,
    "reported-late": 2,
    "history": 3,
    "ambiguous": 4,
    "crowded": 5,
}
"""Of several tries without a conversation the result with the highest number says most about why."""

_WITHOUT: Final[Mapping[Result, Link]] = {result: Link(result) for result in (*_TELLING, "no-time", "not-ready")}

_Key = tuple[str, Callable[[Scope], Value] | None, int]
"""A key's name, and its expression, or the place of the event's own field among `LinkSearch.fields`."""


def own(conversation: str) -> Link:
    """The link of an event whose rule gives the conversation itself."""
    return Link("own", "own", conversation)


class LinkSearch:
    """Finds the conversations of one rule's events. `fields`: the event's own fields that its keys are taken from."""

    __slots__ = ("_tries", "fields")

    def __init__(self, link: RuleLink) -> None:
        places: dict[str, int] = {}
        tries: list[tuple[tuple[str, ...], list[_Key], int, Touch]] = []
        for each in link.tries:
            keys: list[_Key] = [
                (name, None, places.setdefault(name, len(places))) if value is None else (name, value.evaluate, 0)
                for name, value in each.by
            ]
            tries.append((each.to, keys, each.lookback, each.touch))
        self._tries = tries
        self.fields = tuple(places)

    def __call__(
        self, scope: Scope, product: str, external: Any, internal: Any, at: datetime | None, values: Sequence[object]
    ) -> tuple[Link, Any, Any]:
        """How the event is linked, and its `external_conversation_id` and `conversation_id`.

        `external`, `internal`: what the rule itself gives for these two; a value wins, and nothing is searched. What is
        false comes back as it is if no conversation is found, else the other one is UNSET. `at`: the event's time, None
        for the record's. `values`: the event's own `fields`.
        """
        if external or internal:
            return own(external or internal), external, internal
        recorded = scope.record_ms
        if recorded is None:
            return _WITHOUT["no-time"], external, internal
        conversations = scope.context.conversations
        if conversations is None:
            return _WITHOUT["not-ready"], external, internal
        moment = recorded if at is None or at.tzinfo is None else (at - _EPOCH) // _MILLISECOND
        result: Result = "no-key"
        for to, by, lookback, touch in self._tries:
            keys = _present(by, scope, values)
            if not keys:
                continue
            answer = conversations.find(Question(to, product, keys, moment, recorded, lookback, touch))
            found = answer.result
            if found == "linked":
                conversation, since = answer.conversation, moment - answer.at
                if _acceptable(conversation, answer.greenflash_id):
                    before = since if since > 0 else 0
                    link = Link("linked", _METHODS[touch], conversation, answer.source, answer.at, before)
                    return (link, UNSET, conversation) if answer.greenflash_id else (link, conversation, UNSET)
                found = "none"
            if found == "not-ready":
                # The next way may be one that is asked only if this one finds nothing, and nobody knows that yet.
                return _WITHOUT[found], external, internal
            if _TELLING[found] > _TELLING[result]:
                result = found
        return _WITHOUT[result], external, internal


def _present(by: Iterable[_Key], scope: Scope, values: Sequence[object]) -> tuple[tuple[str, str], ...]:
    """The keys that have a value."""
    keys: list[tuple[str, str]] = []
    for name, evaluate, place in by:
        value = values[place] if evaluate is None else _worked_out(evaluate, scope)
        if value.__class__ is str and value and encodes(value):
            keys.append((name, value))
    return tuple(keys)


def _acceptable(conversation: str, greenflash_id: bool) -> bool:
    """False for an id that the API would reject: it must not cost the event, there is no conversation of that id."""
    return bool(UUID.fullmatch(conversation) if greenflash_id else conversation and encodes(conversation))


def _worked_out(evaluate: Callable[[Scope], Value], scope: Scope) -> str | None:
    try:
        return plain_text(evaluate(scope))
    except EvaluationError:
        return None
