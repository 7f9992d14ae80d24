"""`try`: what would become of one message."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime, timedelta
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
        """What --json prints, without the explanation and the timestamp."""
        code, out, _ = self(message, "--json", *arguments)
        answer: dict[str, Any] = json.loads(out)
        assert code == (answer["outcome"] == "invalid")
        return {key: value for key, value in answer.items() if key not in ("rules", "timestamp", "notes")}


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
    at = ("--timestamp", "none")
    usual, usual_case = tried.json(PAID), tried(PAID, "--case", *at)
    monkeypatch.setenv("GREENFLASH_KAFKA_HASH_KEY", "salt\n")
    assert tried.json(PAID)["events"][0]["externalUserId"] != usual["events"][0]["externalUserId"]
    assert tried(PAID, "--case", *at) == usual_case
    assert "production gives other ids" not in tried(PAID)[1]
    monkeypatch.delenv("GREENFLASH_KAFKA_HASH_KEY")
    assert "GREENFLASH_KAFKA_HASH_KEY isn't set: production gives other ids" in tried(PAID)[1]


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


def test_without_a_timestamp_the_record_has_the_present_time_and_with_none_none(tried: Tried) -> None:
    before = datetime.now(UTC)
    answer = json.loads(tried(PAID, "--json")[1])
    assert answer["timestamp"]["from"] == "now"
    assert before - timedelta(seconds=1) <= datetime.fromisoformat(answer["timestamp"]["time"]) <= datetime.now(UTC)
    sent = datetime.fromisoformat(answer["events"][0]["eventAt"])
    assert sent == datetime.fromisoformat(answer["timestamp"]["time"])
    answer = json.loads(tried(PAID, "--json", "--timestamp", "none")[1])
    assert answer["timestamp"] == {"time": None, "from": "option"}
    assert "eventAt" not in answer["events"][0]
    assert "in production each record has one" in tried(PAID, "--timestamp", "none")[1]


def test_the_events_own_time_is_the_records_so_that_a_date_in_the_future_is_left_out(tried: Tried) -> None:
    rules = RULES.replace("insert_id: =", 'event_at: = time(payload.at, "ms")\n      insert_id: =')
    tried.rules.write_text(rules.replace("from: '= kafka", "closes: = time(payload.closes), from: '= kafka"))
    message = {**PAID, "at": 1652977934000, "closes": "2022-05-31"}
    _, out, _ = tried(message, "--header", "source=x", "--key", "k")
    assert '"closes"' not in out
    assert "left out, event is still sent:" in out
    assert "properties.closes: bad-time" in out
    assert "in the future: 2022-05-31T00:00:00Z is more than a day after the record's own 2022-05-19T16:32:14Z" in out
    assert "The record's timestamp is 2022-05-19T16:32:14Z: the event's own time" in out
    _, out, _ = tried({**message, "closes": "2022-05-20"}, "--header", "source=x", "--key", "k")
    assert '"closes": "2022-05-20T00:00:00Z"' in out


def test_people_are_told_why_rule_by_rule(tried: Tried) -> None:
    code, out, _ = tried({**PAID, "livemode": False})
    assert (code, out.split()[0]) == (0, "filtered")
    assert f"{tried.rules}:3:8: livemode: expected true, found false" in out
    _, out, _ = tried(PAID)
    assert "paid: matched" in out
    assert f'{tried.rules}:16:12: type: expected seen, found "paid"' in out
    assert "holds: livemode" in out
    assert '"value": "149.50"' in out


def test_programs_are_told_why_rule_by_rule(tried: Tried) -> None:
    answer = json.loads(tried({**PAID, "type": "Paid"}, "--json")[1])
    paid = answer["rules"][0]
    assert (paid["rule"], paid["item"], paid["result"], paid["condition"]) == ("paid", None, "failed", "type")
    held, failed = paid["lines"]
    assert (held["name"], held["result"]) == ("livemode", "holds")
    place = {"file": str(tried.rules), "line": 6, "column": 12}
    found = {"kind": "when", "name": "type", "result": "failed", "expected": "paid", "found": '"Paid"', **place}
    assert failed.items() >= found.items()
    assert "only upper and lower case differ" in failed["hint"]
    answer = json.loads(tried({**PAID, "rate": None}, "--json", "--key", "k")[1])
    (rate, header) = answer["rules"][0]["fields"]
    assert (rate["name"], rate["code"], rate["left_out"]) == ("properties.rate", "missing", True)
    assert rate["causes"] == ["payload.rate: null"]
    assert "no such header (it has none)" in header["causes"][0]


def test_an_invalid_message_exits_with_one_unless_a_case_is_wanted(tried: Tried) -> None:
    wrong = {**PAID, "currency": "XXL"}
    assert tried(wrong)[0] == 1
    assert tried(wrong, "--json")[0] == 1
    assert tried(wrong, "--case")[0] == 0


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
    tried.rules.with_name("rules_test.yaml").write_text(out)
    code = run(["test", str(tried.rules)])
    said = capfd.readouterr().out
    assert (code, said) == (0, "1 passed in 1 file.\n"), out


def test_a_sample_is_from_the_topic_of_its_folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    mappings = tmp_path / "mappings"
    for topic in ("shop.orders", "other"):
        (mappings / "samples" / topic).mkdir(parents=True)
        (mappings / "samples" / topic / "x.json").write_text(json.dumps(PAID))
        rules = RULES.replace("shop.orders", topic).replace("paid", f"{topic[:4]}_paid")
        (mappings / f"{topic}.yaml").write_text(rules)
    assert run(["try", "--rules", str(mappings), str(mappings / "samples" / "other" / "x.json")]) == 0
    assert "othe_paid: " in capfd.readouterr().out
    (tmp_path / "x.json").write_text(json.dumps(PAID))
    assert run(["try", "--rules", str(mappings), str(tmp_path / "x.json")]) == 2
    assert "say which one this message is from by --topic" in capfd.readouterr().err


def test_an_insert_id_is_shown_whole(tried: Tried) -> None:
    long = "o-" + "1" * 200
    assert f'insert_id: "upgrade_purchased:{long}"' in tried({**PAID, "id": long})[1]
