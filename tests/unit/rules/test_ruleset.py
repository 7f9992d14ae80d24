"""The rules of each topic, a ruleset's description of itself, tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.files import Loaded, load
from greenflash_kafka.rules.ruleset import KafkaFacts

Load = Callable[..., Loaded]

FILE = """\
version: 1
source: {{topics: {topics}}}
rules:
  - name: {name}
    when: {{type: x}}
    event: {{event_type: e, value: 1, product_id: "${{PRODUCT_ID}}", influence: neutral{more}}}
"""


def test_rules_read_exact_topics_and_whole_name_patterns(load_text: Load) -> None:
    loaded = load_text(
        FILE.format(topics="[a, b]", name="one", more=""),
        FILE.format(topics='["/b|c.*/"]', name="two", more=""),
    )
    ruleset = loaded.ruleset
    assert ruleset is not None
    assert (ruleset.topics, ruleset.patterns, ruleset.rules) == (("a", "b"), ("b|c.*",), ("one", "two"))
    names = {topic: ruleset.rules_for(topic) for topic in ("a", "b", "c", "c1", "ab", "xc")}
    assert {topic: rules and rules.names for topic, rules in names.items()} == {
        "a": ("one",),
        "b": ("one", "two"),
        "c": ("two",),
        "c1": ("two",),
        "ab": None,
        "xc": None,
    }
    assert ruleset.rules_for("b") is names["b"]
    assert ruleset.describe()["rules"] == 2


def test_record_identity_is_needed_when_a_rule_has_no_insert_id(load_text: Load) -> None:
    without = load_text(FILE.format(topics="[t]", name="r", more="")).ruleset
    with_key = load_text(FILE.format(topics="[t]", name="r", more=", insert_id: = payload.id")).ruleset
    assert without is not None
    assert with_key is not None
    assert (without.needs_topic_ids, with_key.needs_topic_ids) == (True, False)


def test_the_version_changes_with_everything_that_was_read(tmp_path: Path) -> None:
    text = FILE.format(topics="[t]", name="r", more="").replace("rules:", "tables: {p: {file: p.csv}}\nrules:")
    (tmp_path / "m.yaml").write_text(text)
    versions = set()
    for table in ("k,v\n1,2\n", "k,v\n1,3\n"):
        (tmp_path / "p.csv").write_text(table)
        for _ in range(2):
            ruleset = load([tmp_path], {"PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}).ruleset
            assert ruleset is not None
            versions.add(ruleset.version)
    assert len(versions) == 2


def test_tables_are_looked_up_as_text(tmp_path: Path) -> None:
    (tmp_path / "plans.csv").write_bytes("\ufeffname,id\r\nPro,17\r\n,18\r\n".encode())
    (tmp_path / "m.yaml").write_text("""\
version: 1
source: {topics: [t]}
tables:
  plans: {file: plans.csv, key: id}
  outcome: {paid: {event_type: upgrade_purchased}, 17: {event_type: task_success, note: ""}}
rules:
  - name: r
    where: true
    event:
      event_type: = tables.outcome[payload.o].event_type
      value: = coalesce(tables.plans[payload.plan].name, "none")
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
""")
    ruleset = load([tmp_path / "m.yaml"], {}).ruleset
    assert ruleset is not None
    rules = ruleset.rules_for("t")
    assert rules is not None

    def event(payload: object) -> list[object]:
        drafts = rules.apply(payload, KafkaFacts(Message("t", 0, 0)), EvaluationContext()).drafts
        return [(draft.fields["event_type"], draft.fields["value"]) for draft in drafts]

    assert event({"o": "paid", "plan": 17}) == [("upgrade_purchased", "Pro")]
    assert event({"o": 17, "plan": "18"}) == [("task_success", "none")]
    assert event({"o": "refused", "plan": 17}) == []
