"""Debezium's own engine over a PostgreSQL: the records that a connector writes, through the converters of Connect."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

from tests import maven
from tests.debezium.postgres import Postgres
from tests.debezium.postgres import unpacked as postgres_unpacked

HERE: Final = Path(__file__).parent
TABLES: Final = HERE / "tables.sql"
CHANGES: Final = HERE / "changes.sql"
LATER: Final = HERE / "later.sql"
"""A table gets a column while it is read; not part of what is recorded."""
MARK: Final = HERE / "mark.sql"
"""One row more, by which one sees that what came before is written."""

VERSION: Final = "3.6.1.Final"
_DEBEZIUM: Final = (
    f"io.debezium:debezium-api:{VERSION}",
    f"io.debezium:debezium-embedded:{VERSION}",
    f"io.debezium:debezium-connector-postgres:{VERSION}",
    "org.slf4j:slf4j-simple:1.7.36",
)
_CONVERTER: Final = "io.apicurio:apicurio-registry-utils-converter:2.6.13.Final"
"""Writes to a registry of version 3, too; later ones aren't on Maven Central with all that they need."""

CONVERTERS: Final = "recorder.converters"
"""The property that names an engine's converters."""

_JSON: Final = "org.apache.kafka.connect.json.JsonConverter"
_AVRO: Final = "io.apicurio.registry.utils.converter.AvroConverter"

JSON: Final = {"class": _JSON, "schemas.enable": "false"}
JSON_WITH_SCHEMA: Final = {"class": _JSON, "schemas.enable": "true"}
CLOUDEVENTS: Final = {
    "class": "io.debezium.converters.CloudEventsConverter",
    "serializer.type": "json",
    "data.serializer.type": "json",
    "json.schemas.enable": "false",
}


def avro(registry: str, *, header: bool = False) -> dict[str, str]:
    """Avro with the schema's id in front, as Confluent's serializers write it, or by `header` as Apicurio's own do in
    their default: a bare body, the id in a header."""
    common = {
        "class": _AVRO,
        "apicurio.registry.url": f"{registry}/apis/registry/v2",
        "apicurio.registry.auto-register": "true",
        "apicurio.registry.find-latest": "true",
        "apicurio.registry.headers.enabled": str(header).lower(),
    }
    if header:
        return common
    return {**common, "apicurio.registry.as-confluent": "true", "apicurio.registry.use-id": "contentId"}


class Record(msgspec.Struct, frozen=True):
    """A record for a topic, as an engine and one of its converters made it."""

    engine: str
    converter: str
    topic: str
    timestamp: int | None
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes | None]]


class Engines:
    """Engines in one JVM over one PostgreSQL: all of them see the same changes. `records` grows while they run."""

    def __init__(self, database: Postgres, engines: Mapping[str, Mapping[str, str]]) -> None:
        """`engines` are properties by name; see `properties`. They start with `start`."""
        self.records: list[Record] = []
        self._home = Path(tempfile.mkdtemp(prefix="greenflash-kafka-debezium-"))
        for name, settings in engines.items():
            text = "".join(f"{key}={value}\n" for key, value in {**_connection(name, database), **settings}.items())
            (self._home / f"{name}.properties").write_text(text)
        jars = os.pathsep.join((str(compiled()), f"{_debezium()}/*", f"{_converter()}/*"))
        self._log = self._home / "recorder.log"
        self._process = subprocess.Popen(
            [
                *("java", "-Xmx256m", *maven.QUICKLY, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", jars),
                *("Recorder", str(self._home), f"jdbc:postgresql://127.0.0.1:{database.port}/postgres"),
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log.open("wb"),
            start_new_session=True,
            preexec_fn=maven.die_with_parent,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def sql(self, file: Path) -> None:
        """Run a file's statements."""
        self._order(f"sql {file}")

    def start(self) -> None:
        """Start the engines: first they make a snapshot of what is there."""
        self._order("start")

    def until(self, done: Callable[[list[Record]], object], seconds: float = 60) -> None:
        """Wait until the records are such; fails when no record has come for so many seconds."""
        seen, since = 0, time.monotonic()
        while not done(list(self.records)):
            if len(self.records) != seen:
                seen, since = len(self.records), time.monotonic()
            if self._process.poll() is not None or time.monotonic() - since > seconds:
                said = self._log.read_text(errors="replace")[-4000:]
                raise AssertionError(f"{len(self.records)} records, and no more come:\n{said}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End them; safe to call twice."""
        self._process.kill()
        self._process.wait()
        self._reader.join()
        shutil.rmtree(self._home, ignore_errors=True)

    def _order(self, text: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(text.encode() + b"\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.records.append(msgspec.json.decode(line, type=Record))


def properties(converters: Mapping[str, Mapping[str, str]], **settings: str) -> dict[str, str]:
    """An engine's properties: converters of values by name, for keys the same but for CloudEvents, whose keys are JSON;
    `settings` with `__` for a dot."""
    made = {name.replace("__", "."): value for name, value in settings.items()}
    made[CONVERTERS] = ",".join(converters)
    for name, value in converters.items():
        key = JSON if value is CLOUDEVENTS else value
        for part, of in (("key", key), ("value", value)):
            made |= {f"converter.{name}.{part}.{setting}": text for setting, text in of.items()}
    return made


def compiled() -> Path:
    """The folder of the compiled program; fetches all that it needs. Raises maven.Unavailable."""
    return maven.classes(HERE / "Recorder.java", _debezium())


def prepare() -> None:
    """Fetch and make all that `Engines` and `Postgres` need."""
    postgres_unpacked()
    _converter()
    compiled()


def _debezium() -> Path:
    return maven.fetched(f"debezium-{VERSION}", _DEBEZIUM)


def _converter() -> Path:
    return maven.fetched("apicurio-converter-2.6.13", [_CONVERTER])


def _connection(name: str, database: Postgres) -> dict[str, str]:
    return {
        "name": name,
        "topic.prefix": name,
        "slot.name": f"slot_{name}".replace("-", "_"),
        "publication.name": f"publication_{name}".replace("-", "_"),
        "publication.autocreate.mode": "filtered",
        "plugin.name": "pgoutput",
        "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
        "offset.storage": "org.apache.kafka.connect.storage.MemoryOffsetBackingStore",
        "database.hostname": "127.0.0.1",
        "database.port": str(database.port),
        "database.user": "postgres",
        "database.password": "unused",
        "database.dbname": "postgres",
        "skipped.operations": "none",
        "poll.interval.ms": "50",
    }
