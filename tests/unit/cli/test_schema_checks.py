"""What `doctor` says of the registry and the folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from greenflash_kafka.cli.check import Check
from greenflash_kafka.cli.schema_checks import schema_checks
from greenflash_kafka.config.model import Config
from greenflash_kafka.loading import load
from tests.registries import scripted
from tests.registries.scripted import ScriptedRegistry
from tests.unit.cli.test_schema_pulling import RULES


@pytest.fixture
def server() -> Iterator[ScriptedRegistry]:
    made = ScriptedRegistry()
    made.add(7, '"string"', subject="orders-value", version=3)
    yield made
    made.close()


def checks(server: ScriptedRegistry, **config: object) -> list[Check]:
    given = {"schema_registry": {"url": server.url, "timeout_seconds": 0.5}, **config}
    return list(schema_checks(Config.model_validate(given), {}, None, ["orders", "plain"]))


def test_a_registry_that_answers_is_ok_and_so_are_its_subjects(server: ScriptedRegistry) -> None:
    one, two = checks(server)
    assert (one.name, one.status, one.said) == ("schema registry", "ok", f"{server.url}, 1 subject")
    assert (two.name, two.status, two.said) == ("schema orders-value", "ok", "v3, avro")


@pytest.mark.parametrize(
    ("trouble", "said"),
    [(scripted.replies(401), "credentials"), (scripted.replies(503), "fails (503)"), (scripted.silence, "in time")],
)
def test_one_that_does_not_is_said_with_what_to_do(
    server: ScriptedRegistry, trouble: scripted.Trouble, said: str
) -> None:
    server.trouble = trouble
    (check,) = checks(server)
    assert check.status == "failed"
    assert said in check.said
    assert "schema_registry.properties" in check.todo


@pytest.mark.parametrize("code", [404, 40401])
def test_a_wrong_path_is_failed(server: ScriptedRegistry, code: int) -> None:
    server.trouble = scripted.replies(404, b'{"error_code": %d, "message": "HTTP 404 Not Found"}' % code)
    (check,) = checks(server)
    assert (check.status, check.todo.partition(",")[0]) == ("failed", "check schema_registry.url (its path")


def test_a_registry_without_a_subject_is_a_warning() -> None:
    empty = ScriptedRegistry()
    (check,) = checks(empty)
    empty.close()
    assert (check.status, check.said) == ("warning", f"{empty.url}, 0 subjects")


@pytest.mark.parametrize(("format", "names"), [("", ["schema plain-value"]), (", format: json", [])])
def test_a_subject_that_is_not_there_is_a_warning_unless_the_topic_is_of_json(
    server: ScriptedRegistry, tmp_path: Path, format: str, names: list[str]
) -> None:
    (tmp_path / "m.yaml").write_text(RULES.replace("[orders]", f"[plain]{format}"))
    ruleset = load([tmp_path / "m.yaml"], {}).ruleset
    config = Config.model_validate({"schema_registry": {"url": server.url}})
    found = [each for each in schema_checks(config, {}, ruleset, []) if each.status == "warning"]
    assert [each.name for each in found] == names
    assert all("schema_registry.url" in each.todo for each in found)


def test_without_a_registry_nothing_is_said() -> None:
    assert list(schema_checks(Config(), {}, None, [])) == []


def test_the_folder_is_looked_into(server: ScriptedRegistry, tmp_path: Path) -> None:
    (tmp_path / "index.yaml").write_text("schemas: [{subject: s, version: 1, registry: r, kind: avro, file: s.avsc}]\n")
    assert checks(server, schemas=tmp_path)[0].status == "failed"
    (tmp_path / "s.avsc").write_text('"string"')
    first = checks(server, schemas=tmp_path)[0]
    assert (first.status, first.said) == ("ok", f"{tmp_path}, 1 schema")


def test_a_schema_that_nobody_can_decode_with_is_named(server: ScriptedRegistry) -> None:
    server.add(8, '{"type": "record", "name": "Order"}', subject="orders-value", version=4)
    _, check = checks(server)
    assert (check.name, check.status) == ("schema orders-value", "failed")
    assert check.said.startswith("v4, ")
    assert "bad-schema" in check.todo
