"""One suite over all who give schemas: registry, folder, both in turn, the simulation's, and what unit tests use."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from greenflash_kafka.clock import SystemClock
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaRefused
from greenflash_kafka.ports import Schemas
from greenflash_kafka.schemas.folder import FolderSchemas, SchemaFolder
from greenflash_kafka.schemas.folder_first import FolderFirst
from greenflash_kafka.schemas.registry_connection import RegistrySettings
from greenflash_kafka.schemas.schema_registry import SchemaRegistry
from tests.fakes.schemas import KnownSchemas
from tests.registries.scripted import ScriptedRegistry
from tests.simulation.registry import SCHEMA, SimulatedRegistry
from tests.waiting import until

TEXT = '"string"'
GUID = bytes(range(16))
WRITTEN = "00010203-0405-0607-0809-0a0b0c0d0e0f"


class Now:
    """The machine's time as the simulation's scheduler has it."""

    @property
    def now(self) -> float:
        return SystemClock().monotonic()


def folder(path: Path, url: str) -> SchemaFolder:
    index = (
        f"schemas: [{{subject: s, version: 1, registry: '{url}', id: 7, guid: {WRITTEN}, kind: avro, file: s.avsc}}]"
    )
    (path / "index.yaml").write_text(index)
    (path / "s.avsc").write_text(TEXT)
    return SchemaFolder(path)


@pytest.fixture
def server() -> Iterator[ScriptedRegistry]:
    made = ScriptedRegistry()
    made.add(7, TEXT, subject="s", guid=WRITTEN)
    made.add(9, "{}", kind="THRIFT")
    yield made
    made.close()


KINDS = ["registry", "folder", "both", "simulated", "dict"]


@pytest.fixture(params=KINDS)
def schemas(request: pytest.FixtureRequest, server: ScriptedRegistry, tmp_path: Path) -> Iterator[Schemas]:
    made = _made(request.param, server, tmp_path)
    yield made
    made.close()


def _made(kind: str, server: ScriptedRegistry, path: Path) -> Schemas:
    clock, listener, urls = SystemClock(), Quiet(), (server.url,)
    match kind:
        case "registry":
            return SchemaRegistry(RegistrySettings(urls, timeout=5), clock, listener)
        case "folder":
            return FolderSchemas(folder(path, server.url))
        case "both":
            registry = SchemaRegistry(RegistrySettings(urls, timeout=5), clock, listener)
            return FolderFirst(registry, folder(path, server.url), urls, clock, listener)
        case "simulated":
            return SimulatedRegistry(Now(), Random(1), 0.05)  # type: ignore[arg-type]
    known: dict[SchemaKey, Schema | SchemaRefused] = {7: Schema("avro", TEXT), GUID: Schema("avro", TEXT)}
    return KnownSchemas(known)


def found(schemas: Schemas, key: SchemaKey) -> Schema | SchemaRefused | None:
    """What is known of it once something is, polled as a loop does."""
    until(_known(schemas, key), f"schema {key!r}", 20, every=0.001)
    return schemas.find(key)


def _known(schemas: Schemas, key: SchemaKey) -> Callable[[], bool]:
    def known() -> bool:
        schemas.poll()
        return schemas.find(key) is not None

    return known


@pytest.mark.parametrize("key", [7, GUID])
def test_what_is_there_becomes_known_and_stays_so(schemas: Schemas, key: SchemaKey) -> None:
    schema = found(schemas, key)
    assert isinstance(schema, Schema)
    assert schema.text == TEXT == SCHEMA.text
    for _ in range(10):
        assert schemas.find(key) == schema
        schemas.poll()
    assert key not in schemas.waits()


def test_asking_costs_no_waiting(schemas: Schemas) -> None:
    clock = SystemClock()
    began = clock.monotonic()
    for key in range(100, 110):
        schemas.find(key)
        schemas.poll()
        schemas.waits()
    assert clock.monotonic() - began < 2


def test_a_key_that_waits_says_why_and_no_other_does(schemas: Schemas) -> None:
    assert schemas.waits() == {}
    if schemas.find(99) is None:
        assert list(schemas.waits()) == [99]
        assert all(schemas.waits().values())
    assert schemas.stalled == ""


def test_lacking_fields_and_the_end_are_taken(schemas: Schemas) -> None:
    schemas.lacks("orders", 7, ["total"])
    schemas.close()


@pytest.mark.parametrize("kind", ["registry", "both"])
def test_what_nobody_can_decode_with_is_refused_not_waited_for(
    kind: str, server: ScriptedRegistry, tmp_path: Path
) -> None:
    schemas = _made(kind, server, tmp_path)
    refused = found(schemas, 9)
    assert isinstance(refused, SchemaRefused)
    assert refused.code == "bad-schema"
    schemas.close()
