"""Any rule, any message: an event that is built by compiled code is the one that is built step by step.

Bodies, ids, links, problems and counts are the same, in the same order; so is what the rules after it may still spend.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zlib import crc32

import msgspec
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st
from msgspec import Raw

from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.conversations import Answer, Candidate, Question
from greenflash_kafka.model.event import FIELDS
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.resolve import resolve
from greenflash_kafka.rules.event_builder import EventBuilder
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from tests.oracle.plain_event import PlainEvent

UUID = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
NOW = 1_795_000_000_000

ANSWERS = [
    *(Answer("none"), Answer("history"), Answer("ambiguous"), Answer("crowded"), Answer("not-ready")),
    *(Answer("linked", "c-7", "chat", NOW - 1_500),) * 12,
    *(Answer("linked", "c-6", "chat", NOW), Answer("linked", "c\u2603", "chat", NOW + 4_000)),
    *(Answer("linked", UUID, "greenflash", NOW - 60_000, True), Answer("linked", "no-uuid", "greenflash", NOW, True)),
    *(Answer("linked", "\ud800", "chat", NOW), Answer("linked", "c-8", "chat", -1)),
]


class AnyConversations:
    """The same answer to the same question, and any answer to the next one."""

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:  # noqa: ARG002
        return True

    def find(self, question: Question) -> Answer:
        return ANSWERS[crc32(repr(question).encode()) % len(ANSWERS)]

    def candidates(self, question: Question) -> Sequence[Candidate]:  # noqa: ARG002
        return ()


CONTEXT = EvaluationContext("cluster", {"t": "topic-id"}, b"key", conversations=AnyConversations())

ANY = [
    *("payload.a", "payload.a", "payload.b.c", "payload.n", "payload.list", "payload.o", "payload.none", "payload"),
    *('coalesce(payload.b.c, payload.n, "x")', "payload.a if payload.flag else payload.n", "parse_json(payload.a)"),
    *("kafka.key", "own", "payload.list[0]", "null", "nullif(payload.a, payload.b.c)"),
]
TEXT = [
    *("upper(payload.a)", "concat(payload.a, payload.b.c)", "text(payload.n)", "shared", "hash(payload.a)", '"fixed"'),
    *("lower(shared)", "substring(payload.a, 2)", "kafka.topic", 'join(payload.list, "-")'),
]
TIME = ['time(payload.t, "s")', "time(payload.a)", 'time(payload.n, "ms")', "kafka.timestamp"]
MONEY = [
    *("money_minor(payload.n, payload.c)", 'money_minor(payload.n, payload.c, provider="stripe")'),
    *('money_major(payload.n, "EUR")', 'money_minor(payload.n, "EUR", round="half_up")'),
]
NUMBER = ["payload.n / payload.m", "number(payload.a)", "kafka.offset", "5", "1.50", "length(payload.a)"]
BOOLEAN = ["payload.a == payload.n", "true", "exists(payload.a)"]
LIST = ["[x for x in payload.list if x != 1]", "distinct(payload.list)", 'split(payload.a, "-")', "[payload.a, 1]"]
OF_CONVERSATION = [f"conversation.{name}" for name in ("id", "at", "source", "seconds_before", "method")]
OWN_KEYS = ["external_user_id", "user_id", "external_organization_id", "organization_id"]
CHAT = json.dumps(
    {
        "version": 1,
        "source": {"topics": ["chat"]},
        "conversations": [
            {
                "name": "chat",
                "when": {"x": None},
                "id": "= payload.id",
                "at": "= time(payload.at)",
                "keys": {name: f"= payload.{name}" for name in (*OWN_KEYS, "k")},
                "max_delay": "1m",
            }
        ],
    }
)
KEYS = ["payload.a", "payload.n", "payload.list", "payload.none", "upper(payload.a)", "payload.n / payload.m"]
OF_ITEMS = ["item", "item.id", "item.id", "item.n"]

FITTING = {
    "text": ANY + TEXT + TIME,
    "uuid": ["payload.u", "payload.u", "payload.a"],
    "enum": ["payload.e", "payload.e", "payload.a"],
    "score": ["payload.m", "payload.n", "payload.flag", *NUMBER[:3]],
    "time": ANY + TEXT + TIME,
    "boolean": ["payload.flag", "payload.flag", "payload.a", *BOOLEAN],
    "object": ["payload.o", "payload.o", "payload.b", "payload", "own"],
    "value": ANY + TEXT + TIME + MONEY + NUMBER + BOOLEAN,
    "insert_id": [
        "payload.a",
        "payload.a",
        "payload.n",
        "concat(payload.a, payload.n)",
        "kafka.offset",
        "payload.list",
    ],
    "property": ANY + TEXT + TIME + MONEY + NUMBER + BOOLEAN + LIST,
}
LITERALS: dict[str, list[object]] = {
    "value_type": ["currency", "text"],
    "influence": ["positive", "neutral"],
    "text": ["some text", '\u00e9\u2603\n"\\'],
    "external_conversation_id": ["", "c-own"],
    "uuid": [UUID],
    "score": [0.5, 1, 0],
    "time": ["2026-11-18T10:00:00+02:00"],
    "boolean": [True, False],
    "insert_id": ["= payload.a"],
}


def written(expressions: list[str], items: bool) -> st.SearchStrategy[object]:
    return st.sampled_from(expressions + OF_ITEMS * items).map(lambda text: f"= {text}")


@st.composite
def events(draw: st.DrawFn, items: bool, links: bool) -> dict[str, object]:
    made: dict[str, object] = {"event_type": "e", "product_id": UUID, "value": "= payload.a"}
    if links:
        made["external_user_id"] = "= payload.a"
        if draw(st.booleans()):
            made["event_at"] = '= time(payload.t, "s")'
    for field in draw(st.lists(st.sampled_from(FIELDS), max_size=5 if links else 9, unique=True)):
        fitting = FITTING.get(field.name) or FITTING[field.kind]
        if field.kind != "object":
            literals = LITERALS.get(field.name) or LITERALS[field.kind]
            made[field.name] = draw(written(fitting, items) | st.sampled_from(literals))
    part = written(FITTING["property"] + OF_CONVERSATION * 3 * links, items)
    inner = part | part | part | st.sampled_from([1, "x", True, 10**30]) | st.lists(part, max_size=2)
    names = st.sampled_from(["p", "q r", "\u00e9", 'with "quotes"', "z"])
    named = st.dictionaries(names, inner, max_size=4)
    made["properties"] = draw(named | named | written(FITTING["object"], items))
    if items and "insert_id" in made:
        made["insert_id"] = draw(st.sampled_from(["= item.id", "= index", "= concat(payload.a, index)"]))
    return {key: made[key] for key in draw(st.permutations(sorted(made)))}


@st.composite
def links(draw: st.DrawFn, items: bool) -> list[dict[str, Any]]:
    """How events are linked: by fields of their own, or by expressions."""
    fields = st.lists(st.sampled_from(OWN_KEYS), min_size=1, max_size=2, unique=True)
    written_out = st.dictionaries(st.sampled_from([*OWN_KEYS, "k"]), written(KEYS, items), min_size=1, max_size=3)
    ways: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
        {"by": fields | written_out, "lookback": st.sampled_from(["1s", "7d"])},
        optional={"touch": st.sampled_from(["last", "first", "single"]), "to": st.just(["chat"])},
    )
    return draw(st.lists(ways, min_size=1, max_size=2))


@st.composite
def files(draw: st.DrawFn) -> str:
    """A mapping file of one to three rules that match everything, as JSON, which is YAML too."""
    items = draw(st.booleans())
    link = draw(st.none() | links(items))
    rules = []
    for number in range(draw(st.integers(1, 3))):
        own = draw(st.sampled_from(["payload.b", "upper(payload.a)", "item.id" if items else "shared"]))
        rule = {"name": f"r{number}", "let": {"own": f"= {own}"}, "event": draw(events(items, link is not None))}
        rules.append(rule if items else {**rule, "when": {"x": None}})
    file = {"version": 1, "source": {"topics": ["t"]}, "let": {"shared": "= upper(payload.a)"}, "rules": rules}
    more = {**({"each": "= payload.list"} if items else {}), **({"link": link} if link is not None else {})}
    return json.dumps({**file, **more})


GOOD_TEXTS = st.sampled_from(["u-5", "\u00e9\u2603", '"\\\n', "2026-11-18T10:00:00Z", "12", '{"a": 1}', "a-b"])
TEXTS = st.one_of(
    *(GOOD_TEXTS, GOOD_TEXTS, st.text(max_size=12)),
    # Two of the longest are more text than a message may make; the others make an id too long.
    st.sampled_from([0, 300, 20_000, 40_000]).map(lambda size: "x\u00e4" * (size // 2)),
)
NUMBERS = st.sampled_from(
    [
        *("0", "1", "99", "100", "14950", "-5", "1795000000", "946684799", "1.5", "0.10", "149.00", "-0.5", "0.5"),
        *("1E+5", "1e-70", "1E+300", f"{2**64}", "1" * 301, "1" * 350, f"{NOW}"),
    ]
).map(lambda text: Raw(text.encode()))
VALUES = st.recursive(
    st.none() | st.booleans() | TEXTS | NUMBERS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["c", "id", "n"]), inner, max_size=3),
    max_leaves=5,
)
ITEMS = st.fixed_dictionaries({"id": TEXTS}, optional={"n": NUMBERS})
GOOD: dict[str, object] = {"a": "a-1", "b": {"c": "b-c"}, "n": 14950, "m": Raw(b"0.25"), "c": "EUR", "t": 1_795_000_000}
GOOD |= {"u": UUID, "e": "positive", "list": [{"id": "i-1"}, {"id": "i-2", "n": 7}], "o": {"k": "v"}, "flag": True}
ODD = st.fixed_dictionaries(
    {},
    optional={
        "a": TEXTS | TEXTS | VALUES,
        "b": st.fixed_dictionaries({}, optional={"c": TEXTS}) | VALUES,
        "n": NUMBERS | NUMBERS | VALUES,
        "m": NUMBERS,
        "c": st.sampled_from(["eur", "JPY", "ISK", "MGA", "KWD", "XXX", None]),
        "t": st.sampled_from([1_795_000_001, "soon", NOW, 946_684_799]) | VALUES,
        "u": st.sampled_from([UUID.upper(), "u", None]),
        "e": st.sampled_from(["currency", "good", None]),
        "list": st.lists(ITEMS | ITEMS | VALUES, max_size=4) | st.none(),
        "o": st.dictionaries(st.sampled_from(["k", "l", "\u2603"]), VALUES, max_size=2) | VALUES,
        "flag": st.sampled_from([False, None, 1]),
    },
)
"""What is in messages beside the ordinary; so that much of each message is as it should be."""

MESSAGES = st.builds(
    lambda odd, keep, at, kind, key: Message("t", 1, 7, at, key, _json(odd, keep), (), kind),
    *(ODD, st.sets(st.sampled_from(sorted(GOOD)), min_size=6)),
    st.sampled_from([NOW, NOW, NOW, NOW + 1, 0, -1, 2**62, -(2**62)]),
    *(st.sampled_from(["create", "create", "append", "none"]), st.sampled_from([None, b"key", b"\xff", b""])),
)


def _json(odd: dict[str, object], keep: set[str]) -> bytes:
    few = {name: odd[name] for name in sorted(odd)[:3]}
    return msgspec.json.encode({name: value for name, value in GOOD.items() if name in keep} | few)


def loaded(text: str) -> Ruleset | None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.yaml")
        path.write_text(text)
        chat = Path(folder, "chat.yaml")
        chat.write_text(CHAT)
        return load([path, chat], {}).ruleset


def plain(builder: EventBuilder, scope: Scope, drafts: Any, problems: Any, counts: Any) -> None:
    PlainEvent(builder.plan).build(scope, drafts, problems, counts)


@settings(max_examples=120, deadline=None)
@given(files(), st.lists(MESSAGES, min_size=1, max_size=12))
def test_any_rule_and_any_message(text: str, messages: list[Message]) -> None:
    ruleset = loaded(text)
    assume(ruleset is not None)
    assert ruleset is not None
    for message in messages:
        compiled = resolve(message, Snapshot(ruleset, CONTEXT))
        with patch.object(EventBuilder, "build", plain):
            assert resolve(message, Snapshot(ruleset, CONTEXT)) == compiled
        event(f"{compiled.status}{', something left out' if compiled.counts else ''}")
        for each in compiled.events:
            event(f"link: {each.link and each.link.result}")


def outcome_of(file: Mapping[str, object], payload: dict[str, object]) -> Outcome:
    ruleset = loaded(json.dumps({"version": 1, "source": {"topics": ["t"]}, **file}))
    assert ruleset is not None
    return resolve(Message("t", 0, 0, NOW, None, msgspec.json.encode(payload)), Snapshot(ruleset, CONTEXT))


def rule(name: str, **fields: object) -> dict[str, object]:
    return {"name": name, "event": {"event_type": "e", "product_id": UUID, "value": "1", **fields}}


def test_the_json_of_an_event() -> None:
    outcome = outcome_of(
        {
            "let": {"plan": "= payload.plan"},
            "rules": [
                {
                    "when": {"type": "x"},
                    **rule(
                        "r",
                        value='= money_minor(plan.amount, plan.currency, provider="stripe")',
                        external_user_id="= payload.user",
                        external_conversation_id="= payload.none",
                        quality_impact_score="= payload.score",
                        event_at='= time(payload.at, "s")',
                        insert_id="= payload.id",
                        properties={"seats": "= payload.seats", "rate": "= payload.rate", "of": ["= payload.user"]},
                    ),
                }
            ],
        },
        {
            "type": "x",
            "user": "u",
            "at": 1_795_000_000,
            "id": 7,
            "seats": 5,
            "rate": 0.25,
            "score": 0.5,
            "plan": {"amount": 4900, "currency": "eur"},
        },
    )
    assert outcome.events[0].body == (
        b'{"eventType":"e","productId":"%b","valueType":"currency","value":"49.00",'
        b'"qualityImpactScore":0.5,"externalUserId":"u","eventAt":"2026-11-18T11:06:40Z",'
        b'"properties":{"seats":5,"rate":0.25,"of":["u"]},"insertId":"e:7"}' % UUID.encode()
    )


def test_an_event_that_something_is_left_out_of_spends_once() -> None:
    fields = {"external_user_id": "= upper(payload.a)", "event_at": "= time(item)", "insert_id": "= index"}
    file = {"each": "= payload.items", "rules": [rule("r", **fields)]}
    outcome = outcome_of(file, {"a": "x" * 20_000, "items": ["soon"] * 4})
    # Three times 20,000 bytes of text are within a message's 65,536.
    assert [(count.code, count.field) for count in outcome.counts] == [
        *[("bad-time", "event_at")] * 3,
        ("limit", "external_user_id"),
        ("bad-time", "event_at"),
    ]


def test_what_an_event_has_remembered_is_paid_for() -> None:
    first = rule("first", external_user_id="= shared", event_at="= time(payload.a)")
    second = rule("second", external_user_id="= lower(payload.a)")
    file = {"let": {"shared": "= upper(payload.a)"}, "when": {"x": None}, "rules": [first, second]}
    outcome = outcome_of(file, {"a": "x" * 40_000})
    assert [(count.code, count.rule, count.field) for count in outcome.counts] == [
        ("bad-time", "first", "event_at"),
        ("limit", "second", "external_user_id"),
    ]


def test_what_others_have_remembered_stays() -> None:
    texts = rule("first", external_user_id="= shared"), rule("third", external_user_id="= shared")
    late = rule("second", event_at="= time(payload.a)", insert_id="= payload.b")
    file = {"let": {"shared": "= upper(payload.a)"}, "when": {"x": None}, "rules": [texts[0], late, texts[1]]}
    outcome = outcome_of(file, {"a": "x" * 40_000, "b": "b"})
    assert [(count.code, count.rule, count.field) for count in outcome.counts] == [("bad-time", "second", "event_at")]
    assert len(outcome.events) == 3
