"""The rules of each topic, a ruleset's description of itself, tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.ruleset import KafkaFacts, Ruleset
from tests.unit.rules.one_chat import CHAT, LINKED, chat

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
        return [(draft.fields["event_type"], draft.fields["value"]) for draft in drafts if isinstance(draft, Event)]

    assert event({"o": "paid", "plan": 17}) == [("upgrade_purchased", "Pro")]
    assert event({"o": 17, "plan": "18"}) == [("task_success", "none")]
    assert event({"o": "refused", "plan": 17}) == []


def linking(load_text: Load, *texts: str) -> Ruleset:
    loaded = load_text(*texts)
    assert loaded.ruleset is not None, [finding.describe() for finding in loaded.findings]
    return loaded.ruleset


def test_the_products_are_those_that_rules_and_conversations_name_with_their_files(load_text: Load) -> None:
    own = "11111111-0f0c-4b7e-9d59-0a4d0f5f8a11"
    told = chat("    max_delay: 1m\n", f"    max_delay: 1m\n    product_id: {own}\n")
    looked_up = (
        LINKED.replace("${PRODUCT_ID}", "= payload.product")
        .replace("    link: {lookback: 24h}\n", "")
        .replace("[t]", "[v]")
    )
    again = LINKED.replace("name: paid", "name: again").replace("[t]", "[u]")
    ruleset = linking(load_text, told, LINKED, again, looked_up)
    files = {product: len(files) for product, files in ruleset.products.items()}
    assert files == {own: 1, "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11": 2}


def test_a_topic_waits_for_the_conversations_that_its_rules_may_find(load_text: Load) -> None:
    voice = chat("support_chat", "voice").replace("[chat]", "[calls]").replace("1m", "10m")
    unlinked = LINKED.replace("[t]", "[u]").replace("    link: {lookback: 24h}\n", "")
    by_phone = voice.replace("voice", "phone").replace("external_user_id", "phone_number")
    ruleset = linking(load_text, CHAT, voice, by_phone, LINKED, unlinked)
    assert {topic: ruleset.waits_for(topic) for topic in ("t", "u", "chat")} == {
        "t": ("support_chat", "voice"),
        "u": (),
        "chat": (),
    }
    to = LINKED.replace("{lookback: 24h}", "{lookback: 24h, to: voice}")
    assert linking(load_text, CHAT, voice, to).waits_for("t") == ("voice",)


def test_topics_that_are_read_behind_are_told_with_the_reason(load_text: Load) -> None:
    voice = chat("support_chat", "voice").replace("[chat]", "[calls]").replace("1m", "10m")
    pattern = LINKED.replace("[t]", '[t, "/bill.*/"]').replace("name: paid", "name: also")
    pattern = pattern.replace("{lookback: 24h}", "{lookback: 7d, to: support_chat}")
    ruleset = linking(load_text, CHAT, voice, LINKED, pattern.replace("type: x", "type: y"))
    assert [
        (each.topic, each.behind_ms, [source.name for source in each.sources], each.rules)
        for each in ruleset.read_behind
    ] == [
        ("t", 600_000, ["voice", "support_chat"], ("paid", "also")),
        ("/bill.*/", 60_000, ["support_chat"], ("also",)),
    ]
    described = ruleset.describe()
    assert described["read_behind"] == {"t": "10m", "/bill.*/": "1m"}
    assert described["conversations"] == ["support_chat", "voice"]
    assert ruleset.longest_lookback == 7 * 86_400_000


def test_without_conversations_nothing_is_told_of_them(load_text: Load) -> None:
    ruleset = linking(load_text, FILE.format(topics="[t]", name="r", more=""))
    assert (ruleset.read_behind, ruleset.sources, ruleset.longest_lookback) == ((), (), 0)
    assert ruleset.conversations_for("t") is None
    assert set(ruleset.describe()) == {"version", "files", "rules", "topics", "patterns"}


def test_conversations_are_found_by_exact_topics_and_patterns_and_are_no_topics_of_rules(load_text: Load) -> None:
    ruleset = linking(load_text, chat("[chat]", '[chat, "/chats_.*/"]'), LINKED)
    assert (ruleset.conversation_topics, ruleset.conversation_patterns) == (("chat",), ("chats_.*",))
    assert (ruleset.topics, ruleset.patterns) == (("t",), ())
    assert [topic for topic in ("chat", "chats_eu", "t", "xchat") if ruleset.conversations_for(topic)] == [
        "chat",
        "chats_eu",
    ]
    assert ruleset.rules_for("chat") is None
