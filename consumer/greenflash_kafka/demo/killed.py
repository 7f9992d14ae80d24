"""`demo --kill`: the pipeline as a process of its own, ended midway as `kill -9` does, and another one in its place."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Final, TextIO

import msgspec

from greenflash_kafka.app.stop import Stop
from greenflash_kafka.demo.company import MAX_DELAY_MS
from greenflash_kafka.demo.feeder import SEED, Feeder
from greenflash_kafka.demo.link_report import LinkReport, report_links
from greenflash_kafka.demo.runner import Settings, find_broker, options, variables
from greenflash_kafka.demo.screen import Screen
from greenflash_kafka.demo.traffic import expected
from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.sandbox.running import Sandbox

MOST_MESSAGES: Final = 20_000
"""The embedded broker keeps only the last megabytes of a partition, and nobody says here how far the reading is."""

IDLE_SECONDS: Final = 3.0
"""How long everything must have been settled before the second process ends."""

START_SECONDS: Final = 60.0
END_SECONDS: Final = 300.0
_LOOK_SECONDS: Final = 0.1
_STOPPED: Final = "the demo was stopped before its end"


class KilledRun(msgspec.Struct, frozen=True):
    """`written` counts messages; `meant` the events that the generator meant, `stored` those that the sandbox has, and
    `sent_again` those that it got once more; `stored_before` were stored when the first process was killed."""

    broker: str
    written: int
    meant: int
    stored: int
    sent_again: int
    stored_before: int
    links: LinkReport

    @property
    def is_exact(self) -> bool:
        """True if nothing is lost and each event has the conversation that it was meant to have."""
        return self.meant == self.stored and self.links.planned == self.links.as_planned

    def to_json(self) -> str:
        """One JSON object."""
        plain = {name: getattr(self, name) for name in self.__struct_fields__ if name != "links"}
        return json.dumps(plain | {"links": self.links.to_plain()})

    def to_text(self) -> str:
        """The last lines."""
        said = "the same as without the kill" if self.is_exact else "NOT the same as without the kill"
        return (
            f"\n{self.written:,} messages, which mean {self.meant:,} events; {self.stored:,} stored, {said}\n"
            f"({self.stored_before:,} of them before the kill; {self.sent_again:,} were sent again and stored once)"
        )


def run_killed(settings: Settings, out: TextIO) -> KilledRun:
    """Run it to its end.

    Raises GreenflashKafkaError when a process doesn't start, or doesn't end in time, or a signal stops the demo.
    """
    asked = Stop()
    asked.install()
    broker, described, connect = find_broker(settings)
    sandbox = settings.sandbox()
    screen = Screen(out, settings.environ, settings.mappings, quiet=settings.quiet)
    screen.opening(described, settings.registry, sandbox.url, settings.shown)
    feeder = Feeder(connect, settings.plan, lambda: asked.asked, lambda: feeder.produced, MAX_DELAY_MS)
    member = _Member(settings, broker, sandbox)
    try:
        member.start()
        _wait(lambda: member.is_ready(), START_SECONDS, "the pipeline's process isn't ready", asked)
        feeder.start()
        _wait(lambda: _is_midway(feeder, settings, sandbox), END_SECONDS, "no event was stored", asked)
        member.kill()
        before = int(sandbox.stats()["stored"])
        screen.note(
            f"kill -9 after {feeder.produced:,} of {settings.plan.messages:,} messages and {before:,} events. Another "
            "process takes its place: it goes on from the last commit, and from the table of chats on the disk."
        )
        member.start("--until-idle", str(IDLE_SECONDS), "--json")
        _wait(lambda: member.has_ended() and feeder.done, END_SECONDS, "the second process doesn't end", asked)
    finally:
        member.kill()
    if feeder.failure:
        raise GreenflashKafkaError(feeder.failure)
    if feeder.chance is not None:
        sandbox.show_chance(feeder.chance.linked, feeder.chance.of)
    links = report_links(sandbox, feeder.planned.planned(), feeder.chance)
    screen.money(links)
    asked.uninstall()
    stats = sandbox.stats()
    meant = expected(settings.plan.messages, SEED).stored
    return KilledRun(described, feeder.produced, meant, stats["stored"], stats["duplicates"], before, links)


class _Member:
    """One process at a time, with the same configuration and the same folder for its table."""

    def __init__(self, settings: Settings, broker: str, sandbox: Sandbox) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port: int = free.getsockname()[1]
        session = 3000 if settings.broker is None else 6000
        values: dict[str, Any] = options(settings) | {
            "mappings": str(settings.mappings),
            "http.port": self._port,
            # A member that was killed is missed after its session's time; the embedded broker has none else.
            "kafka.group_protocol": "classic",
            "kafka.properties.session_timeout_ms": session,
            "kafka.properties.heartbeat_interval_ms": session // 6,
        }
        ours = {f"GREENFLASH_KAFKA_{key.upper().replace('.', '__')}": str(value) for key, value in values.items()}
        others = {
            name: value for name, value in settings.environ.items() if not name.startswith(("GREENFLASH", "KAFKA"))
        }
        self._environ = others | variables(settings, broker, sandbox.base_url) | ours
        self._folder = settings.folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> None:
        """Start one; what it says goes to standard error, but for its summary."""
        command = [sys.executable, "-P", "-m", "greenflash_kafka", "run", *arguments]
        self._process = subprocess.Popen(
            command, env=self._environ, cwd=self._folder, stdout=subprocess.DEVNULL, start_new_session=True
        )

    def is_ready(self) -> bool:
        """True if it has its partitions. Raises GreenflashKafkaError if it has ended."""
        if self.has_ended():
            raise GreenflashKafkaError("the pipeline's process ended at its start; its messages stand above")
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=2)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

    def has_ended(self) -> bool:
        """True if it isn't running."""
        return self._process is None or self._process.poll() is not None

    def kill(self) -> None:
        """End it as `kill -9` does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _is_midway(feeder: Feeder, settings: Settings, sandbox: Sandbox) -> bool:
    """Half of the messages are written, and some events of them are linked and stored."""
    if feeder.failure:
        raise GreenflashKafkaError(feeder.failure)
    half = feeder.produced * 2 >= settings.plan.messages
    return half and sandbox.conversations()["found"] > 0


def _wait(done: Callable[[], bool], seconds: float, otherwise: str, asked: Stop) -> None:
    until = time.monotonic() + seconds
    while not done():
        if asked.asked:
            raise GreenflashKafkaError(_STOPPED)
        if time.monotonic() > until:
            raise GreenflashKafkaError(f"{otherwise} after {seconds:.0f} s")
        time.sleep(_LOOK_SECONDS)
