"""`schemas pull` as it is typed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from tests.registries import scripted
from tests.registries.scripted import ScriptedRegistry

RULES = """\
version: 1
source: {topics: [orders]}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: '1'
      external_user_id: = payload.user
      insert_id: = payload.id
"""


@pytest.fixture
def server() -> Iterator[ScriptedRegistry]:
    made = ScriptedRegistry()
    made.add(7, '"string"', subject="orders-value", version=3)
    yield made
    made.close()


@pytest.fixture
def folder(server: ScriptedRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "m.yaml").write_text(RULES)
    (tmp_path / "greenflash-kafka.yaml").write_text(f"schema_registry: {{url: '{server.url}'}}\n")
    return tmp_path


def test_the_topics_of_the_rules_are_pulled(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schemas", "pull"]) == 0
    assert (folder / "schemas" / "orders-value.v3.avsc").read_text() == '"string"\n'
    assert "1 schema in schemas; 1 new, 0 changed" in capsys.readouterr().out.replace(f"{folder}/", "")
    assert run(["schemas", "pull"]) == 0
    assert "0 new, 0 changed" in capsys.readouterr().out


def test_the_topics_of_tables_are_pulled_too(server: ScriptedRegistry, folder: Path) -> None:
    server.add(8, '"int"', subject="crm-value", version=1)
    table = "tables: {customers: {topic: crm, key: = kafka.key, fields: {user: = payload}}}\nrules:"
    rules = RULES.replace("rules:", table).replace("payload.user", "tables.customers[payload.customer].user")
    (folder / "mappings" / "m.yaml").write_text(rules)
    assert run(["schemas", "pull"]) == 0
    assert (folder / "schemas" / "crm-value.v1.avsc").exists()


@pytest.mark.usefixtures("folder")
def test_a_registry_without_them_is_no_success(server: ScriptedRegistry, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schemas", "pull", "--topic", "bills"]) == 1
    assert "no subject bills-value" in capsys.readouterr().err
    server.trouble = scripted.replies(403)
    assert run(["schemas", "pull"]) == 1
    assert "doesn't allow us" in capsys.readouterr().err


@pytest.mark.parametrize("code", [404, 40401])
def test_at_a_wrong_path_it_fails_and_writes_nothing(
    server: ScriptedRegistry, folder: Path, capsys: pytest.CaptureFixture[str], code: int
) -> None:
    server.trouble = scripted.replies(404, b'{"error_code": %d, "message": "HTTP 404 Not Found"}' % code)
    assert run(["schemas", "pull"]) == 1
    assert "is the path of the URL right?" in capsys.readouterr().err
    assert not (folder / "schemas").exists()


def test_what_was_pulled_stays_when_nothing_is_found(folder: Path) -> None:
    assert run(["schemas", "pull"]) == 0
    assert run(["schemas", "pull", "--topic", "bills"]) == 1
    assert "orders-value" in (folder / "schemas" / "index.yaml").read_text()
    assert not (folder / "schemas" / "bills-value.v1.avsc").exists()


def test_without_a_registry_it_says_what_to_set(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "greenflash-kafka.yaml").write_text("log: {level: info}\n")
    assert run(["schemas", "pull"]) == 2
    assert "schema_registry.url" in capsys.readouterr().err


def test_the_subject_that_a_mapping_file_names_is_pulled(server: ScriptedRegistry, folder: Path) -> None:
    server.add(9, '"int"', subject="com.acme.Order", version=1)
    (folder / "mappings" / "m.yaml").write_text(RULES.replace("[orders]", "[orders], subject: com.acme.Order"))
    assert run(["schemas", "pull"]) == 0
    assert (folder / "schemas" / "com.acme.Order.v1.avsc").is_file()
