"""One place in the group: a process after another, and what each says of itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec


class Life:
    """One process of `greenflash-kafka run`, from its start to its end."""

    def __init__(self, name: str, environ: Mapping[str, str], folder: Path, arguments: tuple[str, ...] = ()) -> None:
        self.log = folder / f"{name}.log"
        self._err = self.log.open("wb")
        self.out = folder / f"{name}.out"
        with self.out.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "greenflash_kafka", "run", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=self._err,
                env={**os.environ, **environ},
                start_new_session=True,
            )
        self._err.close()
        self.began = time.monotonic()
        self.assigned_at: float | None = None
        self.stopping = False
        self.frozen = False
        self.waiting = False
        self.rebalanced_at = 0.0
        self.partitions = 0
        self.lost = 0
        self._read = 0

    @property
    def alive(self) -> bool:
        """Whether the process is still there."""
        return self.process.poll() is None

    @property
    def working(self) -> bool:
        """Whether it lives and has had partitions."""
        return self.alive and self.assigned_at is not None

    def look(self) -> None:
        """Take in what the log says since the last look."""
        with self.log.open("rb") as file:
            file.seek(self._read)
            text = file.read()
        end = text.rfind(b"\n") + 1
        self._read += end
        for line in text[:end].splitlines():
            try:
                said = msgspec.json.decode(line)
            except msgspec.DecodeError:
                continue
            self._heard(said)

    def _heard(self, said: dict[str, object]) -> None:
        now = time.monotonic()
        match said.get("event"):
            case "partitions_assigned":
                self.partitions = int(str(said.get("now", 0)))
                if self.partitions and self.assigned_at is None:
                    self.assigned_at = now
                self.rebalanced_at = now
            case "partitions_revoked":
                self.partitions = int(str(said.get("now", 0)))
                self.rebalanced_at = now
            case "partitions_lost":
                self.lost += 1
                self.rebalanced_at = now
            case "delivery_paused" | "delivery_waiting":
                self.waiting = True
            case "delivery_resumed":
                self.waiting = False

    def phase(self) -> str:
        """What it is doing, as far as can be seen from outside."""
        self.look()
        if self.frozen:
            return "frozen"
        if self.stopping:
            return "draining"
        if self.assigned_at is None:
            return "starting" if b"http_serving" not in self.log.read_bytes()[:20_000] else "joining"
        if time.monotonic() - self.rebalanced_at < 1.0:
            return "rebalancing"
        return "delivery held up" if self.waiting else "sending"

    def signal(self, number: int) -> None:
        """Send it a signal, if it is still there."""
        if self.alive:
            self.process.send_signal(number)

    def kill(self) -> None:
        """kill -9."""
        self.signal(signal.SIGKILL)
        self.process.wait()

    def left_work(self) -> bool:
        """Whether it ended with exit code 1 since something that was sent couldn't be finished: an event failed as it
        was told to end."""
        return self.process.returncode == 1 and "they are delivered again, under the same ids" in self.said()

    def refused_at_start(self) -> bool:
        """Whether it met the moment between two keys, or a broker that was away: it ends as it should."""
        end = self.log.read_bytes()[-4000:]
        return b"refused the API key" in end or b"no broker answered" in end

    def said(self) -> str:
        """The end of its log."""
        return self.log.read_text(errors="replace")[-3000:]
