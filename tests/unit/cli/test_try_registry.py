"""`try` reads a framed message by the folder of schemas, or by the registry."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.clock import SystemClock
from tests.registries import scripted
from tests.registries.scripted import ScriptedRegistry
from tests.unit.cli.test_schema_pulling import RULES

SCHEMA = """{"type": "record", "name": "Order", "fields": [
  {"name": "id", "type": "string"}, {"name": "type", "type": "string"}, {"name": "user", "type": "string"}]}"""

MESSAGE = b"\x00\x00\x00\x00\x07" + b"".join(bytes([2 * len(each)]) + each for each in (b"o1", b"paid", b"u1"))


@pytest.fixture
def server() -> Iterator[ScriptedRegistry]:
    made = ScriptedRegistry()
    made.add(7, SCHEMA, subject="orders-value")
    yield made
    made.close()


@pytest.fixture
def folder(server: ScriptedRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "m.yaml").write_text(RULES)
    (tmp_path / "greenflash-kafka.yaml").write_text(f"schema_registry: {{url: '{server.url}'}}\n")
    (tmp_path / "message.bin").write_bytes(MESSAGE)
    return tmp_path


TRY = ["try", "--rules", "mappings", "message.bin"]


def test_the_registry_is_asked_if_that_is_said(
    server: ScriptedRegistry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(TRY) == 1
    shown = capsys.readouterr().out
    assert "unknown-schema: schema 7 isn't here: there is no schemas/index.yaml: looked for" in shown
    assert str(folder / "mappings" / "schemas" / "index.yaml") in shown
    assert str(folder / "schemas" / "index.yaml") in shown
    (folder / "schemas").mkdir()
    assert run(TRY) == 1
    assert f"({folder / 'schemas'} is there, without index.yaml)" in capsys.readouterr().out
    assert server.asked == []
    assert run([*TRY, "--registry"]) == 0
    assert "upgrade_purchased" in capsys.readouterr().out
    assert server.asked == ["/schemas/ids/7"]


def test_what_was_pulled_needs_no_registry(
    server: ScriptedRegistry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["schemas", "pull"]) == 0
    server.close()
    capsys.readouterr()
    assert run(TRY) == 0
    assert "upgrade_purchased" in capsys.readouterr().out
    (folder / "message.bin").write_bytes(MESSAGE[:4] + b"\x08" + MESSAGE[5:])
    assert run(TRY) == 1
    assert "schema 8 isn't in" in capsys.readouterr().out


def test_framed_bytes_are_read_by_the_schema_that_is_given_whatever_their_id(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "order.avsc").write_text(SCHEMA)
    assert run([*TRY, "--schema", "order.avsc"]) == 0
    shown = capsys.readouterr().out
    assert "upgrade_purchased" in shown
    assert "read as Avro Order, schema order.avsc" in shown


def test_without_a_registry_in_the_config_it_says_what_to_set(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "greenflash-kafka.yaml").unlink()
    assert run([*TRY, "--registry"]) == 2
    assert "schema_registry.url" in capsys.readouterr().err


def test_lint_asks_the_registry_for_the_fields_of_today(
    server: ScriptedRegistry, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lint"]) == 0
    text = (folder / "mappings" / "m.yaml").read_text().replace("payload.user", "payload.usr")
    (folder / "mappings" / "m.yaml").write_text(text)
    assert run(["lint"]) == 0
    assert server.asked == []
    capsys.readouterr()
    run(["lint", "--registry"])
    assert "did you mean" in capsys.readouterr().out
    server.close()
    assert run(["lint", "--registry"]) == 1
    assert "no connection" in capsys.readouterr().err


def test_lint_says_which_subject_the_registry_does_not_have(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (folder / "mappings" / "m.yaml").read_text().replace("[orders]", "[bills]")
    (folder / "mappings" / "m.yaml").write_text(text)
    assert run(["lint", "--registry", "--strict"]) == 1
    assert "the registry has no subject bills-value" in capsys.readouterr().out
    (folder / "mappings" / "m.yaml").write_text(text.replace("[bills]", "[bills], format: json"))
    assert run(["lint", "--registry", "--strict"]) == 0


@pytest.mark.usefixtures("folder")
def test_a_registry_that_fails_is_the_reason_that_is_shown(
    server: ScriptedRegistry, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SystemClock, "sleep", Quick.sleep)
    monkeypatch.setattr(SystemClock, "monotonic", Quick.monotonic)
    server.trouble = scripted.replies(503)
    assert run([*TRY, "--registry"]) == 1
    assert "unknown-schema: schema 7 isn't known here: it fails (503)" in capsys.readouterr().out


class Quick(SystemClock):
    """A clock on which sleeping takes a hundredth of the time."""

    slept = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + Quick.slept

    def sleep(self, seconds: float) -> None:
        Quick.slept += seconds * 0.99
        time.sleep(seconds * 0.01)
