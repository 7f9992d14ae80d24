"""The search for an event's conversation: own ids, keys, tries in turn, and what stands in the event afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.documents.yaml_nodes import BEGINNING
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.loading import load
from greenflash_kafka.mappings.value_compiler import literal
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.conversations import (
    Answer,
    Candidate,
    ConversationsUnreadable,
    Link,
    Question,
    Touch,
)
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.rules.event_builder import EventBuilder
from greenflash_kafka.rules.fields import Fields
from greenflash_kafka.rules.link import LinkTry, RuleLink
from greenflash_kafka.rules.rule import FileFacts, Rule
from greenflash_kafka.rules.rule_code import compile_rule
from greenflash_kafka.rules.rule_conditions import RuleParts
from greenflash_kafka.rules.rule_info import PartOrigin, RuleInfo
from greenflash_kafka.rules.ruleset import CompiledFile, Ruleset
from greenflash_kafka.snapshot import Snapshot

PRODUCT = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
UUID = "0b7c2f1e-1111-4222-8333-444455556666"
NOW = 1_795_000_000_000
DAY = 86_400_000
CHAT = Answer("linked", "c-7", "chat", NOW - 90_500)

CODE = compile_rule(RuleParts("r", (), (), Names()))
INFO = RuleInfo("r", PartOrigin("m.yaml", BEGINNING, "", "rule"), (), (), (), None)
BY_USER = (("external_user_id", None),)


def of(text: str, *, conversation: bool = False) -> Expression:
    return compile_expression(text, Names(conversation=conversation))


class Conversations:
    """Answers by the value of a key, and remembers what it was asked."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = answers
        self.asked: list[Question] = []

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:  # noqa: ARG002
        return True

    def find(self, question: Question) -> Answer:
        self.asked.append(question)
        return next((self.answers[value] for _, value in question.keys if value in self.answers), Answer("none"))

    def candidates(self, question: Question) -> Sequence[Candidate]:  # noqa: ARG002
        return ()


def way(
    *by: tuple[str, Expression | None], lookback: int = DAY, touch: Touch = "last", to: tuple[str, ...] = ()
) -> LinkTry:
    return LinkTry(by or BY_USER, lookback, touch, to)


class Linked:
    """One rule that links, what it is given to search in, and the event of a message."""

    def __init__(self, *tries: LinkTry, properties: Mapping[str, str] | None = None, **single: Expression) -> None:
        fields = {
            "event_type": literal("e"),
            "product_id": literal(PRODUCT),
            "value": of("payload.value"),
            "external_user_id": of("payload.user"),
            "insert_id": of("payload.id"),
            **single,
        }
        written = {name: of(text, conversation=True) for name, text in (properties or {}).items()}
        link = RuleLink(tries or (way(),))
        builder = EventBuilder("r", Fields(fields, written), link)
        rule = Rule("r", FileFacts("m.yaml", False, False), CODE, builder, INFO, link=link)
        self.ruleset = Ruleset([CompiledFile("m.yaml", ("t",), (), (rule,))], "v")

    def outcome(
        self, answers: Mapping[str, Answer] | None, payload: str, ms: int = NOW, kind: str = "create"
    ) -> Outcome:
        self.conversations = Conversations(answers or {})
        context = EvaluationContext(conversations=None if answers is None else self.conversations)
        message = Message("t", 0, 0, ms, None, payload.encode(), (), kind)
        found = evaluate(message, Snapshot(self.ruleset, context))
        assert isinstance(found, Outcome)
        return found

    def event(
        self, answers: Mapping[str, Answer] | None, payload: str = "", ms: int = NOW, kind: str = "create"
    ) -> Event:
        payload = payload or '{"id": "1", "user": "u-5", "value": "x"}'
        (event,) = self.outcome(answers, payload, ms, kind).events
        return event


def test_a_message_waits_while_its_conversation_cannot_be_looked_up() -> None:
    class Unreadable(Conversations):
        def find(self, question: Question) -> Answer:  # noqa: ARG002
            raise ConversationsUnreadable("disk I/O error")

    context = EvaluationContext(conversations=Unreadable({}))
    message = Message("t", 0, 0, NOW, None, b'{"id": "1", "user": "u-5", "value": "x"}')
    assert evaluate(message, Snapshot(Linked().ruleset, context)) == NotYet(("horizon", (), NOW))


def test_a_conversation_that_is_found_is_in_the_event_and_in_its_link() -> None:
    rule = Linked()
    event = rule.event({"u-5": CHAT})
    assert event.fields["external_conversation_id"] == "c-7"
    assert "conversation_id" not in event.fields
    assert event.link == Link("linked", "last_touch", "c-7", "chat", NOW - 90_500, 90_500)
    assert rule.conversations.asked == [Question((), PRODUCT, (("external_user_id", "u-5"),), NOW, NOW, DAY, "last")]


def test_greenflash_s_own_ids_have_a_field_of_their_own() -> None:
    event = Linked().event({"u-5": Answer("linked", UUID, "greenflash", NOW, True)})
    assert event.fields["conversation_id"] == UUID
    assert "external_conversation_id" not in event.fields


@pytest.mark.parametrize(
    ("field", "expression", "payload"),
    [
        ("external_conversation_id", "payload.chat", '{"id": "1", "user": "u-5", "value": "x", "chat": "own"}'),
        ("conversation_id", "payload.chat", f'{{"id": "1", "user": "u-5", "value": "x", "chat": "{UUID}"}}'),
    ],
)
def test_an_id_that_the_rule_gives_wins_and_nothing_is_searched(field: str, expression: str, payload: str) -> None:
    rule = Linked(**{field: of(expression)}, properties={"how": "conversation.method", "of": "conversation.source"})
    event = rule.event({"u-5": CHAT}, payload)
    assert rule.conversations.asked == []
    assert event.link == Link("own", "own", str(event.fields[field]))
    assert event.fields["properties"] == {"how": "own"}
    # Without a value it is searched.
    for other in ('{"id": "1", "user": "u-5", "value": "x"}', '{"id": "1", "user": "u-5", "value": "x", "chat": ""}'):
        if field == "external_conversation_id" or '""' not in other:
            assert rule.event({"u-5": CHAT}, other).fields["external_conversation_id"] == "c-7"


def test_a_conversation_that_is_written_in_the_file_wins_too() -> None:
    rule = Linked(external_conversation_id=literal("always"))
    assert rule.event({"u-5": CHAT}).link == Link("own", "own", "always")
    assert rule.conversations.asked == []


def test_the_event_s_own_time_is_what_is_asked_about_and_the_record_s_what_was_known() -> None:
    rule = Linked(event_at=of("time(payload.at)"), properties={"before": "conversation.seconds_before"})
    payload = '{"id": "1", "user": "u-5", "value": "x", "at": "2026-11-18T11:06:40.2509Z"}'
    event = rule.event({"u-5": Answer("linked", "c-7", "chat", NOW + 1_000)}, payload, NOW + DAY)
    (asked,) = rule.conversations.asked
    assert (asked.at, asked.recorded) == (NOW + 250, NOW + DAY)
    # An activity may lie a little after the event: clocks differ.
    assert event.link is not None
    assert event.link.before_ms == 0
    assert event.fields["properties"] == {"before": 0}
    # A time that nobody can read is the record's.
    rule.event({}, '{"id": "1", "user": "u-5", "value": "x", "at": "soon"}', NOW + DAY)
    assert rule.conversations.asked[0].at == NOW + DAY


def test_keys_without_a_value_are_left_out_and_numbers_are_text() -> None:
    rule = Linked(way(("external_user_id", None), ("n", of("payload.n")), ("bad", of("payload.n / 0"))))
    rule.event({}, '{"id": "1", "user": "u-5", "value": "x", "n": 12.50}')
    assert rule.conversations.asked[0].keys == (("external_user_id", "u-5"), ("n", "12.5"))
    rule.event({}, '{"id": "1", "user": "", "value": "x", "n": [1]}')
    assert rule.conversations.asked == []


def test_the_next_way_is_tried_until_one_finds_something() -> None:
    rule = Linked(way(lookback=1), way(("mail", of("payload.mail")), lookback=2, touch="first", to=("chat",)))
    payload = '{"id": "1", "user": "u-5", "value": "x", "mail": "a@b"}'
    event = rule.event({"u-5": Answer("ambiguous"), "a@b": CHAT}, payload)
    assert event.link is not None
    assert (event.link.result, event.link.method) == ("linked", "first_touch")
    assert [(one.lookback, one.touch, one.to) for one in rule.conversations.asked] == [
        (1, "last", ()),
        (2, "first", ("chat",)),
    ]


@pytest.mark.parametrize(
    ("first", "second", "result"),
    [
        ("none", "none", "none"),
        ("crowded", "none", "crowded"),
        ("none", "ambiguous", "ambiguous"),
        ("history", "none", "history"),
        # Whether the second way may be asked depends on what the first one will find.
        ("not-ready", "linked", "not-ready"),
    ],
)
def test_without_a_conversation_the_most_telling_result_is_kept(first: Any, second: Any, result: str) -> None:
    rule = Linked(way(), way(("mail", of("payload.mail"))))
    payload = '{"id": "1", "user": "u-5", "value": "x", "mail": "a@b"}'
    event = rule.event({"u-5": Answer(first), "a@b": Answer(second, "c-7", "chat", NOW)}, payload)
    assert event.link == Link(result)  # type: ignore[arg-type]
    assert "external_conversation_id" not in event.fields


def test_what_there_is_nothing_to_search_with_is_said() -> None:
    rule = Linked()
    assert rule.event({"u-5": CHAT}, '{"id": "1", "value": "x"}').link == Link("no-key")
    assert rule.event(None).link == Link("not-ready")
    assert rule.event({"u-5": CHAT}, ms=0, kind="none").link == Link("no-time")


@pytest.mark.parametrize(
    "answer",
    [Answer("linked", "no-uuid", "greenflash", NOW, True), Answer("linked", "\ud800", "chat", NOW), Answer("linked")],
)
def test_an_id_that_the_api_would_reject_costs_no_event(answer: Answer) -> None:
    event = Linked().event({"u-5": answer})
    assert event.link == Link("none")
    assert not {"external_conversation_id", "conversation_id"} & event.fields.keys()


def test_an_own_id_that_is_empty_or_wrong_stands_back_for_one_that_is_found() -> None:
    empty = Linked(external_conversation_id=literal(""))
    assert empty.event({"u-5": CHAT}).body.count(b'"externalConversationId":"c-7"') == 1
    assert empty.event({}).body.count(b'"externalConversationId":""') == 1
    wrong = Linked(conversation_id=of("payload.chat"))
    payload = '{"id": "1", "user": "u-5", "value": "x", "chat": ""}'
    assert wrong.event({"u-5": CHAT}, payload).fields["external_conversation_id"] == "c-7"
    (problem,) = wrong.outcome({}, payload).problems
    assert (problem.code, problem.field) == ("not-allowed", "conversation_id")


def test_half_a_pair_is_no_key() -> None:
    rule = Linked(way(("n", literal("\ud800"))))
    rule.event({})
    assert rule.conversations.asked == []


def test_properties_tell_of_the_conversation() -> None:
    names = ("id", "at", "source", "seconds_before", "method")
    rule = Linked(properties={name: f"conversation.{name}" for name in names})
    assert rule.event({"u-5": CHAT}).fields["properties"] == {
        "id": "c-7",
        "at": "2026-11-18T11:05:09.5Z",
        "source": "chat",
        "seconds_before": 90.5,
        "method": "last_touch",
    }
    without = rule.event({})
    assert "properties" not in without.fields
    counts = rule.outcome({}, '{"id": "1", "user": "u-5", "value": "x"}').counts
    assert {each.field for each in counts} == {f"properties.{name}" for name in names}


def test_the_conversation_of_one_event_is_not_told_of_the_next() -> None:
    rule = Linked(properties={"chat": "conversation.id"})
    assert rule.event({"u-5": CHAT}).fields["properties"] == {"chat": "c-7"}
    assert "properties" not in rule.event({}).fields


def test_the_id_of_an_event_does_not_depend_on_its_link() -> None:
    rule = Linked()
    assert rule.event({"u-5": CHAT}).insert_id == rule.event({}).insert_id == rule.event(None).insert_id == "e:1"


@pytest.mark.parametrize("name", ["p", 'a name with "quotes"'])
def test_the_link_is_the_same_whichever_way_properties_are_written(name: str) -> None:
    event = Linked(properties={name: "conversation.id"}).event({"u-5": CHAT})
    assert event.link is not None
    assert event.link.result == "linked"
    assert event.fields["properties"] == {name: "c-7"}
    assert list(event.fields)[-4:] == ["external_conversation_id", "event_at", "properties", "insert_id"]


CHAT_FILE = """\
version: 1
source: {topics: [chat]}
conversations:
  - name: chat
    when: {role: user}
    id: = payload.c
    at: = kafka.timestamp
    keys: {external_user_id: = payload.user}
    max_delay: 1m
"""

FILE = """\
version: 1
source: {topics: [t]}
link: {lookback: 24h}
defaults: {product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: neutral, external_user_id: = payload.user}
rules:
  - name: r
    when: {conversation.topic: refunds}
    event:
      event_type: e
      value: "1"
      insert_id: = payload.id
      properties: {minutes: = round(conversation.seconds_before / 60), topic: = payload.conversation.topic}
"""


def findings(tmp_path: Path, old: str, new: str) -> list[tuple[int, str, str]]:
    assert old in FILE
    for name, text in (("chat.yaml", CHAT_FILE), ("m.yaml", FILE.replace(old, new))):
        (tmp_path / name).write_text(text)
    return [(one.line, one.code, one.hint) for one in load([tmp_path], {}).findings]


def test_a_rule_of_a_file_that_links(tmp_path: Path) -> None:
    assert findings(tmp_path, "24h", "24h") == []
    ruleset = load([tmp_path], {}).ruleset
    assert ruleset is not None
    context = EvaluationContext(conversations=Conversations({"u-5": CHAT}))
    payload = b'{"id": "1", "user": "u-5", "conversation": {"topic": "refunds"}}'
    found = evaluate(Message("t", 0, 0, NOW, None, payload), Snapshot(ruleset, context))
    assert isinstance(found, Outcome)
    # In conditions `conversation` is a field of the message like any other.
    (event,) = found.events
    assert event.fields["properties"] == {"minutes": 2, "topic": "refunds"}


@pytest.mark.parametrize(
    ("old", "new", "line", "hint"),
    [
        ("conversation.seconds_before", "conversation.second_before", 12, "conversation.seconds_before"),
        (
            "    when:",
            "    link: null\n    when:",
            13,
            "payload.conversation, if it is a field; or give the rule a `link`",
        ),
        (
            'value: "1"',
            "value: = conversation.id",
            10,
            "payload.conversation, if it is a field; or give the rule a `link`",
        ),
        (
            "insert_id: = payload.id",
            "insert_id: = conversation.id",
            11,
            "payload.conversation, if it is a field; or give the rule a `link`",
        ),
        (
            "    when:",
            "    where: conversation.id == payload.c\n    when:",
            7,
            "payload.conversation, if it is a field; or give the rule a `link`",
        ),
        (
            "    when:",
            "    let: {c: = conversation.id}\n    when:",
            7,
            "payload.conversation, if it is a field; or give the rule a `link`",
        ),
    ],
)
def test_where_a_conversation_may_not_be_used(tmp_path: Path, old: str, new: str, line: int, hint: str) -> None:
    assert findings(tmp_path, old, new) == [(line, "unknown-name", hint)]
