"""`diff` against git revisions: tables, links, renamed files and a dirty work tree, each as the revision has it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter
from tests.unit.cli.git_repository import RULES, git

WITH_TABLE = RULES.replace("rules:", "tables: {plans: {file: plans.csv}}\nrules:").replace(
    'value: "1"', "value: = tables.plans[payload.plan].price"
)
BEGAN = 1_790_000_000_000


@pytest.fixture(autouse=True)
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "repo"
    (root / "mappings/shop").mkdir(parents=True)
    monkeypatch.chdir(root)
    git("init", "-q", "-b", "main")
    (root / "mappings/shop/orders.yaml").write_text(WITH_TABLE)
    (root / "mappings/shop/orders_test.yaml").write_text("cases: what is wrong here is lint's to say")
    (root / "mappings/shop/plans.csv").write_text("plan,price\nbig,10\n")
    (root / "mappings/chats.yaml").write_text(RULES.replace("orders", "chats"))
    git("add", ".")
    git("commit", "-qm", "first")
    messages = [_message("orders", number) for number in range(3)] + [_message("chats", 0)]
    header = RecordingHeader(1, "-", {}, (OffsetRange("chats", 0, 0, 1), OffsetRange("orders", 0, 0, 3)))
    writer = RecordingWriter(tmp_path / "week.ndjson", header)
    writer.write(messages)
    writer.close()
    return root


def _message(topic: str, offset: int) -> Message:
    payload = {"type": "paid", "id": f"{topic}-{offset}", "plan": "big"}
    return Message(topic, 0, offset, BEGAN + offset, value=json.dumps(payload).encode())


def _diff(capfd: pytest.CaptureFixture[str], *names: str) -> dict[str, Any]:
    capfd.readouterr()
    assert run(["diff", *names, "--from", "../week.ndjson", "--json"]) == 0
    report: dict[str, Any] = json.loads(capfd.readouterr().out)
    return report


def test_the_work_tree_as_it_is_against_the_revision(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert _diff(capfd)["messages"] == 0, "nothing changed, so nothing is read"
    (repository / "mappings/shop/plans.csv").write_text("plan,price\nbig,12\n")
    found = _diff(capfd)
    assert [each["topic"] for each in found["ranges"]] == ["orders"]
    assert found["event_types"]["upgrade_purchased"]["changed"] == 3
    git("add", ".")
    assert _diff(capfd)["event_types"]["upgrade_purchased"]["changed"] == 3, "what is staged isn't in the revision"
    git("commit", "-qm", "second")
    assert _diff(capfd)["messages"] == 0
    assert _diff(capfd, "HEAD~1", "HEAD")["event_types"]["upgrade_purchased"]["changed"] == 3
    assert _diff(capfd, "HEAD", "HEAD~1")["old"]["name"].startswith("HEAD (")


def test_a_file_that_only_moved_changes_nothing(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (repository / "mappings/shop").rename(repository / "mappings/store")
    (repository / "mappings/store/orders.yaml").rename(repository / "mappings/store/sales.yaml")
    found = _diff(capfd)
    assert found["changed_messages"] == 0
    assert found["old"]["version"] == found["new"]["version"]


def test_files_that_are_not_in_the_revision_are_new(repository: Path, capfd: pytest.CaptureFixture[str]) -> None:
    again = RULES.replace("- name: paid", "- name: again").replace("= payload.id", '= concat(payload.id, "-again")')
    (repository / "mappings/again.yaml").write_text(again)
    found = _diff(capfd)
    assert (found["old"]["rules"], found["new"]["rules"]) == (2, 3)
    counts = found["event_types"]["upgrade_purchased"]
    assert (counts["old"], counts["new"]) == (3, 6)


def test_the_folder_that_one_is_in_does_not_matter(
    repository: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (repository / "mappings/shop/plans.csv").write_text("plan,price\nbig,12\n")
    monkeypatch.chdir(repository / "mappings")
    assert run(["diff", "--mappings", "shop", "--from", "../../week.ndjson", "--json"]) == 0
    found = json.loads(capfd.readouterr().out)
    assert found["event_types"]["upgrade_purchased"]["changed"] == 3


def test_a_table_outside_of_its_folder_is_refused_in_a_revision_as_on_disk(
    repository: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (repository / "prices.csv").write_text("plan,price\nbig,10\n")
    (repository / "mappings/shop/plans.csv").unlink()
    (repository / "mappings/shop/plans.csv").symlink_to("../../prices.csv")
    git("add", ".")
    git("commit", "-qm", "linked")
    (repository / "mappings/shop/plans.csv").unlink()
    (repository / "mappings/shop/plans.csv").write_text("plan,price\nbig,10\n")
    assert run(["diff", "--from", "../week.ndjson"]) == 1
    said = capfd.readouterr().err
    assert "the rules of HEAD (" in said
    assert "mappings/shop/orders.yaml:3:24: error bad-table: plans.csv lies outside the mapping file's folder" in said


def test_a_submodule_and_a_link_out_of_the_repository_are_named(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret.yaml").write_text(RULES)
    (repository / "mappings/secret.yaml").symlink_to(tmp_path / "secret.yaml")
    git("add", ".")
    git("commit", "-qm", "out")
    assert run(["diff", "--from", "../week.ndjson"]) == 2
    assert "mappings/secret.yaml is a link in" in capfd.readouterr().err
    git("rm", "-q", "mappings/secret.yaml")
    git("update-index", "--add", "--cacheinfo", f"160000,{git('rev-parse', 'HEAD')},mappings/shared")
    git("commit", "-qm", "submodule")
    assert run(["diff", "--from", "../week.ndjson"]) == 2
    assert "mappings/shared is a submodule in" in capfd.readouterr().err
