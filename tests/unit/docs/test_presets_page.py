"""docs/presets.md, to the letter: its three edits make a linked upgrade and a linked refund of real-shaped webhooks."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.cli.preset_folder import shipped_presets
from greenflash_kafka.sandbox.listings import PRODUCT_ID

PAGE = (Path(__file__).parents[3] / "docs" / "presets.md").read_text(encoding="utf-8")
EDITS = re.findall(r"^\| `(mappings/\S+)` \| `(.+?)` \| `(.+?)` \|$", PAGE, re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder after the page's command and its edits, and the command line in it."""
    command = re.search(r"^\$ greenflash-kafka (init metrics --preset stripe,intercom)$", PAGE, re.MULTILINE)
    assert command is not None
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GREENFLASH_PRODUCT_ID", PRODUCT_ID)
    assert run(command[1].split()) == 0
    for name, before, after in EDITS:
        text = (tmp_path / "metrics" / name).read_text(encoding="utf-8")
        assert text.count(before) == 1, before
        (tmp_path / "metrics" / name).write_text(text.replace(before, after), encoding="utf-8")
    samples = re.search(r"^\$ (sed -i.+)$", PAGE, re.MULTILINE)
    assert samples is not None
    subprocess.run(samples[1], shell=True, check=True)
    monkeypatch.chdir(tmp_path / "metrics")
    return tmp_path / "metrics"


@pytest.mark.parametrize("name", ["upgrade", "refund"])
def test_after_three_edits_what_stripe_says_is_linked_to_the_chat_before_it(
    name: str, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert len(EDITS) == 3
    message = json.loads((folder / f"mappings/samples/stripe/{name}.json").read_text(encoding="utf-8"))
    assert message["data"]["object"]["metadata"] == {"account_id": "u-5"}
    (folder / "stripe.json").write_text(json.dumps(message))
    shown = tried(folder, capfd)
    assert '"externalConversationId": "215473840934085"' in shown
    assert '"externalUserId": "u-5"' in shown
    assert '"attribution": "last_touch"' in shown


def test_a_refund_of_a_guest_finds_the_chat_by_the_address(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    message = json.loads((folder / "mappings/samples/stripe/refund.json").read_text(encoding="utf-8"))
    message["data"]["object"]["metadata"] = {}
    (folder / "stripe.json").write_text(json.dumps(message))
    shown = tried(folder, capfd)
    assert '"externalConversationId": "215473840934085"' in shown
    assert "acme.example" not in shown.partition("event of")[2].partition("\n\n")[0]


def test_the_edited_files_have_no_findings(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--strict"]) == 0, capfd.readouterr().out
    assert run(["presets", "diff", str(folder / "mappings/stripe.yaml")]) == 1
    assert "ids of events: the same in all rules" in capfd.readouterr().out


@pytest.mark.usefixtures("folder")
def test_all_cases_pass_after_the_edits(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["test"]) == 0, capfd.readouterr().out


def test_the_page_names_every_preset() -> None:
    table = PAGE.partition("## Which there are")[2].partition("\n## ")[0]
    assert set(re.findall(r"^\| `(\S+?)` \|", table, re.MULTILINE)) == set(shipped_presets())


def tried(folder: Path, capfd: pytest.CaptureFixture[str]) -> str:
    """What `try` shows of stripe.json, a minute and ten seconds after the sample of a chat."""
    chat = json.loads((folder / "mappings/samples/intercom/created.json").read_text(encoding="utf-8"))
    (folder / "chat.ndjson").write_text(
        json.dumps({"topic": "acme.intercom", "timestamp": "2026-11-18T11:06:42Z", "payload": chat}) + "\n"
    )
    capfd.readouterr()
    command = "try --rules mappings --topic acme.stripe --conversations chat.ndjson stripe.json"
    assert run([*command.split(), "--timestamp", "2026-11-18T11:07:50Z"]) == 0
    return capfd.readouterr().out
