"""The paths that rules are known to read: never fewer than they do."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.loading import load
from greenflash_kafka.rules.field_usage import MOST_FIELDS, shape_of

RULES = """\
version: 1
source: {{topics: [t]{source}}}
{file}
rules:
  - name: r
    {rule}
    event:
      event_type: e
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      value: "1"
      influence: neutral
      {event}
"""
LISTS = dict.fromkeys(("ChangeEventHeader", "changedFields", "changed_fields"))


@pytest.mark.parametrize(
    ("rule", "event", "shape"),
    [
        ("when: {type: x}", "", {"type": None}),
        ("when: {data.a: x, data.b: y}", "", {"data": {"a": None, "b": None}}),
        ("when: {a: x}", "external_user_id: = payload.user.id", {"a": None, "user": {"id": None}}),
        ("when: {data: {exists: true}, data.a: x}", "", {"data": None}),
        ("when: {any: [{a: x}, {all: [{b: x}, {none: [{c.d: y}]}]}]}", "", {"a": None, "b": None, "c": {"d": None}}),
        ('when: {"items[0].price": 1}', "", {"items": None}),
        ("when: {kafka.topic: t}", "", {}),
        ("when: {payload: {exists: false}}", "", None),
        ("where: = payload.a > payload.b", "", {"a": None, "b": None}),
        ("let: {x: = payload.a}\n    when: {x: 1}", "", {"a": None}),
        ("let: {x: = payload.a, y: = x + payload.b}\n    where: = y > 1", "", {"a": None, "b": None}),
        ("when: {c: 1}", "properties: {n: '= payload[payload.name]'}", None),
        ("when: {c: 1}", "properties: {n: '= payload.a[payload.name].b'}", {"a": None, "c": None, "name": None}),
        ("when: {c: 1}", "properties: = payload.all", {"all": None, "c": None}),
        ("each: = payload.lines.data\n    when: {item.a: 1}", "", {"lines": {"data": None}}),
        (
            "when: {data.object.n: {increased: true}}",
            "",
            {
                **LISTS,
                "type": None,
                "data": {**LISTS, "object": {**LISTS, "n": None}, "previous_attributes": {"n": None}},
            },
        ),
        ("when: {n: {changed: true}}", "", {**LISTS, "n": None}),
    ],
)  # fmt: skip
def test_the_shape_of_what_is_read(tmp_path: Path, rule: str, event: str, shape: object) -> None:
    assert _shape(tmp_path, rule=rule, event=event) == shape


def test_declared_rows_are_read_where_they_stand(tmp_path: Path) -> None:
    found = _shape(
        tmp_path,
        rule="when: {payload.after.n: {changed: true}}",
        source=", before: payload.before, after: payload.after",
    )
    assert found == {**LISTS, "before": {"n": None}, "after": {**LISTS, "n": None}}


def test_what_the_file_asks_for_is_read_too(tmp_path: Path) -> None:
    found = _shape(tmp_path, file="let: {x: = payload.a}\nwhen: {b: 1}\nwhere: = payload.c", rule="when: {d: 1}")
    assert found == {"a": None, "b": None, "c": None, "d": None}


def test_of_an_object_with_many_fields_all_is_read() -> None:
    few = [("data", f"f{number}") for number in range(MOST_FIELDS)]
    assert shape_of([("a",), *few]) == {"a": None, "data": dict.fromkeys(sorted(name for _, name in few))}
    assert shape_of([("a",), *few, ("data", "one more")]) == {"a": None, "data": None}


def _shape(folder: Path, *, rule: str, event: str = "", source: str = "", file: str = "") -> object:
    (folder / "m.yaml").write_text(RULES.format(rule=rule, event=event, source=source, file=file))
    loaded = load([folder], {})
    assert loaded.ruleset is not None, loaded.findings
    rules = loaded.ruleset.rules_for("t")
    assert rules is not None
    return rules.shape
