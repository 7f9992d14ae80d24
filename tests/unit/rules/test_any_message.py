"""Any rules, any bytes: a message that the index keeps from the rules is one that no rule asks for.

Each message is evaluated twice, as always and with all of it decoded and every rule tried in turn, and the two
outcomes are the same: events, problems and counts. What `explain` says, which tries each condition by itself, is held
to it, too.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hypothesis import event, given, settings
from hypothesis import strategies as st

from greenflash_kafka.evaluate import explain
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.resolve import resolve
from greenflash_kafka.rules.ruleset import Ruleset, TopicRules
from greenflash_kafka.snapshot import Snapshot

CONTEXT = EvaluationContext(max_items=4)
NOW = 1_795_000_000_000
EVENT = {"event_type": "e", "product_id": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11", "value": "1", "influence": "neutral"}

When = dict[str, Any]

# Few names and few values, so that much of it meets.
LITERALS: list[Any] = ["x", "y", "", "é", 1, 0, 2, True, False, 1.5]
PATHS = ["type", "type", "live", "data.object.type", "data.object.a", "data.a", "items[0]", "items[-1].a", "a[0]"]
OTHER_PATHS = ["kafka.headers.kind", "kafka.headers.kind", "kafka.key", "kafka.partition", "own"]
ITEM_PATHS = ["item", "item.type", "item.type", "item.a", "index"]
RANGES = [{"above": 1}, {"at_most": "y"}, {"starts_with": "x"}, {"contains": "x"}, {"matches": "^[xy]"}, {"below": 2}]
CHANGES = [{"changed": True}, {"increased": True}, {"from": ["x", None]}, {"becomes": "x"}, {"to": [1, True, "y"]}]
MANY = [f"w{number}" for number in range(12)]

literals = st.sampled_from(LITERALS)
lists = st.lists(literals | st.none(), min_size=1, max_size=3)
tests = (
    literals
    | st.sampled_from([1, True, "x"])
    | lists
    | st.just([*MANY, "x"])
    | st.sampled_from([{"exists": True}, {"exists": False}, *RANGES, *CHANGES])
    | lists.map(lambda given: {"not": given})
)


def lines(items: bool, nested: int = 2) -> st.SearchStrategy[When]:
    """Conditions, some of them in `any`, `all` and `none`."""
    paths = [f"payload.{path}" for path in PATHS] if items else PATHS
    key = st.sampled_from(paths + paths + OTHER_PATHS + ITEM_PATHS * (2 * items))
    plain = st.dictionaries(key, tests, max_size=2)
    if not nested:
        return plain
    groups = st.lists(lines(items, nested - 1), max_size=3)
    alike = st.builds(
        lambda path, given: [{path: test} for test in given], key, st.lists(tests, min_size=1, max_size=3)
    )
    nests = st.dictionaries(st.sampled_from(["any", "any", "all", "none"]), groups | alike, max_size=1)
    return st.builds(lambda some, more: {**more, **some}, plain, nests | st.just({}))


@st.composite
def rules(draw: st.DrawFn, items: bool) -> dict[str, Any]:
    """One rule; its name comes later."""
    few = {"payload.type" if items else "type": draw(tests)}
    own = draw(st.sampled_from(["payload.a", "payload.a / payload.live", "concat(payload.type, payload.data)"]))
    rule: dict[str, Any] = {
        "let": {"own": f"= {own}"},
        "when": draw(st.just(few) | lines(items)) or few,
        "event": EVENT,
    }
    if draw(st.integers(0, 5)) == 0:
        rule["where"] = draw(st.sampled_from(["= payload.live", "= payload.a > 1"]))
    return rule


@st.composite
def mappings(draw: st.DrawFn, order: int) -> dict[str, Any]:
    """A mapping file."""
    items = draw(st.booleans())
    found = [{"name": f"r{order}_{n}", **rule} for n, rule in enumerate(draw(st.lists(rules(items), min_size=1)))]
    topics = draw(st.sampled_from([["t"], ["/t.*/"], ["t", "other"]]))
    file: dict[str, Any] = {"version": 1, "source": {"topics": topics}, "rules": found}
    file["when"] = draw(st.sampled_from([{}, {"payload.live": True}, {"payload.type": [*MANY, "x", 1]}]))
    file["first_match"] = draw(st.booleans())
    if items:
        file["each"] = draw(st.sampled_from(["= payload.items"] * 4 + ["= payload.data", "= payload.type"]))
    return file


def asked(when: When) -> list[tuple[str, Any]]:
    """All paths and tests, wherever they stand."""
    found: list[tuple[str, Any]] = []
    for path, test in when.items():
        nested = path in ("any", "all", "none")
        found += [one for group in test for one in asked(group)] if nested else [(path, test)]
    return found


@st.composite
def answers(draw: st.DrawFn, test: Any) -> object:
    """A value that a test may ask for, or may not."""
    if isinstance(test, dict):
        ((_, test),) = test.items()
    if isinstance(test, list):
        test = draw(st.sampled_from(test))
    return draw(st.just(test) | st.just(test) | literals | st.sampled_from([[1], {"a": "x"}, None, "xx", 5]))


def put(payload: dict[str, Any], path: str, value: object) -> None:
    """Write a value where a plain path of names finds it."""
    *way, last = path.split(".")
    for step in way:
        payload = payload.setdefault(step, {}) if isinstance(payload.setdefault(step, {}), dict) else {}
    payload[last] = value


@st.composite
def messages(draw: st.DrawFn, files: Sequence[dict[str, Any]]) -> Message:
    """A record that some rule may ask for, as JSON writes it, written otherwise, or broken."""
    file = draw(st.sampled_from(files))
    rule = draw(st.sampled_from(file["rules"]))
    payload: dict[str, Any] = {
        "a": draw(literals),
        "data": {"previous_attributes": draw(st.sampled_from([{}, {"a": 0}]))},
    }
    headers: list[tuple[str, bytes | None]] = []
    item: dict[str, Any] = {}
    for path, test in asked(rule["when"]) + asked(file["when"]):
        value = draw(answers(test))
        if path.startswith("kafka.headers"):
            headers.append(("kind", draw(st.sampled_from([str(value).encode(), b"x", b"\xff", None]))))
        elif path.startswith("item."):
            put(item, path.removeprefix("item."), value)
        elif "[" not in path and path.split(".")[0] not in ("kafka", "own", "index", "item"):
            put(payload, path.removeprefix("payload."), value)
    others = draw(st.lists(literals | st.just({"type": "x"}), max_size=4))
    payload.setdefault("items", [item, *others][: draw(st.integers(0, 5))])
    payload["unread"] = draw(st.sampled_from([None, "é", {"type": ["x", {"a": 1.5}]}, [1e300]]))
    content: object = draw(st.sampled_from([payload] * 9 + [[payload], None, "x"]))
    value_ = draw(written(json.dumps(content, ensure_ascii=draw(st.booleans())).encode()))
    topic = draw(st.sampled_from(["t", "t", "t", "t2", "other"]))
    return Message(topic, 1, 7, NOW, draw(st.sampled_from([None, b"x", b"\xff"])), value_, tuple(headers))


GARBAGE = [b"\xff", b"\\u0063", b"\\ud800", b"1e999", b"NaN", b"\xef\xbb\xbf", b"[" * 201, b'"type":"x",', b"}", b"\0"]


@st.composite
def written(draw: st.DrawFn, value: bytes) -> bytes | None:
    """JSON as it is, written otherwise, or broken."""
    match draw(st.sampled_from(["as it is"] * 8 + ["escaped", "twice", "deep", "broken", "random", "none"])):
        case "escaped":
            return value.replace(b'"type"', b'"\\u0074ype"').replace(b'"x"', b'"\\u0078"')
        case "twice":
            return value.replace(b"{", b'{"type": "z", "live": true, ', 1).replace(b", }", b"}")
        case "deep":
            levels = draw(st.sampled_from([190, 199, 200, 201]))
            return b'{"type": "x", "a": %s%s}' % (b"[" * levels, b"]" * levels)
        case "broken":
            at = draw(st.integers(0, len(value)))
            return value[:at] + draw(st.sampled_from(GARBAGE)) + value[at + draw(st.integers(0, 2)) :]
        case "random":
            return draw(st.binary(max_size=20))
        case "none":
            return None
    return value


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[str], list[Message]]:
    """Mapping files (as JSON, which is YAML too), and records."""
    files = [draw(mappings(order)) for order in range(draw(st.integers(1, 3)))]
    return [json.dumps(file) for file in files], draw(st.lists(messages(files), min_size=4, max_size=12))


class Everyone:
    """An index that keeps nobody off."""

    def __init__(self, entries: Sequence[tuple[object, Any]], _readers: object) -> None:
        self._entries = [entry for _, entry in entries]
        places = tuple(range(len(entries)))
        self.find = lambda _value, _message: places

    def candidates(self, _value: object, _message: Message) -> Sequence[Any]:
        return self._entries


def loaded(files: Sequence[str]) -> Ruleset:
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(files):
            Path(folder, f"m{number}.yaml").write_text(content)
        found = load([Path(folder)], {})
    assert found.ruleset is not None, found.findings
    return found.ruleset


def explained(message: Message, ruleset: Ruleset) -> set[tuple[str, int | None]]:
    found = explain(message, Snapshot(ruleset, CONTEXT))
    return {(each.rule, each.item) for each in found if each.result != "failed"}


def told(outcome: Outcome) -> set[tuple[str | None, int | None]]:
    problems = {(each.rule, each.item) for each in outcome.problems if each.rule is not None}
    return problems | {(each.rule, each.item) for each in outcome.events}


@settings(max_examples=60, deadline=None)
@given(cases())
def test_trying_every_rule_in_turn_comes_to_the_same(case: tuple[list[str], list[Message]]) -> None:
    files, records = case
    found, plain = loaded(files), loaded(files)
    for message in records:
        outcome = resolve(message, Snapshot(found, CONTEXT))
        with (
            patch("greenflash_kafka.rules.topic_rules.CandidateIndex", Everyone),
            patch("greenflash_kafka.rules.rule_group.CandidateIndex", Everyone),
            patch.object(TopicRules, "shape", None),
        ):
            expected = resolve(message, Snapshot(plain, CONTEXT))
        if not any("a number is too large" in problem.message for problem in expected.problems):
            # Where no rule reads it, it may be.
            assert outcome == expected
        event(outcome.status)
        if all(problem.code != "limit" for problem in outcome.problems):
            assert told(outcome) == explained(message, found)
