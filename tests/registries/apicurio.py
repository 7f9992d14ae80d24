"""Apicurio as a plain Java process, from Maven Central: a real schema registry that speaks Confluent's API."""

from __future__ import annotations

import atexit
import json
import shutil
import subprocess
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from greenflash_kafka.model.schema import SchemaKind
from tests import maven
from tests.brokers.broker import free_ports

VERSION: Final = "3.0.9"
"""The newest that runs on Java 17."""

_ARTIFACT: Final = f"io.apicurio:apicurio-registry-app:{VERSION}:tar.gz:all"
_START_SECONDS: Final = 300
"""As for a broker: 4 s of work, of which a busy machine makes minutes."""

_TYPES: Final[dict[SchemaKind, str]] = {"avro": "AVRO", "json-schema": "JSON", "protobuf": "PROTOBUF"}


class Apicurio:
    """A registry on a free loopback port, its schemas in memory. It dies with the process that started it.

    `kill` and `start` again keep the port and lose the schemas.
    """

    def __init__(self) -> None:
        self._folder = unpacked()
        self._home = Path(tempfile.mkdtemp(prefix="greenflash-kafka-registry-"))
        self._process: subprocess.Popen[bytes] | None = None
        atexit.register(self.stop)
        (self.port,) = free_ports(1)
        self.start()

    @property
    def root(self) -> str:
        """Its address, without any API's path."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """The address of Confluent's API."""
        return f"{self.root}/apis/ccompat/v7"

    def start(self) -> None:
        """Start it and wait until it answers; raises maven.Unavailable."""
        with (self._home / "registry.log").open("ab") as log:
            self._process = subprocess.Popen(
                ["java", "-Xmx256m", *maven.QUICKLY, *self._options(), "-jar", next(self._folder.glob("*-runner.jar"))],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self._home,
                start_new_session=True,
                preexec_fn=maven.die_with_parent,
            )
        ends = time.monotonic() + _START_SECONDS
        while self._process.poll() is None and time.monotonic() < ends:
            try:
                self.ask("/subjects")
            except OSError:
                time.sleep(0.1)
            else:
                return
        said = (self._home / "registry.log").read_text(errors="replace")[-3000:]
        self.stop()
        raise maven.Unavailable(f"Apicurio didn't start; the end of its log:\n{said}")

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End it and remove what it left; safe to call twice."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)
        atexit.unregister(self.stop)

    def register(
        self, subject: str, kind: SchemaKind, text: str, references: Sequence[tuple[str, str, int]] = ()
    ) -> int:
        """The id of a schema under a subject; `references` are names, subjects and versions."""
        return register(self.url, subject, kind, text, references)

    def ask(self, path: str, body: object = None) -> Any:
        """The JSON answer to a GET under `url`, or to a POST of `body`; raises OSError unless it is 200."""
        return ask(self.url + path, body)

    def _options(self) -> list[str]:
        return [
            "-Dquarkus.http.host=127.0.0.1",
            f"-Dquarkus.http.port={self.port}",
            "-Dquarkus.http.access-log.enabled=false",
            "-Dquarkus.log.level=WARN",
        ]


def register(
    url: str, subject: str, kind: SchemaKind, text: str, references: Sequence[tuple[str, str, int]] = ()
) -> int:
    """`Apicurio.register` at any registry with Confluent's API."""
    named = [{"name": name, "subject": of, "version": version} for name, of, version in references]
    body = {"schema": text, "schemaType": _TYPES[kind], "references": named}
    found: int = ask(f"{url}/subjects/{subject}/versions", body)["id"]
    return found


def ask(url: str, body: object = None) -> Any:
    """`Apicurio.ask` of any address."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"content-type": "application/vnd.schemaregistry.v1+json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as refused:
        raise OSError(f"{url}: {refused.code} {refused.read()[:500]!r}") from None


def unpacked() -> Path:
    """The folder of the program, fetched and unpacked when it isn't there yet (109 MB); raises maven.Unavailable."""
    name = f"apicurio-{VERSION}"
    folder = maven.fetched_alone(name, _ARTIFACT)
    return maven.once(folder / "program", lambda part: _unpack(next(folder.glob("*.tar.gz")), part))


def _unpack(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as packed:
        packed.extractall(folder, filter="data")
    archive.unlink()  # 109 MB that nobody needs again
