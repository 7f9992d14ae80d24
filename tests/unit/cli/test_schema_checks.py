"""What `doctor` says of the registry and the folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from greenflash_kafka.cli.check import Check
from greenflash_kafka.cli.schema_checks import schema_checks
from greenflash_kafka.config.model import Config
from tests.registries import scripted
from tests.registries.scripted import ScriptedRegistry


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
    assert (one.name, one.status, one.said) == ("schema registry", "ok", f"{server.url}, 1 subject(s)")
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


def test_without_a_registry_nothing_is_said() -> None:
    assert list(schema_checks(Config(), {}, None, [])) == []


def test_the_folder_is_looked_into(server: ScriptedRegistry, tmp_path: Path) -> None:
    (tmp_path / "index.yaml").write_text("schemas: [{subject: s, version: 1, registry: r, kind: avro, file: s.avsc}]\n")
    assert checks(server, schemas=tmp_path)[0].status == "failed"
    (tmp_path / "s.avsc").write_text('"string"')
    first = checks(server, schemas=tmp_path)[0]
    assert (first.status, first.said) == ("ok", f"{tmp_path}, 1 schema(s)")


def test_a_schema_that_nobody_can_decode_with_is_named(server: ScriptedRegistry) -> None:
    server.add(8, '{"type": "record", "name": "Order"}', subject="orders-value", version=4)
    _, check = checks(server)
    assert (check.name, check.status) == ("schema orders-value", "failed")
    assert check.said.startswith("v4, ")
    assert "bad-schema" in check.todo
