"""A compiled rule knows the text, place, layer and paths of each of its parts."""

from __future__ import annotations

from collections.abc import Callable

from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.rule_info import ConditionInfo, FieldInfo, RuleInfo

Load = Callable[..., Loaded]

FILE = """\
version: 1
source: {topics: [t], before: payload.old, after: payload.new}
when: {payload.live: true}
each: = payload.lines
let:
  cents: = item.amount
where: payload.total > 0
defaults:
  product_id: ${PRODUCT_ID}
  external_user_id: = payload.user
  properties: {shop: = payload.shop, plan: none}
rules:
  - name: line_bought
    let: {euros: '= money_minor(cents, "EUR")'}
    when:
      any:
        - item.kind: [a, b]
        - item.kind: {exists: false}
      payload.new.seats: {increased: true}
      cents: {above: 5}
    where: >
      item.open and
      euros != payload.limit
    valid:
      from: 2026-01-01
    event:
      event_type: "line_bought"
      value: = euros
      influence: positive
      insert_id: = join([payload.id, index], "-")
      properties:
        plan: null
        currency: EUR
        seen:
          - = kafka.topic
          - = tables.t[item.kind].name
tables: {t: {a: {name: x}}}
"""


def info(load_text: Load, text: str = FILE) -> RuleInfo:
    loaded = load_text(text)
    assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]
    (found,) = loaded.ruleset.infos
    rules = loaded.ruleset.rules_for("t")
    assert rules is not None
    assert rules.infos == (found,)
    return found


def shown(part: ConditionInfo | FieldInfo) -> tuple[str, str, str, int, int, list[str]]:
    origin = part.origin
    return (
        part.name,
        origin.layer,
        origin.text,
        origin.place.line,
        origin.place.column,
        [str(path) for path in part.reads],
    )


def test_conditions_of_the_file_and_of_the_rule(load_text: Load) -> None:
    rule = info(load_text)
    lists = [
        *("payload.changedFields", "payload.changed_fields", "payload.ChangeEventHeader"),
        *("payload.new.changedFields", "payload.new.changed_fields", "payload.new.ChangeEventHeader"),
    ]
    assert [each.kind for each in rule.conditions] == ["when"] * 4 + ["where"] * 2 + ["valid"]
    assert [shown(each) for each in rule.conditions] == [
        ("payload.live", "file", "payload.live: true", 3, 8, ["payload.live"]),
        ("any", "rule", "any:\n  - item.kind: [a, b]\n  - item.kind: {exists: false}", 16, 7, ["item.kind"]),
        (
            "payload.new.seats",
            "rule",
            "payload.new.seats: {increased: true}",
            19,
            7,
            ["payload.new.seats", "payload.old.seats", *lists],
        ),
        ("cents", "rule", "cents: {above: 5}", 20, 7, ["item.amount"]),
        ("where", "file", "payload.total > 0", 7, 8, ["payload.total"]),
        (
            "where",
            "rule",
            ">\nitem.open and\neuros != payload.limit",
            21,
            12,
            ["item.open", "payload.limit", "item.amount"],
        ),
        ("valid", "rule", "from: 2026-01-01", 25, 7, []),
    ]
    assert [each.lets for each in rule.conditions] == [(), (), (), ("cents",), (), ("euros",), ()]


def test_fields_of_the_defaults_and_of_the_event(load_text: Load) -> None:
    rule = info(load_text)
    assert [shown(each) for each in rule.fields] == [
        ("product_id", "file", "${PRODUCT_ID}", 9, 15, []),
        ("external_user_id", "file", "= payload.user", 10, 21, ["payload.user"]),
        ("properties.shop", "file", "= payload.shop", 11, 22, ["payload.shop"]),
        ("event_type", "rule", '"line_bought"', 27, 19, []),
        ("value", "rule", "= euros", 28, 14, ["item.amount"]),
        ("influence", "rule", "positive", 29, 18, []),
        ("insert_id", "rule", '= join([payload.id, index], "-")', 30, 18, ["payload.id", "index"]),
        ("properties.currency", "rule", "EUR", 33, 19, []),
        (
            "properties.seen",
            "rule",
            "- = kafka.topic\n- = tables.t[item.kind].name",
            35,
            11,
            ["kafka.topic", "item.kind", "tables.t"],
        ),
    ]
    assert {each.name: each.lets for each in rule.fields if each.lets} == {"value": ("euros",)}


def test_lets_and_each_and_the_rule_itself(load_text: Load) -> None:
    rule = info(load_text)
    assert [shown(each) for each in rule.lets] == [
        ("cents", "file", "= item.amount", 6, 10, ["item.amount"]),
        ("euros", "rule", "'= money_minor(cents, \"EUR\")'", 14, 18, ["item.amount"]),
    ]
    assert rule.each is not None
    assert shown(rule.each) == ("each", "file", "= payload.lines", 4, 7, ["payload.lines"])
    assert rule.name == "line_bought"
    assert rule.origin.file.endswith("a.yaml")
    assert tuple(rule.origin.place) == (13, 5, 36, 39)
    assert rule.origin.text.startswith("name: line_bought\nlet: {euros:")
    assert rule.origin.text.endswith("\n    seen:\n      - = kafka.topic\n      - = tables.t[item.kind].name")


def test_the_text_at_a_place_is_what_the_file_has_there(load_text: Load) -> None:
    lines = FILE.split("\n")
    rule = info(load_text)
    assert rule.each is not None
    parts: list[ConditionInfo | FieldInfo] = [*rule.conditions, *rule.fields, *rule.lets, rule.each]
    for part in parts:
        place = part.origin.place
        if place.line == place.end_line:
            assert lines[place.line - 1][place.column - 1 : place.end_column - 1] == part.origin.text


def test_every_condition_that_can_fail_first_is_among_them(load_text: Load) -> None:
    loaded = load_text(FILE)
    assert loaded.ruleset is not None
    rules = loaded.ruleset.rules_for("t")
    assert rules is not None
    names = {each.name for each in rules.infos[0].conditions} | {"each"}
    line = {"kind": "a", "amount": 500, "open": True}
    good = {"live": True, "total": 1, "id": "i", "old": {"seats": 1}, "new": {"seats": 2}, "limit": 1, "lines": [line]}
    changes: list[dict[str, object]] = [{}, {"live": False}, {"total": 0}, {"new": {"seats": 0}}, {"lines": []}]
    changes.append({"lines": [{"kind": "z"}]})
    for change in changes:
        for said in rules.explain({**good, **change}, KafkaFacts(Message("t", 0, 0)), EvaluationContext()):
            assert said.condition is None or said.condition in names
