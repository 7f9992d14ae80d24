"""`try`: what would become of one message."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.main import run

RULES = """\
version: 1
source: {topics: [shop.orders]}
when: {livemode: true}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_minor(payload.amount, payload.currency)
      external_user_id: = kafka.key
      insert_id: = payload.id
      properties: {currency: = payload.currency, rate: = payload.rate, from: '= kafka.headers["source"]'}
  - name: seen
    when: {type: seen}
    event: {event_type: seen, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: neutral, value: "1"}
"""
PAID = {"id": "o-1", "type": "paid", "livemode": True, "amount": 14950, "currency": "USD", "rate": 0.1}


class Tried:
    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.rules = folder / "rules.yaml"
        self.rules.write_text(RULES)
        self._message = folder / "message.json"
        self._capfd = capfd

    def __call__(self, message: object, *arguments: str) -> tuple[int, str, str]:
        text = message if isinstance(message, str) else json.dumps(message)
        self._message.write_text(text)
        code = run(["try", "--rules", str(self.rules), str(self._message), *arguments])
        out, err = self._capfd.readouterr()
        return code, out, err

    def json(self, message: object, *arguments: str) -> dict[str, Any]:
        code, out, _ = self(message, "--json", *arguments)
        assert code == 0
        answer: dict[str, Any] = json.loads(out)
        return answer


@pytest.fixture
def tried(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Tried:
    return Tried(tmp_path, capfd)


def test_a_mapped_message_gives_its_events_as_they_are_sent(tried: Tried) -> None:
    answer = tried.json(PAID, "--key", "c-7", "--header", "source=web=1", "--timestamp", "2026-11-18T12:00:00+01:00")
    assert answer == {
        "outcome": "mapped",
        "events": [
            {
                "eventType": "upgrade_purchased",
                "productId": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11",
                "influence": "positive",
                "value": "149.50",
                "valueType": "currency",
                "externalUserId": "c-7",
                "insertId": "upgrade_purchased:o-1",
                "eventAt": "2026-11-18T11:00:00Z",
                "properties": {"currency": "USD", "rate": 0.1, "from": "web=1"},
            }
        ],
    }


def test_the_deployments_own_hash_key_counts_but_not_in_a_case(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    tried.rules.write_text(RULES.replace("= kafka.key", "= hash(payload.id)"))
    usual, usual_case = tried.json(PAID), tried(PAID, "--case")
    monkeypatch.setenv("GREENFLASH_KAFKA_HASH_KEY", "salt\n")
    assert tried.json(PAID)["events"][0]["externalUserId"] != usual["events"][0]["externalUserId"]
    assert tried(PAID, "--case") == usual_case


def test_a_filtered_message(tried: Tried) -> None:
    assert tried.json({**PAID, "type": "other"}) == {"outcome": "filtered", "events": []}
    assert tried.json("null") == {"outcome": "filtered", "events": []}
    assert tried.json(PAID, "--topic", "other.topic") == {"outcome": "filtered", "events": []}


def test_an_invalid_message_says_why(tried: Tried) -> None:
    answer = tried.json({**PAID, "currency": "XXL"})
    assert (answer["outcome"], answer["events"]) == ("invalid", [])
    (reason,) = answer["reasons"]
    assert (reason["code"], reason["rule"], reason["item"], reason["field"]) == ("bad-money", "paid", None, "value")
    (reason,) = tried.json('{"id": ')["reasons"]
    assert (reason["code"], reason["rule"]) == ("bad-payload", None)


def test_the_same_message_gives_the_same_answer_whatever_the_time(tried: Tried) -> None:
    once, again = (tried(PAID, "--json")[1] for _ in range(2))
    assert once == again
    assert "eventAt" not in once


def test_people_are_told_why_rule_by_rule(tried: Tried) -> None:
    _, out, _ = tried({**PAID, "livemode": False})
    assert out.startswith("filtered\n")
    assert "paid: no, `livemode` is the first condition that doesn't hold" in out
    _, out, _ = tried(PAID)
    assert "paid: matched" in out
    assert "seen: no, `type` is the first condition that doesn't hold" in out
    assert '"value": "149.50"' in out
    assert "The record has no timestamp here" in out


def test_standard_input_is_read_without_a_file(tried: Tried, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(json.dumps(PAID).encode())

    monkeypatch.setattr("sys.stdin", Stdin())
    assert run(["try", "--rules", str(tried.rules), "--json"]) == 0


def test_a_tombstone(tried: Tried) -> None:
    assert tried.json("ignored", "--tombstone")["outcome"] == "filtered"


@pytest.mark.parametrize("topics", ["[shop.orders, '/shop\\.old.*/']", "[a, b]", "['/shop[.]old.+/', c]"])
def test_a_topic_need_not_be_said_when_the_same_rules_read_all(tried: Tried, topics: str) -> None:
    tried.rules.write_text(RULES.replace("[shop.orders]", topics))
    assert tried.json(PAID, "--key", "c-7")["outcome"] == "mapped"


def test_several_topics_of_different_rules_must_be_chosen_from(tried: Tried) -> None:
    other = RULES.replace("[shop.orders]", "['/shop\\.old.*/']").replace("name: ", "name: old_")
    (tried.rules.parent / "old.yaml").write_text(other)
    code, _, err = tried(PAID, "--rules", str(tried.rules.parent / "old.yaml"))
    assert code == 2
    assert "shop.orders, /shop\\.old.*/" in err
    both = ("--rules", str(tried.rules.parent / "old.yaml"), "--topic", "shop.old.1")
    assert tried.json(PAID, *both)["outcome"] == "mapped"


@pytest.mark.parametrize("arguments", [["--header", "x"], ["--timestamp", "soon"]])
def test_what_can_be_no_record_is_a_usage_error(tried: Tried, arguments: list[str]) -> None:
    assert tried(PAID, *arguments)[0] == 2


def test_rules_with_errors_are_findings(tried: Tried) -> None:
    tried.rules.write_text(RULES.replace("rules:", "ruels:"))
    code, out, err = tried(PAID, "--json")
    assert (code, out) == (1, "")
    assert "did you mean rules?" in err


@pytest.mark.parametrize(
    "message",
    [
        PAID,
        {**PAID, "type": "other"},
        {**PAID, "currency": "XXL"},
        {**PAID, "type": "seen", "note": "yes: #1", "list": [[1, {"a": []}], {}], "n": 1e3, "007": "007"},
        '{"id": ',
        "null",
    ],
    ids=["mapped", "filtered", "invalid", "record", "raw", "null"],
)
def test_a_case_that_is_pasted_passes(tried: Tried, message: object, capfd: pytest.CaptureFixture[str]) -> None:
    code, out, _ = tried(
        message, "--case", "--key", "true", "--header", "source=1.0", "--timestamp", "2026-11-18T11:06:41.5Z"
    )
    assert code == 0
    cases = tried.rules.with_name("rules_test.yaml")
    cases.write_text("version: 1\ncases:\n" + out)
    code = run(["test", str(tried.rules)])
    said = capfd.readouterr().out
    assert (code, said) == (0, "1 passed in 1 file.\n"), out
