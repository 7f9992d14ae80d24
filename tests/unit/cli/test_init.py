"""A starter folder that is complete, and never writes over anything."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from greenflash_kafka.cli.editor_files import CASES_SCHEMA, MAPPING_SCHEMA, PLAN_SCHEMA, SETTINGS
from greenflash_kafka.cli.init import FILES
from greenflash_kafka.cli.main import run
from greenflash_kafka.config.load import load_config
from greenflash_kafka.model.message import Message
from greenflash_kafka.sandbox.listings import PRODUCT_ID
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter

ROOT = Path(__file__).parents[3]


def test_the_folder_has_everything_and_its_config_is_valid(tmp_path: Path) -> None:
    assert run(["init", str(tmp_path / "new")]) == 0
    written = {str(file.relative_to(tmp_path / "new")) for file in (tmp_path / "new").rglob("*") if file.is_file()}
    assert written == {*FILES, MAPPING_SCHEMA, CASES_SCHEMA, PLAN_SCHEMA, SETTINGS}
    config = load_config(tmp_path / "new/greenflash-kafka.yaml", {"GREENFLASH_API_KEY": "k"})
    assert config.mappings == (tmp_path / "new/mappings",)
    assert "VERSION" not in (tmp_path / "new/.github/workflows/mappings.yml").read_text()


def test_the_folder_passes_lint_and_test(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    run(["init", str(tmp_path / "new")])
    assert run(["lint", "--strict", str(tmp_path / "new/mappings")]) == 0
    assert "No findings." in capfd.readouterr().out
    assert run(["test", str(tmp_path / "new/mappings")]) == 0
    assert "8 passed in 1 file." in capfd.readouterr().out
    assert run(["lint", str(tmp_path / "new")]) == 0
    assert run(["test", str(tmp_path / "new")]) == 0


def test_what_the_workflow_and_the_hooks_run_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "new"
    run(["init", str(folder)])
    monkeypatch.chdir(folder)
    jobs = YAML(typ="safe").load((folder / ".github/workflows/mappings.yml").read_text())["jobs"]
    hooks = YAML(typ="safe").load((folder / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    commands = [each for each in commands if each.startswith("greenflash-kafka")] + [each["entry"] for each in hooks]
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c"]
    for arguments in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "x"],
        ["update-ref", "refs/remotes/origin/main", "HEAD"],
    ):
        subprocess.run([*git, *arguments], check=True, capture_output=True)
    writer = RecordingWriter(folder / "week.ndjson", RecordingHeader(1))
    writer.write([Message("shop.orders", 0, 0, 1_790_000_000_000, value=b'{"type": "order.paid"}')])
    writer.close()
    monkeypatch.setenv("BASE", "main")
    environ = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    assert len(commands) == 5
    for command in commands:
        subprocess.run(["bash", "-ec", command.replace("--since 7d", "--from week.ndjson")], check=True, env=environ)
    assert "Nothing changes for these messages" in (folder / "diff.md").read_text()


def test_the_orders_that_the_compose_file_makes_become_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run(["init", str(tmp_path / "new")])
    compose = (tmp_path / "new/docker-compose.yml").read_text()
    shop = textwrap.dedent(compose.partition("  shop:")[2].partition("- |\n")[2].partition("\n\n")[0])
    script = shop.replace("$$", "$").replace("sleep 1", "true")
    script = re.sub(r"\| /opt/kafka/\S+kafka-console-producer.sh .*", "| head -5", script)
    made = subprocess.run(["sh", "-c", script], capture_output=True, text=True, timeout=120, check=True).stdout
    monkeypatch.setenv("GREENFLASH_PRODUCT_ID", PRODUCT_ID)
    for line in made.splitlines():
        (tmp_path / "message.json").write_text(line)
        capfd.readouterr()
        assert run(["try", "--rules", str(tmp_path / "new/mappings"), str(tmp_path / "message.json")]) == 0
        assert capfd.readouterr().out.startswith("mapped"), line
    assert len(made.splitlines()) == 5


def test_nothing_is_overwritten(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "README.md").write_text("mine")
    assert run(["init", str(tmp_path)]) == 2
    assert [file.name for file in tmp_path.iterdir()] == ["README.md"]
    assert (tmp_path / "README.md").read_text() == "mine"
    assert "README.md already" in capfd.readouterr().err


def test_the_schemas_are_the_published_ones_and_each_file_names_its_own(tmp_path: Path) -> None:
    run(["init", str(tmp_path)])
    for file, schema in (("shop.yaml", "schema.json"), ("shop_test.yaml", "cases.schema.json")):
        text = (tmp_path / "mappings" / file).read_text()
        assert text.startswith(f"# yaml-language-server: $schema={schema}\n")
        assert (tmp_path / "mappings" / schema).read_text() == (ROOT / "mappings" / schema).read_text()
        jsonschema.validate(YAML(typ="safe").load(text), json.loads((tmp_path / "mappings" / schema).read_text()))
    chosen = json.loads((tmp_path / SETTINGS).read_text())["yaml.schemas"]
    assert all((tmp_path / schema).exists() for schema in chosen)


def test_an_editors_file_that_exists_is_left_as_it_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / SETTINGS).parent.mkdir()
    (tmp_path / SETTINGS).write_text("mine")
    assert run(["init", str(tmp_path)]) == 0
    assert (tmp_path / SETTINGS).read_text() == "mine"
    said = capfd.readouterr().out
    assert f"{tmp_path / SETTINGS}   left as it is" in said
    assert "an editor then needs the first line of each file" in said
    assert f"{tmp_path / MAPPING_SCHEMA}\n" in said


def test_schemas_are_written_again_and_nothing_else(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / MAPPING_SCHEMA).parent.mkdir()
    (tmp_path / MAPPING_SCHEMA).write_text("old")
    assert run(["init", "--schemas", str(tmp_path)]) == 0
    assert (tmp_path / MAPPING_SCHEMA).read_text() == (ROOT / MAPPING_SCHEMA).read_text()
    written = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert written == {MAPPING_SCHEMA, CASES_SCHEMA, PLAN_SCHEMA, SETTINGS}
    assert "an editor then needs" not in capfd.readouterr().out
    assert run(["init", "--schemas", str(tmp_path / "mappings")]) == 2
    assert "has no folder `mappings`" in capfd.readouterr().err
