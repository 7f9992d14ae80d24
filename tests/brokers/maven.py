"""Apache Kafka as a plain Java process, its jars from Maven Central: a real broker without containers."""

from __future__ import annotations

import atexit
import base64
import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tests import maven
from tests.brokers.broker import KAFKA_VERSION, BrokerUnavailable, answers, free_ports
from tests.maven import CACHE

_LOGGER = "org.apache.logging.log4j:log4j-slf4j-impl:2.25.1"

_LOGGING = """status = error
appender.out.type = Console
appender.out.name = out
appender.out.layout.type = PatternLayout
appender.out.layout.pattern = [%d] %p %m (%c)%n
rootLogger.level = WARN
rootLogger.appenderRef.out.ref = out
"""

_START_SECONDS = 300
"""How long a broker that lives may take to answer: 4 s of work, of which a busy machine makes minutes."""

_STARTS = 3
"""Tries to start: another process may take a port between our looking and the broker's binding."""


class Seat(NamedTuple):
    """A broker's place in a cluster: its ports, and the cluster's id."""

    port: int
    controller: int
    cluster_id: str


class MavenBroker:
    """One KRaft process that is both broker and controller, on free loopback ports, its data in a temporary folder.

    It dies with the process that started it. `kill` and `start` again keep ports and data, for tests of an outage.
    """

    def __init__(
        self,
        settings: Mapping[str, str] | None = None,
        heap: str = "512m",
        seat: Seat | None = None,
        version: str = KAFKA_VERSION,
    ) -> None:
        """`settings` are broker properties that replace ours; `heap` is the JVM's -Xmx; `seat` its place in a cluster,
        which starts it."""
        self.description = f"Apache Kafka {version} from Maven"
        self._settings = dict(settings or {})
        self._heap = heap
        self._jars = fetch_jars(version)
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="greenflash-kafka-broker-"))
        atexit.register(self.stop)
        if seat is None:
            self.bootstrap_servers = self._first_start()
        else:
            self.bootstrap_servers = f"127.0.0.1:{seat.port}"
            self._format(seat.port, seat.controller, seat.cluster_id)

    def start(self, seconds: float = _START_SECONDS) -> None:
        """Start it, again or for the first time, and wait until it answers; raises BrokerUnavailable."""
        self.launch()
        self.wait(seconds)

    def launch(self) -> None:
        """Start it without waiting: the members of a cluster answer when most of them are there."""
        with (self._folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [*self._java(self._heap), "kafka.Kafka", str(self._folder / "server.properties")],
                stdout=log,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the test run, which then stops the broker itself
                preexec_fn=maven.die_with_parent,
            )

    def wait(self, seconds: float = _START_SECONDS) -> None:
        """Wait until it answers; raises BrokerUnavailable."""
        assert self._process is not None
        ends = time.monotonic() + seconds
        while self._process.poll() is None and time.monotonic() < ends:
            if answers(self.bootstrap_servers, 2):
                return
        self.kill()
        raise BrokerUnavailable(f"Apache Kafka didn't start; the end of its log:\n{self.log()[-3000:]}")

    def kill(self) -> None:
        """End it at once, as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @property
    def running(self) -> bool:
        """Whether its process is there, frozen or not."""
        return self._process is not None and self._process.poll() is None

    def freeze(self) -> None:
        """Let it fall silent, with its connections open, as a stopped machine does; `kill` still works."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def log(self) -> str:
        """What the broker has written so far."""
        path = self._folder / "broker.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def shut_down(self, seconds: float = _START_SECONDS) -> None:
        """End it in order, as SIGTERM does."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(seconds)
        self._process = None

    def stop(self) -> None:
        """End it and remove its data."""
        self.kill()  # nothing in a test broker deserves the seconds that a clean shutdown takes
        shutil.rmtree(self._folder, ignore_errors=True)
        atexit.unregister(self.stop)

    @property
    def data(self) -> Path:
        """The folder that has a folder of segments for each partition."""
        return self._folder / "data"

    def _first_start(self) -> str:
        for attempt in range(1, _STARTS + 1):
            port, controller = free_ports(2)
            self.bootstrap_servers = f"127.0.0.1:{port}"
            self._format(port, controller)
            try:
                self.start()
            except BrokerUnavailable as failure:
                if attempt == _STARTS or "Address already in use" not in str(failure):
                    self.stop()
                    raise
            else:
                break
        return self.bootstrap_servers

    def _format(self, port: int, controller: int, cluster_id: str | None = None) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        (self._folder / "log4j2.properties").write_text(_LOGGING)
        properties = self._properties(port, controller)
        (self._folder / "server.properties").write_text("".join(f"{k}={v}\n" for k, v in properties.items()))
        # What `StorageTool format` writes, without the seconds of a JVM.
        self.data.mkdir()
        shutil.copy(_formatted(self._jars), self.data)
        identity = {
            "version": "1",
            "cluster.id": cluster_id or _random_id(),
            "node.id": properties["node.id"],
            "directory.id": _random_id(),
        }
        (self.data / "meta.properties").write_text("".join(f"{k}={v}\n" for k, v in identity.items()))

    def _properties(self, port: int, controller: int) -> dict[str, str]:
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": str(self._folder / "data"),
            "auto.create.topics.enable": "false",
            "num.partitions": "1",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            # Tests that kill consumers want short sessions; the defaults (6 s, and 45 s for KIP-848) forbid them.
            "group.min.session.timeout.ms": "500",
            "group.consumer.min.session.timeout.ms": "500",
            "group.consumer.min.heartbeat.interval.ms": "100",
            # By heartbeats members learn of each other: every 5 s by default.
            "group.consumer.heartbeat.interval.ms": "500",
            # Records of tests have old timestamps, and no test is about retention by time: it looks every 5 minutes by
            # default.
            "log.retention.check.interval.ms": "86400000",
            "log.cleaner.backoff.ms": "500",  # tests wait for compaction: 15 s by default
            **self._settings,
        }

    def _java(self, heap: str) -> list[str]:
        logging = f"-Dlog4j2.configurationFile={self._folder / 'log4j2.properties'}"
        return _java(self._jars, heap, logging)


class _Archiving(MavenBroker):
    """A broker that writes the archive of its classes when it ends in order."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive
        super().__init__()

    def _java(self, heap: str) -> list[str]:
        java, *rest = super()._java(heap)
        # The JVM would say of hundreds of classes, most of them generated, that they can't be archived.
        return [java, f"-XX:ArchiveClassesAtExit={self._archive}", "-Xlog:disable", *rest]


class MavenCluster:
    """Brokers that are controllers too, every topic on all of them; each can be killed and started again."""

    def __init__(self, count: int) -> None:
        self.description = f"{count} times Apache Kafka {KAFKA_VERSION} from Maven"
        ports = free_ports(2 * count)
        identity = _random_id()
        voters = ",".join(f"{node}@127.0.0.1:{port}" for node, port in enumerate(ports[count:], 1))
        copies = {
            f"{each}.replication.factor": str(count)
            for each in ("offsets.topic", "transaction.state.log", "share.coordinator.state.topic", "default")
        }
        everywhere = {
            "controller.quorum.voters": voters,
            "min.insync.replicas": "2",
            # A broker that died is given up, and its leaders are moved, after this long: 9 s unless told otherwise.
            "broker.session.timeout.ms": "2000",
            "broker.heartbeat.interval.ms": "400",
            "controller.quorum.election.timeout.ms": "500",
            "controller.quorum.fetch.timeout.ms": "1000",
            **copies,
        }
        self.brokers = [
            MavenBroker(
                {**everywhere, "node.id": str(node)}, "256m", Seat(ports[node - 1], ports[count + node - 1], identity)
            )
            for node in range(1, count + 1)
        ]
        self.bootstrap_servers = ",".join(each.bootstrap_servers for each in self.brokers)
        for each in self.brokers:
            each.launch()
        for each in self.brokers:
            each.wait()

    def stop(self) -> None:
        """End all of them and remove their data."""
        for each in self.brokers:
            each.stop()


def fetch_jars(version: str = KAFKA_VERSION) -> Path:
    """The folder of Kafka's jars, fetched by Maven when they aren't there yet; raises BrokerUnavailable."""
    try:
        return maven.fetched(f"kafka-{version}", [f"org.apache.kafka:kafka_2.13:{version}", _LOGGER])
    except maven.Unavailable as failure:
        raise BrokerUnavailable(f"{failure}, or name a running cluster: KAFKA_BOOTSTRAP_SERVERS=host:port") from failure


def archive_classes() -> None:
    """Write the archive of a broker's classes, unless it is there: with it a broker starts with half of the work."""
    archive = _archive(fetch_jars())
    with (CACHE / f"{archive.parent.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if archive.exists():
            return
    # Made without the lock, which every start takes: two that make it at once make the same.
    part = archive.with_suffix(f".{os.getpid()}")
    broker = _Archiving(part)
    try:
        broker.shut_down()
    finally:
        broker.stop()
    if part.exists():
        part.rename(archive)


def _archive(jars: Path) -> Path:
    """The place of the archive, another one for each Java: none reads another's."""
    java = Path(shutil.which("java") or "").resolve()
    which = hashlib.sha256(f"{java} {java.stat().st_mtime_ns}".encode()).hexdigest()[:12]
    return jars / f"classes-{which}.jsa"


def _formatted(jars: Path) -> Path:
    """The checkpoint that a formatted storage begins with, the same for every broker of this version."""
    made = jars / "formatted" / "bootstrap.checkpoint"
    with (jars.parent / f"{jars.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _run_format(jars, made)
    return made


def _run_format(jars: Path, made: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="greenflash-kafka-format-") as folder:
        properties = Path(folder) / "server.properties"
        voter = "controller.quorum.voters=1@127.0.0.1:1\nlisteners=CONTROLLER://127.0.0.1:1\nnode.id=1\n"
        names = f"controller.listener.names=CONTROLLER\nprocess.roles=controller\nlog.dirs={folder}/data\n"
        properties.write_text(voter + names)
        tool = ["kafka.tools.StorageTool", "format", "--cluster-id", _random_id(), "-c", str(properties)]
        run = subprocess.run([*_java(jars, "128m"), *tool], capture_output=True, text=True)
        if run.returncode:
            raise BrokerUnavailable(f"the storage of Apache Kafka couldn't be formatted:\n{run.stdout}{run.stderr}")
        made.parent.mkdir(exist_ok=True)
        part = made.with_suffix(".part")
        shutil.copy(Path(folder) / "data" / made.name, part)
        part.rename(made)


def _java(jars: Path, heap: str, *options: str) -> list[str]:
    quickly = list(maven.QUICKLY)
    if (archive := _archive(jars)).exists():
        quickly.append(f"-XX:SharedArchiveFile={archive}")
    return ["java", f"-Xmx{heap}", *quickly, *options, "-cp", f"{jars}/*"]


def _random_id() -> str:
    # What `StorageTool random-uuid` prints, without starting a JVM: 16 random bytes, base64url, no "-" in front.
    while True:
        text = base64.urlsafe_b64encode(os.urandom(16)).decode().rstrip("=")
        if not text.startswith("-"):
            return text
