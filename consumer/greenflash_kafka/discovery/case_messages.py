"""Messages of the sample as messages of cases: only what the proposed rules read, and ids by their form alone."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

import msgspec

from greenflash_kafka.discovery.path_values import follow
from greenflash_kafka.discovery.proposed_defaults import best_id
from greenflash_kafka.discovery.proposed_rule import ProposedRule
from greenflash_kafka.discovery.study import TopicStudy
from greenflash_kafka.discovery.topic_documents import Document
from greenflash_kafka.expressions.paths import Steps
from greenflash_kafka.model.message import Message

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")
_OFFERED: Final = 4
_PLACES: Final[tuple[Steps, ...]] = tuple(
    ("envelope", "source", name) for name in ("lsn", "file", "pos", "scn", "change_lsn", "ts_ms")
)


def case_message(study: TopicStudy, rule: ProposedRule, document: Document) -> Message:
    """The message of a document with no more than the rule reads; ids have their letters and digits replaced."""
    documents = study.documents
    masked = _ids(study)
    roots: dict[str, Any] = {}
    for way in _read(study, rule):
        value = follow(document.roots, way)
        if value is not None:
            _set(roots, way, _shape_of(value) if way in masked else value)
    payload, envelope = roots.get("payload", {}), roots.get("envelope", {})
    headers = tuple((name, str(each).encode()) for name, each in roots.get("kafka", {}).get("headers", {}).items())
    body: Any = payload
    if documents.envelope == "debezium":
        state = rule.kind.state
        before = {} if state is None else {"before": state.before(document)}
        body = {**envelope, **before, "after": payload or None}
    elif documents.envelope == "cloudevents":
        body = {"specversion": "1.0", "id": "1", "source": "/", **envelope, "data": payload}
    elif documents.root == "item":
        body = [roots.get("item", {})]
        body = {documents.list_key: body} if documents.list_key else body
    elif documents.root == "body":
        body = _ENCODER.encode(roots.get("body", {})).decode()
    message = document.message
    return Message(
        documents.topic,
        0,
        0,
        message.timestamp_ms,
        None,
        _ENCODER.encode(body),
        headers,
        message.timestamp_type,
    )


def _ids(study: TopicStudy) -> set[Steps]:
    found = {each.way for each in (*study.users, *study.organizations, *study.conversations)}
    return found | {each.way for each in study.ids}


def _read(study: TopicStudy, rule: ProposedRule) -> Iterable[Steps]:
    """The ways that the rule's lines read, what its defaults do, and what stands in comments to be taken in their
    place: a case holds when one of these is."""
    ways: dict[Steps, None] = {}
    for identities in (study.users, study.organizations, study.conversations):
        ways.update(dict.fromkeys(each.way for each in identities[:_OFFERED]))
    ways.update(dict.fromkeys(each.way for each in study.times[:_OFFERED]))
    best = best_id(study)
    ways.update(dict.fromkeys(each.way for each in study.ids[:_OFFERED]))
    if best is not None:
        ways[best.way] = None
    ways.update(dict.fromkeys(study.name_ways))
    ways.update(dict.fromkeys(own.way for own in rule.own if own.way))
    if rule.success is not None:
        ways[rule.success.way] = None
    if rule.kind.state is not None:
        ways[rule.kind.state.way] = None
    for amount in rule.kind.amounts:
        ways.update(dict.fromkeys((amount.way, *amount.same)))
        if amount.split is not None:
            ways[amount.split.part] = None
        if amount.currency.way is not None:
            ways.update(dict.fromkeys((amount.currency.way, *amount.currency.others)))
    if study.documents.envelope == "debezium":
        ways.update(dict.fromkeys((("envelope", "op"), ("payload", "id"), *_PLACES)))
    if study.documents.envelope == "cloudevents":
        ways[("envelope", "type")] = None
    if study.documents.flattened:
        ways.update(dict.fromkeys(("payload", name) for name in ("id", "__op", "__source_lsn", "__lsn")))
    if not study.name_ways and best is None:
        ways.update(dict.fromkeys(each.way for each in study.table.paths.values() if not each.in_a_list))
    return ways


def _set(roots: dict[str, Any], way: Steps, value: object) -> None:
    at = roots
    for step in way[:-1]:
        at = at.setdefault(str(step), {})
        if not isinstance(at, dict):
            return
    at[str(way[-1])] = value


def _shape_of(value: object) -> object:
    """An id with its form alone: letters and digits replaced."""
    if isinstance(value, str):
        return "".join(_sign(each) for each in value[:64])
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return int("1" * min(18, len(str(value).lstrip("-")))) if value else 0
    return value


def _sign(letter: str) -> str:
    if letter.isdigit():
        return "1"
    if letter.isalpha():
        return "A" if letter.isupper() else "a"
    return letter
