"""What each preset tells is linked to the chat of a guest of whom Intercom knows the address alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.main import run

PRODUCT = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
CHAT = "215473840934085"

SAID = {
    "stripe": ("refund", "payment_failed", "checkout"),
    "segment": ("order_completed", "signed_up"),
    "shopify": ("order_paid",),
    "hubspot": ("changes",),
    "calendly": ("created",),
    "salesforce-cdc": ("opportunity", "lead"),
}
"""Samples whose messages, or whose tables, have the customer's address."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all these presets and a lead's chat, a minute before what the samples tell."""
    made = tmp_path_factory.mktemp("linked")
    assert run(["init", str(made), "--preset", ",".join(["intercom", *SAID])]) == 0
    chat: Any = json.loads((made / "mappings/samples/intercom/created.json").read_text(encoding="utf-8"))
    chat["data"]["item"]["created_at"] -= 60
    chat["data"]["item"]["contacts"]["contacts"][0]["external_id"] = None
    line = {"topic": "chat.intercom.webhooks", "timestamp": "2026-11-18T11:05:41Z", "payload": chat}
    (made / "chat.ndjson").write_text(json.dumps(line) + "\n")
    return made


@pytest.mark.parametrize(("name", "sample"), [(name, sample) for name, samples in SAID.items() for sample in samples])
def test_a_guest_is_found_by_the_address(
    name: str, sample: str, folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GREENFLASH_PRODUCT_ID", PRODUCT)
    monkeypatch.chdir(folder)
    (topics,) = [line for line in Path(f"mappings/{name}.yaml").read_text().splitlines() if "topics: [" in line]
    path = Path(f"mappings/samples/{name}/{sample}.json")
    topic = topics.partition("[")[2].partition("]")[0].split(", ")[0 if sample != "lead" else 1]
    command = ["try", "--rules", "mappings", "--topic", topic, "--conversations", "chat.ndjson"]
    command += ["--timestamp", "2026-11-18T11:07:41Z", "--header", "X-Shopify-Topic=orders/paid", str(path)]
    assert run(command) == 0
    shown = capfd.readouterr().out
    assert shown.count("event of ") == shown.count(f'"externalConversationId": "{CHAT}"') > 0
    assert '"attribution": "last_touch"' in shown
    assert "@acme.example" not in "".join(_events(shown))


def _events(shown: str) -> list[str]:
    """The JSON texts of the events that `try` shows."""
    return [part.partition("\n  }")[0] for part in shown.split("event of ")[1:]]
