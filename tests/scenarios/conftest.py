"""The whole program as its operators run it: processes, a real broker, the sandbox as Greenflash."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.sandbox.in_thread import running_sandbox
from greenflash_kafka.sandbox.running import Sandbox, SandboxFailed
from tests import waiting
from tests.brokers.kafka import Kafka
from tests.brokers.secured import SecuredBroker

RULES = """\
version: 1
source: {{topics: [{topics}]}}
rules:
  - name: paid
    when: {{type: paid}}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = money_minor(payload.cents, payload.currency)
      external_user_id: = payload.user
      properties: {{currency: = payload.currency}}
{insert_id}"""

KEY = "scenario-key-1"


class Process:
    """A running `greenflash-kafka`."""

    def __init__(self, arguments: list[str], environ: Mapping[str, str], folder: Path) -> None:
        self.log = folder / f"run-{time.monotonic_ns()}.log"
        with self.log.open("w") as err:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "greenflash_kafka", *arguments],
                stdout=subprocess.PIPE,
                stderr=err,
                text=True,
                env={**os.environ, **environ},
                cwd=folder,
            )

    def wait(self, seconds: float = waiting.PATIENCE) -> int:
        """The exit code; fails with the log when nothing has moved for so many seconds, and it hasn't ended."""
        try:
            until(lambda: self.process.poll() is not None, "the process to end", seconds)
        except AssertionError as late:
            self.process.kill()
            raise AssertionError(f"{late}:\n{self.said()[-4000:]}") from None
        return self.process.wait()

    def summary(self) -> dict[str, Any]:
        """The last line of its standard output, as JSON."""
        assert self.process.stdout is not None
        lines = self.process.stdout.read().splitlines()
        assert lines, self.said()[-4000:]
        found: dict[str, Any] = json.loads(lines[-1])
        return found

    def said(self) -> str:
        """What it has written to standard error."""
        return self.log.read_text()

    def lines(self, event: str, **facts: object) -> list[dict[str, Any]]:
        """The log lines of this event that say these facts."""
        whole = self.said().rpartition("\n")[0].splitlines()
        found = [line for line in map(json.loads, whole) if line["event"] == event]
        return [line for line in found if all(line.get(name) == value for name, value in facts.items())]

    def metrics(self) -> dict[str, float]:
        """What /metrics says, by name and labels as they stand there."""
        (serving,) = self.lines("http_serving")
        with urllib.request.urlopen(f"{serving['url']}/metrics", timeout=waiting.PATIENCE) as answer:
            rows = [line for line in answer.read().decode().splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (row.rpartition(" ") for row in rows)}

    def until(self, text: str, seconds: float = waiting.PATIENCE) -> None:
        """Wait until the log holds `text`; fails when nothing has moved for so many seconds."""
        until(lambda: text in self.said() or self.process.poll() is not None, f"the log to say {text!r}", seconds)
        assert text in self.said(), self.said()[-4000:]

    def kill(self) -> None:
        """kill -9."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def freeze(self) -> None:
        """SIGSTOP: it does nothing any more, and its connections stay open."""
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self.process.send_signal(signal.SIGCONT)

    def health(self, which: str = "ready") -> tuple[int, list[str]]:
        """The status of /health/<which>, and the names of the conditions that it gives."""
        lines = (json.loads(line) for line in self.said().splitlines())
        (serving,) = (line for line in lines if line["event"] == "http_serving")
        try:
            with urllib.request.urlopen(f"{serving['url']}/health/{which}", timeout=waiting.PATIENCE) as answer:
                return answer.status, []
        except urllib.error.HTTPError as refused:
            return refused.code, [each["name"] for each in json.loads(refused.read())["conditions"]]

    def stop(self, seconds: float = waiting.PATIENCE) -> int:
        """SIGTERM; its exit code. Fails as `wait` does."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait(seconds)


CLASSIC_QUICKLY = {
    "GREENFLASH_KAFKA_KAFKA__PROPERTIES__SESSION_TIMEOUT_MS": "1500",
    "GREENFLASH_KAFKA_KAFKA__PROPERTIES__HEARTBEAT_INTERVAL_MS": "300",
}
"""A classic group that gives members up as quickly as `quick_groups` does under KIP-848."""


@pytest.fixture(params=["classic", "consumer"])
def quickly(request: pytest.FixtureRequest) -> dict[str, str]:
    """Each group protocol in turn, with short sessions (under `consumer` only on `quick_groups`)."""
    settings = {"GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": str(request.param)}
    return settings | (CLASSIC_QUICKLY if request.param == "classic" else {})


_deployed: list[Deployment] = []
"""Those of the running test."""


def until(done: Callable[[], object], what: str, seconds: float = waiting.PATIENCE) -> None:
    """Poll until it is so; fails when nothing has moved for so many seconds: no log has grown, no request has come."""
    waiting.until(done, what, seconds, progress=lambda: [each.moved() for each in _deployed])


class Deployment:
    """Topics, rules, a sandbox and as many processes of one group as a test wants."""

    def __init__(self, kafka: Kafka, sandbox: Sandbox, folder: Path) -> None:
        self.kafka = kafka
        self.sandbox = sandbox
        self.folder = folder
        self.group = kafka.group()
        self.dead_letters = kafka.topic(1, "dead-letters")
        self.key_file = folder / "key"
        self.key_file.write_text(KEY + "\n")
        self.processes: list[Process] = []
        self.topic = ""

    def topics(
        self, *partitions: int, insert_id: str | None = "payload.id", config: Mapping[str, str] | None = None
    ) -> list[str]:
        """Create a topic for each number of partitions, and a mapping file that reads them all."""
        names = [self.kafka.topic(each, "orders", config) for each in partitions]
        self.topic = names[0]
        line = "" if insert_id is None else f"      insert_id: = {insert_id}\n"
        (self.folder / "orders.yaml").write_text(RULES.format(topics=", ".join(names), insert_id=line))
        return names

    def orders(self, count: int, first: int = 0, paid: int = 1) -> list[bytes]:
        """Messages, one in `paid` of them an order that was paid."""
        return [
            json.dumps(
                {
                    "type": "paid" if number % paid == 0 else "seen",
                    "id": f"o{number}",
                    "cents": number,
                    "currency": "EUR",
                    "user": f"u{number % 7}",
                }
            ).encode()
            for number in range(first, first + count)
        ]

    def environ(self) -> dict[str, str]:
        return {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "GREENFLASH_BASE_URL": self.sandbox.base_url,
            "GREENFLASH_API_KEY_FILE": str(self.key_file),
            "GREENFLASH_KAFKA_MAPPINGS": str(self.folder / "orders.yaml"),
            "GREENFLASH_KAFKA_KAFKA__GROUP": self.group,
            "GREENFLASH_KAFKA_KAFKA__START": "earliest",
            "GREENFLASH_KAFKA_DEAD_LETTER__TOPIC": self.dead_letters,
            "GREENFLASH_KAFKA_HTTP__PORT": "0",
            "GREENFLASH_KAFKA_COMMIT_SECONDS": "0.2",
        }

    def run(self, *arguments: str, **environ: str) -> Process:
        """Start `greenflash-kafka run`."""
        return self.start("run", *arguments, **environ)

    def start(self, verb: str, *arguments: str, **environ: str) -> Process:
        """Start `greenflash-kafka` with another verb, in the same environment."""
        process = Process([verb, *arguments], {**self.environ(), **environ}, self.folder)
        self.processes.append(process)
        return process

    def run_until_idle(self, seconds: float = 1, **environ: str) -> dict[str, Any]:
        """Run until everything is done, and give the summary."""
        process = self.run("--until-idle", str(seconds), "--json", **environ)
        code = process.wait()
        assert code == 0, process.said()[-4000:]
        return process.summary()

    def stored(self) -> dict[str, dict[str, Any]]:
        """What the sandbox has stored, by insert id."""
        return {event["insertId"]: event for event in self.sandbox.events()}

    def moved(self) -> object:
        """Something that changes as long as anything goes on here."""
        try:
            received = self.sandbox.stats()["received"]
        except SandboxFailed:
            received = None
        return received, [each.log.stat().st_size for each in self.processes]

    def close(self) -> None:
        """Kill what still runs. What each has said is shown of a test that fails."""
        for number, each in enumerate(self.processes, 1):
            if each.process.poll() is None:
                each.kill()
            print(f"--- process {number}, exit code {each.process.returncode}:", each.said()[-3000:], sep="\n")


@pytest.fixture(name="until")
def until_fixture() -> Callable[..., None]:
    """Poll until something is so."""
    return until


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(api_key=KEY) as running:
        yield running


@contextmanager
def deployed(kafka: Kafka, sandbox: Sandbox, folder: Path) -> Iterator[Deployment]:
    """A deployment, until the block ends."""
    made = Deployment(kafka, sandbox, folder)
    _deployed.append(made)
    try:
        yield made
    finally:
        _deployed.remove(made)
        made.close()


@pytest.fixture
def deployment(kafka: Kafka, sandbox: Sandbox, tmp_path: Path) -> Iterator[Deployment]:
    with deployed(kafka, sandbox, tmp_path) as made:
        yield made


@pytest.fixture
def deployments(kafka: Kafka, tmp_path: Path) -> Iterator[dict[str, Deployment]]:
    """One for each group protocol, on the same brokers: what happens to these happens to both at once."""
    with ExitStack() as open_ones:
        made = {}
        for protocol in ("classic", "consumer"):
            folder = tmp_path / protocol
            folder.mkdir()
            sandbox = open_ones.enter_context(running_sandbox(api_key=KEY))
            made[protocol] = open_ones.enter_context(deployed(kafka, sandbox, folder))
        yield made


@pytest.fixture
def secured(secured_broker: SecuredBroker, sandbox: Sandbox, tmp_path: Path) -> Iterator[Deployment]:
    """A deployment whose topics are on the secured broker; `tests.scenarios.secured.Way` is a user's way in."""
    with deployed(secured_broker.kafka, sandbox, tmp_path) as made:
        yield made
