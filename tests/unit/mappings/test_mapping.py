"""Findings: every mistake has one, at its place, with a hint; and good files have none."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.mappings.files import Loaded
from tests.unit.rules.one_rule import RULE, changed, places

Load = Callable[..., Loaded]

TEN = """\
version: 1
source:
  topics: [t]
  formt: json
tables: {plans: {file: none.csv}}
let:
  total: = sum([l.price for l in payload.lines]
defaults:
  product_id: ${NOT_SET}
  influence: postive
rules:
  - name: a
    when: {type: paid, n: {gt: 4}}
    event:
      event_type: upgrade_purchased
      value: '= concat("a: ", payload.x)'
      external_user_id: = uper(payload.user)
      insert_id: = payload.id
  - name: a
    when:
      type: "= payload.x"
      type: paid
    evnt: {}
    event: {event_type: e, value: 149.00, insert_id: = payloat.id}
"""


def errors(loaded: Loaded) -> list[tuple[int, int, str]]:
    return places(tuple(finding for finding in loaded.findings if finding.severity == "error"))


def test_every_mistake_is_found_in_one_run_at_its_place(load_text: Load) -> None:
    loaded = load_text(TEN)
    assert loaded.ruleset is None
    assert places(loaded.findings) == [
        (4, 3, "unknown-key"),
        (5, 24, "bad-table"),
        (7, 48, "syntax"),
        (9, 15, "missing-env"),
        (10, 14, "not-allowed"),
        (13, 28, "unknown-operator"),
        (17, 27, "unknown-function"),
        (19, 11, "duplicate-name"),
        (21, 13, "expression-in-when"),
        (22, 7, "duplicate-key"),
        (23, 5, "unknown-key"),
        (24, 35, "bad-number"),
        (24, 56, "unknown-name"),
    ]
    hints = {(finding.line, finding.code): finding.hint for finding in loaded.findings}
    assert "format" in hints[4, "unknown-key"]
    assert "positive" in hints[10, "not-allowed"]
    assert "above" in hints[13, "unknown-operator"]
    assert "upper" in hints[17, "unknown-function"]
    assert "event" in hints[23, "unknown-key"]
    assert "payload" in hints[24, "unknown-name"]


def test_a_misspelled_key_is_one_mistake(load_text: Load) -> None:
    loaded = load_text("""\
        version: 1
        source: {topic: [t]}
        rules:
          - nmae: a
            whn: {type: paid}
            event: {eventType: e, valeu: 5, inflence: positive, product_id: "${PRODUCT_ID}"}
        """)
    assert [finding.code for finding in loaded.findings] == ["unknown-key"] * 6
    assert [finding.hint for finding in loaded.findings] == [
        "did you mean topics?",
        "did you mean name?",
        "did you mean when?",
        "write event_type",
        "did you mean value?",
        "did you mean influence?",
    ]


def test_a_good_file_has_no_findings(load_text: Load) -> None:
    loaded = load_text(RULE)
    assert loaded.findings == ()
    assert loaded.ruleset is not None


@pytest.mark.parametrize("written", ["^x.*", "x.*", "^x.*$", "/x.*"])
def test_a_pattern_without_slashes_is_told_where_they_go(load_text: Load, written: str) -> None:
    (finding,) = load_text(changed("topics: [t]", f'topics: ["{written}"]')).findings
    assert finding.message.endswith("a pattern of topics stands between slashes: /x.*/")


@pytest.mark.parametrize(
    ("old", "new", "line", "column", "code"),
    [
        ("version: 1\n", "version: 2\n", 1, 10, "bad-literal"),
        ("version: 1\n", "", 1, 1, "missing-key"),
        ("topics: [t]", "topics: t", 2, 18, "wrong-type"),
        ("topics: [t]", "topics: []", 2, 18, "wrong-type"),
        ("topics: [t]", "topics: ['/(/']", 2, 19, "bad-regex"),
        ("topics: [t]", r"topics: ['/orders\.v\d+/']", 2, 19, "bad-regex"),
        ("topics: [t]", "topics: ['/(?:a|b)/']", 2, 19, "bad-regex"),
        ("topics: [t]", "topics: [a b]", 2, 19, "bad-name"),
        ("topics: [t]", "topics: [t], format: jsn", 2, 31, "bad-literal"),
        ("topics: [t]", "topics: [t], envelope: debezum", 2, 33, "bad-literal"),
        ("topics: [t]", "topics: [t], envelope: debezium, before: payload.old", 2, 43, "unknown-key"),
        ("topics: [t]", "topics: [t], key: avro", 2, 28, "bad-literal"),
        ("topics: [t]", "topics: [t], envelope: debezium, snapshots: yes", 2, 54, "bad-literal"),
        ("topics: [t]", "topics: [t], snapshots: include", 2, 23, "missing-key"),
        ("topics: [t]", "topics: [t], before: payload.old", 2, 23, "missing-key"),
        ("rules:", "rules: []\nrulez:", 3, 8, "wrong-type"),
        ("name: r", "name: a b", 4, 11, "bad-name"),
        ("name: r", "name: 007", 4, 11, "bad-number"),
        ("- name: r\n   ", "-", 4, 5, "missing-key"),
        ("    when: {type: x}\n", "", 4, 11, "no-condition"),
        ("    when: {type: x}\n", "    when: {}\n", 4, 11, "no-condition"),
        ("{type: x}", "[type]", 5, 11, "wrong-type"),
        ("{type: x}", "{type: {is: x}}", 5, 19, "unknown-operator"),
        ("{type: x}", "{type: {}}", 5, 18, "bad-literal"),
        ("{type: x}", "{type: {exists: yes}}", 5, 27, "bad-literal"),
        ("{type: x}", "{type: {above: true}}", 5, 26, "bad-literal"),
        ("{type: x}", "{type: {starts_with: 5}}", 5, 32, "bad-literal"),
        ("{type: x}", "{type: {matches: '('}}", 5, 28, "bad-regex"),
        ("{type: x}", "{type: [[x]]}", 5, 19, "bad-literal"),
        ("{type: x}", "{type: 007}", 5, 18, "bad-number"),
        ("{type: x}", "{type: ${X}}", 5, 18, "yaml-quoting"),
        ("{type: x}", "{any: {type: x}}", 5, 17, "wrong-type"),
        ("{type: x}", "{item.x: 1}", 5, 12, "unknown-name"),
        ("{type: x}", "{'a..b': 1}", 5, 12, "syntax"),
        ("    when:", "    where: payload.x +\n    when:", 5, 23, "syntax"),
        ("    when:", "    where: [payload.x]\n    when:", 5, 12, "wrong-type"),
        ("    when:", "    let: {if: 1}\n    when:", 5, 11, "bad-name"),
        ("    when:", "    let: {payload: 1}\n    when:", 5, 11, "bad-name"),
        ("    when:", "    each: 1 + 1\n    when:", 5, 11, "wrong-type"),
        ("    when:", "    valid: {from: soon}\n    when:", 5, 19, "bad-time"),
        ("    when:", "    valid: {from: 2026-01-01, zone: Mars}\n    when:", 5, 37, "bad-time"),
        ("    when:", "    valid: {from: 2026-02-01, until: 2026-01-01}\n    when:", 5, 31, "bad-time"),
        ("    when:", "    defaults: {}\n    when:", 5, 5, "unknown-key"),
        ("      event_type: e\n", "", 6, 5, "missing-field"),
        ("event_type: e", "event_type: ''", 7, 19, "not-allowed"),
        ("event_type: e", "event_type: 5", 7, 19, "not-allowed"),
        ("event_type: e", "eventType: e\n      event_type: e", 7, 7, "unknown-key"),
        ("product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11", "product_id: x", 8, 19, "not-allowed"),
        ("product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11", "product_id: a${X}", 8, 19, "bad-env"),
        ("influence: neutral", "influence: bad", 9, 18, "not-allowed"),
        ("influence: neutral", "quality_impact_score: 2", 9, 29, "not-allowed"),
        ("influence: neutral", "force_sample: yes", 9, 21, "not-allowed"),
        ("influence: neutral", "event_at: soon", 9, 17, "bad-time"),
        ("influence: neutral", "influence: neutral\n      user_id: bob", 10, 16, "not-allowed"),
        ("influence: neutral", "influence: neutral\n      properties: 5", 10, 19, "wrong-type"),
        ("influence: neutral", "influence: neutral\n      external_user_id: = count(payload.x)", 10, 25, "wrong-type"),
        ('value: "1"', "value: 149.00", 10, 14, "bad-number"),
        ('value: "1"', 'value: = "a" if payload.x else 5', 10, 14, "value-type-needed"),
        ('value: "1"', "value: '= coalesce(money_minor(payload.a, \"EUR\"), payload.b)'", 10, 14, "value-type-needed"),
        ('value: "1"', "value: [1]", 10, 14, "wrong-type"),
        ('value: "1"', "value: = 1 / 0", 10, 16, "division-by-zero"),
        ("insert_id: = payload.id", "insert_id: x", 11, 18, "constant-id"),
        ("insert_id: = payload.id", 'insert_id: = concat("a", 1)', 11, 18, "constant-id"),
        ("insert_id: = payload.id", "insert_id: = item.id", 11, 20, "unknown-name"),
        ("    when: {type: x}\n", "    each: payload\n", 11, 18, "constant-id"),
    ],
)
def test_a_mistake_is_found_at_its_place(
    load_text: Load, old: str, new: str, line: int, column: int, code: str
) -> None:
    loaded = load_text(changed(old, new))
    assert (line, column, code) in places(loaded.findings), [finding.describe() for finding in loaded.findings]
    assert loaded.ruleset is None
    assert len(errors(loaded)) <= 3


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        ("    when:", "    valid: {form: 2027-01-01}\n    when:", (5, 13, "unknown-key", "did you mean from?")),
        ("    when:", "    valid: {from: 2025-02-01, until: 2025-01-01}\n    when:", (5, 31, "bad-time", "")),
        ("{type: x}", "{or: [{type: x}]}", (5, 12, "unknown-operator", "any: [{type: x}]")),
        ("{type: x}", "{NOT: {type: x}}", (5, 12, "unknown-operator", "none: [{type: x}]")),
        ("{type: x}", "{user id: x}", (5, 12, "syntax", '\'payload["user id"]\': x')),
        ("influence: neutral", "influence: good", (9, 18, "not-allowed", "write positive")),
        ('value: "1"', 'value: "1"\n      value_type: count', (11, 19, "not-allowed", "write numeric")),
        ('value: "1"', 'value: = nope', (10, 16, "unknown-name", "payload.nope, if it is a field of the message")),
        ('value: "1"', "value: payload.amount", (10, 14, "no-equals", "= payload.amount")),
        ('value: "1"', "value: upper(payload.a)", (10, 14, "no-equals", "= upper(payload.a)")),
        ('value: "1"', "value: '{{ payload.a }}'", (10, 14, "no-equals", "= payload.a")),
        ("influence: neutral", "influence: payload.i",
         (9, 18, "not-allowed", "an expression begins with =: = payload.i")),
        ("rules:", "lt: {a: = payload.a}\nrules:", (3, 1, "unknown-key", "did you mean let?")),
        ('value: "1"', "value: = payload.n * 'x'", (10, 16, "never-works", "")),
    ],
)  # fmt: skip
def test_one_mistake_is_one_finding_with_a_hint(
    load_text: Load, old: str, new: str, finding: tuple[int, int, str, str]
) -> None:
    assert [(f.line, f.column, f.code, f.hint) for f in load_text(changed(old, new)).findings] == [finding]


def test_a_rule_without_an_event_is_one_mistake(load_text: Load) -> None:
    text = RULE[: RULE.index("    event:")]
    assert places(load_text(text).findings) == [(4, 5, "missing-key")]


def test_what_stands_under_a_misspelled_key_is_read_as_what_was_meant(load_text: Load) -> None:
    text = changed("rules:", "lt: {a: = payload.a}\neech: payload.l\ntable: {p: {x: {y: z}}}\nrules:")
    text = text.replace("{type: x}", "{a: 1, item.b: {gt: 2}}").replace('value: "1"', "value: '= tables.p[a].y'")
    text = text.replace("insert_id: = payload.id", "insert_id: = item.id")
    assert places(load_text(text).findings) == [
        (3, 1, "unknown-key"),
        (4, 1, "unknown-key"),
        (5, 1, "unknown-key"),
        (8, 27, "unknown-operator"),
    ]


def test_a_text_about_a_payload_is_no_expression(load_text: Load) -> None:
    assert load_text(changed('value: "1"', "value: payload of the week")).findings == ()
    assert load_text(changed('value: "1"', 'value: = "payload.a"')).findings == ()
