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


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--rules", "paid"], "--since is missing"),
        (["--rules", "paid", "--since", "1d", "--last", "3"], "--last isn't for a backfill"),
        (["--rules", "pait", "--since", "1d"], "there is no rule pait; did you mean paid?"),
        (["--rules", " , ", "--since", "1d"], "--rules is empty"),
        (["--rules", "paid,tried", "--since", "1d"], "drafts are never sent: tried"),
        (["--rules", "paid", "--since", "1d", "--topic", "other"], "no rule reads other"),
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


def test_rules_that_link_are_refused(capfd: pytest.CaptureFixture[str]) -> None:
    path = Path("mappings/orders.yaml")
    chats = "conversations:\n  - name: chat\n    id: = payload.id\n    keys: {external_user_id: = payload.user}\n"
    path.write_text(
        path.read_text()
        .replace("    event:", "    link: {by: external_user_id, lookback: 1d}\n    event:", 1)
        .replace("      insert_id", "      external_user_id: = payload.user\n      insert_id")
    )
    Path("mappings/chats.yaml").write_text(f"version: 1\nsource: {{topics: [chats]}}\n{chats}")
    code = run(["backfill", "--rules", "paid", "--since", "1d"])
    said = capfd.readouterr().err
    assert (code, "link their events to conversations: paid" in said) == (2, True), said


def test_a_recording_is_counted(capfd: pytest.CaptureFixture[str]) -> None:
    order = {"type": "paid", "id": "o1", "amount": "12.50", "currency": "EUR"}
    header = {
        "recording": 1,
        "cluster_id": "c",
        "topic_ids": {"orders": "t"},
        "ranges": [{"topic": "orders", "partition": 0, "start": 0, "end": 2}],
    }
    lines = [json.dumps(header)] + [
        json.dumps({"topic": "orders", "partition": 0, "offset": at, "timestamp": 1, "value": json.dumps(order)})
        for at in range(2)
    ]
    lines.append('{"end":2}')
    Path("week.ndjson").write_text("\n".join(lines) + "\n")
    assert run(["backfill", "--rules", "paid", "--from", "week.ndjson", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert (found["messages"], found["events"], found["money"]) == (2, 2, {"EUR": "25.00"})
