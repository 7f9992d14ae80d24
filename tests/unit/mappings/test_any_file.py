"""Any text gives findings or a ruleset, and any payload an answer: never another exception."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from greenflash_kafka.documents.codes import CODES
from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.ruleset import KafkaFacts, Ruleset
from tests.unit.rules.one_chat import CHAT, LINKED

ROOT = Path(__file__).parents[3]
GOOD = [
    path.read_text()
    for path in sorted((ROOT / "mappings").rglob("*.yaml")) + sorted((ROOT / "tests" / "cases").rglob("*.yaml"))
    if not path.stem.endswith("_test")
]
GOOD += [CHAT, LINKED + CHAT.partition("source: {topics: [chat]}\n")[2]]
ENV = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}

_TOKEN_WORDS = """
    version source topics rules name when where let each valid event defaults tables any all none exists not from
    becomes increased payload item index kafka tables conversation event_type value properties insert_id event_at file
    key before after first_match = : - [ ] { } ' " # , null true 1 007 1.10 ${X} = payload.x *a &b !c | > ( ) 2026-01-01
    conversations link id keys at lookback by touch to max_delay 24h external_user_id
    avro debezium /(/ == + coalesce(1 \\ \t"""
_TOKENS = st.sampled_from(_TOKEN_WORDS.split())
_SCALARS = st.none() | st.booleans() | st.integers() | _TOKENS | st.text(max_size=8)
_KEY_WORDS = """
    version source topics rules name when where let each valid event defaults tables any all none exists not above
    becomes from until zone event_type product_id value properties insert_id event_at file key payload.x item.y a.b
    first_match before after format envelope
    conversations link id greenflash_id keys at lookback by touch to max_delay external_user_id"""
_KEYS = st.sampled_from(_KEY_WORDS.split())
_TREES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=6), max_leaves=30
)
_PAYLOADS = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["type", "data", "object", "plan", "amount", "id", "order", "lines", "created", "livemode"]
            ),
            inner,
            max_size=5,
        )
    ),
)


def loaded(content: bytes) -> Loaded:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "m.yaml")
        path.write_bytes(content)
        result = load([path], ENV)
    assert all(finding.code in CODES and finding.line >= 1 and finding.column >= 1 for finding in result.findings)
    assert (result.ruleset is None) == any(finding.severity == "error" for finding in result.findings)
    return result


@st.composite
def _changed(draw: st.DrawFn) -> str:
    """A good file with a few lines or words changed."""
    lines = draw(st.sampled_from(GOOD)).splitlines()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        column = draw(st.integers(0, len(lines[at])))
        match draw(st.sampled_from(["drop", "double", "insert", "cut", "swap"])):
            case "drop":
                lines[at] = ""
            case "double":
                lines.insert(at, lines[at])
            case "insert":
                lines[at] = lines[at][:column] + draw(_TOKENS) + lines[at][column:]
            case "cut":
                lines[at] = lines[at][:column]
            case _:
                lines[at], lines[0] = lines[0], lines[at]
    return "\n".join(lines)


@settings(max_examples=60, deadline=None)
@given(_changed())
def test_a_file_with_a_few_changes_gives_findings_or_a_ruleset(text: str) -> None:
    loaded(text.encode())


def _write(tree: object, indent: str = "") -> str:
    """YAML in block notation, unquoted, as careless as a person can be."""
    if isinstance(tree, dict):
        return "".join(f"\n{indent}{key}: {_write(value, indent + '  ')}" for key, value in tree.items())
    if isinstance(tree, list):
        return "".join(f"\n{indent}- {_write(value, indent + '  ')}" for value in tree)
    return str(tree)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(_KEYS, _TREES, max_size=6))
def test_any_tree_gives_findings_or_a_ruleset(tree: dict[str, object]) -> None:
    loaded(_write({"version": 1, "source": {"topics": ["t"]}, **tree}).encode("utf-8", "replace"))


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=100))
def test_any_bytes_give_findings(content: bytes) -> None:
    assert loaded(content).ruleset is None


@cache
def _shipped() -> Ruleset:
    found = load([ROOT / "mappings"], ENV).ruleset
    assert found is not None
    return found


@settings(max_examples=100, deadline=None)
@given(_PAYLOADS)
def test_any_payload_has_an_answer_and_the_same_explanation(payload: object) -> None:
    for topic in _shipped().topics:
        rules = _shipped().rules_for(topic)
        assert rules is not None
        facts = KafkaFacts(Message(topic, 0, 0, 1_795_000_000_000))
        applied = rules.apply(payload, facts, EvaluationContext())
        explained = rules.explain(payload, facts, EvaluationContext())
        assert len(applied.drafts) == sum(one.result == "matched" for one in explained)
        assert {p.rule for p in applied.problems} == {one.rule for one in explained if one.result == "invalid"}
