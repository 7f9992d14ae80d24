"""The parts of `try`: the topic that is meant, the record, and how an outcome is shown."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from greenflash_kafka.cases.cases_context import HASH_KEY
from greenflash_kafka.cli import try_message
from greenflash_kafka.cli.try_message import Trial
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot

RULE = """\
version: 1
source: {{topics: [{topics}]}}
rules:
  - name: {name}
    when: {{type: paid}}
    event:
      {{event_type: paid, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: positive, value: = payload.v}}
"""


def ruleset(folder: Path, *topics: str) -> Ruleset:
    """Rules of these topics, one file each."""
    for number, each in enumerate(topics):
        (folder / f"r{number}.yaml").write_text(RULE.format(topics=each, name=f"rule{number}"))
    loaded = try_message.load_rules([folder], {})
    assert loaded is not None
    return loaded


@pytest.mark.parametrize(
    ("topics", "meant"),
    [
        (["orders"], "orders"),
        (["orders, returns"], "orders"),
        (["'/shop\\.orders\\..*/'"], "shop.orders.x"),
        (["'/shop[.]old/'"], "shop.old"),
        (["'/(a|b)/'"], "a"),
    ],
)
def test_one_topic_stands_for_all_that_the_same_rules_read(tmp_path: Path, topics: list[str], meant: str) -> None:
    assert try_message.topic_for(None, ruleset(tmp_path, *topics)) == meant


def test_topics_of_different_rules_have_to_be_chosen_from(tmp_path: Path) -> None:
    rules = ruleset(tmp_path, "orders", "returns")
    with pytest.raises(click.UsageError, match="orders, returns: say which one"):
        try_message.topic_for(None, rules)
    assert try_message.topic_for("returns", rules) == "returns"


def test_a_topic_that_no_rule_reads_is_said_and_taken(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert try_message.topic_for("nope", ruleset(tmp_path, "orders")) == "nope"
    assert "no rule reads the topic nope; the rules read orders" in capfd.readouterr().err
    assert try_message.topic_for("order", ruleset(tmp_path, "orders")) == "order"
    assert "did you mean orders?" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("text", "milliseconds"),
    [
        ("2026-11-18T11:06:41Z", 1795000001000),
        ("2026-11-18T12:06:41.5+01:00", 1795000001500),
        ("2026-11-18T11:06:41", 1795000001000),
        ("1969-12-31T23:59:59.250Z", -750),
    ],
)
def test_a_timestamp_without_a_zone_is_utc(text: str, milliseconds: int) -> None:
    message = try_message.record(b"{}", "orders", None, [], text)
    assert (message.timestamp_ms, message.timestamp_type) == (milliseconds, "create")


def test_a_record_has_what_was_given_and_nothing_else() -> None:
    message = try_message.record(None, "orders", "k", ["a=1", "a=x=y", "b="], None)
    assert (message.key, message.value, message.record_ms) == (b"k", None, None)
    assert message.headers == (("a", b"1"), ("a", b"x=y"), ("b", b""))


@pytest.mark.parametrize("header", ["x", "=x", ""])
def test_a_header_needs_a_name_and_a_value(header: str) -> None:
    with pytest.raises(click.UsageError, match="NAME=VALUE"):
        try_message.record(b"{}", "orders", None, [header], None)


def test_the_deployments_own_hash_key_counts_but_for_a_case(tmp_path: Path) -> None:
    environ = {HASH_KEY: " salt\n"}
    rules = ruleset(tmp_path, "orders")
    assert try_message.snapshot(rules, environ, for_case=False).context.hash_key == b"salt"
    for_case, without = (
        try_message.snapshot(rules, environ, for_case=True),
        try_message.snapshot(rules, {}, for_case=False),
    )
    assert for_case.context == without.context


def test_strangers_text_moves_no_terminal(tmp_path: Path) -> None:
    payload = json.dumps({"type": "paid", "v": "\x1b[2J\u202e"}).encode()
    message = try_message.record(payload, "orders", None, [], None)
    tried = Trial(message, Snapshot(ruleset(tmp_path, "orders")))
    for text in (tried.as_text(color=False), tried.as_json()):
        assert all(character.isprintable() or character == "\n" for character in text), text
    assert tried.as_text(color=False).startswith("mapped\n")
    assert tried.as_text(color=True).startswith("\x1b[1mmapped")


def test_rules_with_errors_are_none_and_on_standard_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\nruels: []\n")
    assert try_message.load_rules([tmp_path], {}) is None
    assert "did you mean rules?" in capfd.readouterr().err
