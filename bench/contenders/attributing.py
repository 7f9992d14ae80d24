"""Precision and recall of links, on traffic whose causes are known: prints them as JSON.

`python -m bench.contenders.attributing LOOKBACK_HOURS [NAME=VALUE ...]`; the names are those of
`bench.caused.Parameters`.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import msgspec

from bench.caused import COPILOT, HOUR, SALES, SUPPORT, Parameters, Traffic, last_touch, make, score
from greenflash_kafka.evaluate import activities, evaluate
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.loading import load
from greenflash_kafka.model.activities import Activities
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot

_SOURCE = """\
  - name: NAME
    when: {payload.product: PRODUCT}
    id: = payload.chat
    at: = time(payload.at, "ms")
    keys: {external_user_id: = payload.user}
    product_id: PRODUCT
    max_delay: 1m
"""
_CHATS = "version: 1\nsource: {topics: [chats]}\nconversations:\n" + "".join(
    _SOURCE.replace("NAME", name).replace("PRODUCT", product)
    for name, product in (("support", SUPPORT), ("sales", SALES), ("copilot", COPILOT))
)
_RULE = """\
  - name: NAME
    when: {payload.product: PRODUCT}
    event: {event_type: NAME, product_id: PRODUCT, influence: positive, value: "1"}
"""
_FACTS = (
    """\
version: 1
source: {topics: [facts]}
defaults:
  external_user_id: = payload.user
  event_at: = time(payload.at, "ms")
link: {lookback: HOURSh}
rules:
"""
    + _RULE.replace("NAME", "helped").replace("PRODUCT", SUPPORT)
    + _RULE.replace("NAME", "sold").replace("PRODUCT", SALES)
)


def rules(hours: int) -> Ruleset:
    """The rules of an analyst who knows the products, and how long a chat may take to have its effect."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in (("chats", _CHATS), ("facts", _FACTS.replace("HOURS", str(hours)))):
            (Path(folder) / f"{name}.yaml").write_text(text)
        loaded = load([Path(folder)], {})
    assert loaded.ruleset is not None, loaded.findings
    return loaded.ruleset


def linked(traffic: Traffic, ruleset: Ruleset) -> list[str | None]:
    """The links that this pipeline makes: the logs are in order of arrival, stamped by the broker."""
    snapshot = Snapshot(ruleset)
    given = []
    for touch in traffic.touches:
        body = {"product": touch.product, "chat": touch.conversation, "user": touch.person, "at": touch.at}
        found = activities(_message("chats", touch.arrived, body), snapshot)
        assert isinstance(found, Activities)
        given += [(each, touch.arrived) for each in found.found]
    snapshot = snapshot.with_context(EvaluationContext(conversations=GivenConversations(ruleset.sources, given)))
    links: list[str | None] = []
    for fact in traffic.facts:
        outcome = evaluate(
            _message("facts", fact.arrived, {"product": fact.product, "user": fact.person, "at": fact.at}), snapshot
        )
        assert isinstance(outcome, Outcome)
        (event,) = outcome.events
        links.append(msgspec.json.decode(event.body).get("externalConversationId"))
    return links


def _message(topic: str, stamp: int, body: object) -> Message:
    return Message(topic, 0, 0, stamp, value=json.dumps(body).encode())


def main(hours: int, given: list[str]) -> None:
    """Ours, and last touch by processing time in two forms, over the same lookback."""
    values = dict(each.split("=", 1) for each in given)
    kinds = {name: type(value) for name, value in Parameters()._asdict().items()}
    parameters = Parameters(**{name: kinds[name](value) for name, value in values.items()})
    traffic = make(parameters)
    found = {
        "ours": linked(traffic, rules(hours)),
        "by product": last_touch(traffic, hours * HOUR, by_product=True),
        "plain": last_touch(traffic, hours * HOUR, by_product=False),
    }
    told = {
        name: {"precision": each.precision, "recall": each.recall, "links": each.links}
        for name, each in ((name, score(traffic.facts, links)) for name, links in found.items())
    }
    counts = {"touches": len(traffic.touches), "facts": len(traffic.facts)}
    print(json.dumps({**told, "traffic": counts}))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
