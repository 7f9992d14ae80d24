"""The flags of `backfill`, and a dry run over a recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from tests.unit.test_pipeline import RULES


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mappings").mkdir()
    text = RULES + RULES.split("rules:\n")[1].replace("name: paid", "name: tried\n    draft: true")
    (tmp_path / "mappings" / "orders.yaml").write_text(text)
    other = RULES.replace("topics: [orders]", "topics: [visits]").replace("name: paid", "name: visited")
    (tmp_path / "mappings" / "visits.yaml").write_text(other)


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--rules", "paid"], "--since is missing"),
        (["--rules", "paid", "--since", "1d", "--last", "3"], "--last isn't for a backfill"),
        (["--rules", "pait", "--since", "1d"], "there is no rule pait; did you mean paid?"),
        (["--rules", " , ", "--since", "1d"], "--rules is empty"),
        (["--rules", "paid,tried", "--since", "1d"], "drafts are never sent: tried"),
        (["--rules", "paid", "--since", "1d", "--topic", "other"], "no rule reads other"),
        (["--rules", "paid", "--since", "1d", "--topic", "visits"], "no rule of --rules paid reads visits"),
        (["--rules", "paid", "--since", "1d", "--name", "a b"], "--name takes letters"),
        (["--rules", "paid", "--since", "1d", "--send", "--from", "x.ndjson"], "--send needs Kafka"),
        (["--rules", "paid", "--since", "1d", "--rate", "0"], "--rate"),
    ],
)
def test_what_can_not_be_meant_is_said_before_anything_is_read(
    flags: list[str], said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["backfill", *flags]) == 2
    assert said in capfd.readouterr().err


def _recording(*messages: dict[str, object]) -> None:
    topics = sorted({str(each["topic"]) for each in messages})
    header = {
        "recording": 1,
        "cluster_id": "c",
        "topic_ids": dict.fromkeys(topics, "t"),
        "ranges": [{"topic": each, "partition": 0, "start": 0, "end": 9} for each in topics],
    }
    lines = [header, *({"partition": 0, "offset": at, **each} for at, each in enumerate(messages))]
    lines.append({"end": len(messages)})
    Path("week.ndjson").write_text("".join(json.dumps(each) + "\n" for each in lines))


def _ordered(timestamp: int) -> dict[str, object]:
    order = {"type": "paid", "id": "o1", "amount": "12.50", "currency": "EUR", "user": "ann"}
    return {"topic": "orders", "timestamp": timestamp, "value": json.dumps(order)}


def test_a_recording_of_orders_and_chats_is_counted_with_links(capfd: pytest.CaptureFixture[str]) -> None:
    path = Path("mappings/orders.yaml")
    chats = "conversations:\n  - name: chat\n    id: = payload.id\n    keys: {external_user_id: = payload.user}\n"
    path.write_text(
        path.read_text()
        .replace("    event:", "    link: {by: external_user_id, lookback: 1d}\n    event:", 1)
        .replace("      insert_id", "      external_user_id: = payload.user\n      insert_id")
    )
    Path("mappings/chats.yaml").write_text(f"version: 1\nsource: {{topics: [chats]}}\n{chats}")
    chat = {"topic": "chats", "timestamp": 1_000, "value": json.dumps({"id": "c-1", "user": "ann"})}
    _recording(chat, _ordered(2_000), _ordered(90_000_000))
    assert run(["backfill", "--rules", "paid", "--from", "week.ndjson"]) == 0
    out, err = capfd.readouterr()
    assert "linked to a conversation: 1 of 2 (none 1)" in out
    assert "doesn't have" not in err

    _recording(_ordered(2_000))
    assert run(["backfill", "--rules", "paid", "--from", "week.ndjson"]) == 0
    out, err = capfd.readouterr()
    assert "linked to a conversation: 0 of 1 (none 1)" in out
    assert "week.ndjson doesn't have the topic chats (conversations chat)" in err


def test_a_recording_is_counted(capfd: pytest.CaptureFixture[str]) -> None:
    _recording(_ordered(1), _ordered(2))
    assert run(["backfill", "--rules", "paid", "--from", "week.ndjson", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["messages"], found["events"], found["money"]) == (2, 2, {"EUR": "25.00"})
