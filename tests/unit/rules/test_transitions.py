"""Transitions find the earlier value in every shape that producers send it, and count where nothing tells it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.rules.results import EvaluationResult

Apply = Callable[..., EvaluationResult]

FILE = """\
version: 1
source: {{topics: [t]{source}}}
rules:
  - name: r
    when: {when}
    event: {{event_type: e, product_id: "${{PRODUCT_ID}}", influence: neutral, value: 1}}
"""
OWN = ", before: payload.old, after: payload.new"


@pytest.mark.parametrize(
    ("when", "payload", "holds"),
    [
        ("{new.a: {changed: true}}", {"old": {"a": 1}, "new": {"a": 2}}, True),
        ("{new.a: {changed: true}}", {"old": {"a": 1}, "new": {"a": 1}}, False),
        ("{new.a: {changed: true}}", {"old": {"a": None}, "new": {"a": 1}}, True),
        ("{new.a: {changed: true}}", {"old": {"a": True}, "new": {"a": 1}}, True),
        ("{new.a: {changed: true}}", {"old": {"a": [1, {"b": 1}]}, "new": {"a": [1, {"b": 1}]}}, False),
        ("{new.a: {increased: true}}", {"old": {"a": 1}, "new": {"a": 2}}, True),
        ("{new.a: {decreased: true}}", {"old": {"a": 1}, "new": {"a": 2}}, False),
        ("{new.a: {from: [1, 2], to: [3, 4]}}", {"old": {"a": 1}, "new": {"a": 4}}, True),
        ("{new.a: {from: 1}}", {"old": {"a": 1}, "new": {"a": 1}}, False),
        ("{new.a: {to: 1}}", {"old": {"a": 1}, "new": {"a": 1}}, False),
        ("{new.a: {from: 1, to: null}}", {"old": {"a": 1}, "new": {}}, True),
        ("{new.a: {becomes: x}}", {"old": {"a": "y"}, "new": {"a": "x"}}, True),
        ("{new.a: {becomes: [x, y]}}", {"old": {"a": "y"}, "new": {"a": "x"}}, False),
        ("{new.a: {becomes: x}}", {"old": None, "new": {"a": "x"}}, True),
        ("{new.a.b: {from: null}}", {"old": {"a": None}, "new": {"a": {"b": 1}}}, True),
    ],
)
def test_the_shape_that_the_file_declares(apply: Apply, when: str, payload: object, holds: bool) -> None:
    applied = apply(FILE.format(source=OWN, when=when), payload)
    assert (len(applied.drafts) == 1, applied.counts) == (holds, [])


@pytest.mark.parametrize(
    ("when", "payload", "holds"),
    [
        ("{data.object.a: {changed: true}}", {"data": {"object": {"a": 1}, "previous_attributes": {}}}, False),
        ("{data.object.a.b: {from: null}}",
         {"data": {"object": {"a": {"b": 1}}, "previous_attributes": {"a": None}}}, True),
        ("{'data.object.a[0].b': {increased: true}}",
         {"data": {"object": {"a": [{"b": 2}]}, "previous_attributes": {"a": [{"b": 1}]}}}, True),
        ("{data.object.a: {becomes: x}}", {"type": "thing.created", "data": {"object": {"a": "x"}}}, True),
        ("{status: {changed: true}}", {"changed_fields": ["status"], "status": "x"}, True),
        ("{status: {to: x}}", {"changedFields": ["status"], "status": "x"}, True),
        ("{status: {to: x}}", {"changedFields": ["other"], "status": "x"}, False),
        ("{payload.StageName: {to: Won}}",
         {"ChangeEventHeader": {"changedFields": ["StageName"], "changeType": "UPDATE"}, "StageName": "Won"}, True),
        ("{payload.payload.StageName: {becomes: Won}}",
         {"payload": {"ChangeEventHeader": {"changedFields": [], "changeType": "CREATE"}, "StageName": "Won"}}, True),
    ],
)  # fmt: skip
def test_stripe_s_shape_and_lists_of_changed_fields(apply: Apply, when: str, payload: object, holds: bool) -> None:
    applied = apply(FILE.format(source="", when=when), payload)
    assert (len(applied.drafts) == 1, applied.counts) == (holds, [])


@pytest.mark.parametrize(
    ("source", "when", "payload"),
    [
        (OWN, "{new.a: {changed: true}}", {"new": {"a": 1}}),
        (OWN, "{new.a: {changed: true}}", {"old": {}, "new": {"a": 1}}),
        (OWN, "{new.a: {changed: true}}", {"old": None, "new": {"a": 1}}),
        ("", "{data.object.a: {changed: true}}", {"type": "thing.updated", "data": {"object": {"a": 1}}}),
        ("", "{status: {from: y}}", {"changedFields": ["status"], "status": "x"}),
        ("", "{status: {becomes: x}}", {"changedFields": ["status"], "status": "x"}),
        ("", "{status: {changed: true}}", {"changedFields": ["0x1A"], "status": "x"}),
        ("", "{status: {changed: true}}", {"status": "x"}),
    ],
)
def test_where_nothing_tells_it_is_false_and_counted(apply: Apply, source: str, when: str, payload: object) -> None:
    applied = apply(FILE.format(source=source, when=when), payload)
    assert applied.drafts == []
    assert [count.code for count in applied.counts] == ["no-earlier-value"]


def test_items_have_earlier_values_too(apply: Apply) -> None:
    text = FILE.format(source=", before: item.old, after: item.new", when="{item.new.a: {increased: true}}")
    text = text.replace("    when:", "    each: payload\n    when:").replace("value: 1", "value: 1, insert_id: = index")
    applied = apply(text, [{"old": {"a": 1}, "new": {"a": 2}}, {"old": {"a": 2}, "new": {"a": 1}}])
    assert [draft.item for draft in applied.drafts] == [0]


def test_numbers_are_compared_with_numbers_only(apply: Apply) -> None:
    text = FILE.format(source=OWN, when="{new.a: {increased: true}}")
    assert [c.code for c in apply(text, {"old": {"a": "1"}, "new": {"a": "2"}}).counts] == ["type-mismatch"]
    assert apply(text, {"old": {"a": None}, "new": {"a": 2}}).counts == []
