"""The environment of a chaos run: a real broker, the sandbox, topics, and the variables of each member."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from pathlib import Path

from greenflash_kafka.demo.generate import QUIET_TOPICS
from greenflash_kafka.demo.runner import PRODUCT_ID
from greenflash_kafka.model.message import Message
from greenflash_kafka.sandbox.running import Sandbox, sandbox_process
from tests.brokers.broker import Broker, GivenBroker, answers
from tests.brokers.kafka import Kafka
from tests.brokers.maven import MavenBroker
from tests.chaos.avro_ledger import AvroLedger
from tests.chaos.chats import CALLS, CHATS
from tests.chaos.customers import ACCOUNTS, COMPACTED, CUSTOMERS
from tests.chaos.traffic import LEDGER, SOURCES, write_mappings

KEY = "chaos-key-0"


def own_broker(environ: Mapping[str, str], session_ms: int) -> Broker:
    """KAFKA_BOOTSTRAP_SERVERS' cluster, else a broker of our own that lets KIP-848 sessions end soon."""
    given = environ.get("KAFKA_BOOTSTRAP_SERVERS")
    if given:
        if not answers(given, 60):
            raise SystemExit(f"nothing answers at {given}, the address in KAFKA_BOOTSTRAP_SERVERS")
        return GivenBroker(given)
    settings = {
        "group.consumer.session.timeout.ms": str(session_ms),
        "group.consumer.heartbeat.interval.ms": str(session_ms // 4),
        "broker.session.timeout.ms": "2000",
        "broker.heartbeat.interval.ms": "400",
        # Compaction goes on all the time.
        "log.cleaner.backoff.ms": "1000",
    }
    return MavenBroker(settings, heap="1g")


class Ground:
    """Topics with names of their own, mappings that read them, a key file, and a sandbox that plays Greenflash."""

    def __init__(
        self,
        kafka: Kafka,
        sandbox: Sandbox,
        folder: Path,
        partitions: int,
        protocol: str,
        session_ms: int,
        links: bool = True,
        avro: AvroLedger | None = None,
    ) -> None:
        """With `links` the ledger's facts are linked to conversations and customers; with `avro` its messages are
        in Avro."""
        self.avro = avro
        self.kafka = kafka
        self.sandbox = sandbox
        self.folder = folder
        self.group = kafka.name("chaos")
        self.dead_letters = kafka.topic(3, "chaos-dead-letters")
        read = {each: kafka.topic(partitions, each) for each in SOURCES}
        stamped = {"message.timestamp.type": "LogAppendTime"}
        told = {CHATS: kafka.topic(partitions, CHATS, stamped), CALLS: kafka.topic(partitions, CALLS)}
        told |= {CUSTOMERS: kafka.topic(partitions, CUSTOMERS, COMPACTED), ACCOUNTS: kafka.topic(partitions, ACCOUNTS)}
        self.topics = read | told
        """Every topic that is written to, by its name in the mappings."""
        quiet = {each: kafka.topic(1, each) for each in QUIET_TOPICS}
        self.links = links
        self.mappings = write_mappings(folder / "mappings", self.topics | quiet, links)
        self.read = (*read.values(), *quiet.values())
        """Every topic that the group reads."""
        self.key_file = folder / "key"
        self.key_file.write_text(KEY)
        self._protocol = protocol
        self._session_ms = session_ms

    def tables(self, place: str) -> Path:
        """Where the member at this place in the group keeps what it knows of conversations and tables."""
        return self.folder / f"tables-{place}"

    def environ(self, place: str = "0") -> dict[str, str]:
        """What the member at this place is configured with."""
        settings = {
            "KAFKA_BOOTSTRAP_SERVERS": self.kafka.bootstrap_servers,
            "GREENFLASH_BASE_URL": self.sandbox.base_url,
            "GREENFLASH_API_KEY_FILE": str(self.key_file),
            "GREENFLASH_PRODUCT_ID": PRODUCT_ID,
            "GREENFLASH_KAFKA_HASH_KEY": "chaos-hash-key",
            "GREENFLASH_KAFKA_MAPPINGS": str(self.mappings),
            "GREENFLASH_KAFKA_KAFKA__GROUP": self.group,
            "GREENFLASH_KAFKA_KAFKA__GROUP_PROTOCOL": self._protocol,
            "GREENFLASH_KAFKA_KAFKA__START": "earliest",
            "GREENFLASH_KAFKA_DEAD_LETTER__TOPIC": self.dead_letters,
            "GREENFLASH_KAFKA_HTTP__PORT": "0",
        }
        if self.avro is not None:
            settings["GREENFLASH_KAFKA_SCHEMA_REGISTRY__URL"] = self.avro.url
        if self.links:
            settings["GREENFLASH_KAFKA_LINKING__DIRECTORY"] = str(self.tables(place))
        if self._protocol == "classic":
            settings["GREENFLASH_KAFKA_KAFKA__PROPERTIES__SESSION_TIMEOUT_MS"] = str(self._session_ms)
            settings["GREENFLASH_KAFKA_KAFKA__PROPERTIES__HEARTBEAT_INTERVAL_MS"] = str(self._session_ms // 4)
        return settings

    def again(self, sandbox: Sandbox) -> Ground:
        """The same topics and rules for a group of its own, which tells another sandbox."""
        other = copy(self)
        other.sandbox, other.group = sandbox, self.kafka.name("chaos-again")
        other.dead_letters = self.kafka.topic(3, "chaos-dead-letters-again")
        return other

    def ledger(self) -> list[Message]:
        """The records of the ledger's topic, as JSON."""
        records = self.kafka.read(self.topics[LEDGER])
        return records if self.avro is None else [self.avro.in_json(each) for each in records]

    def behind(self) -> int:
        """Messages that the group hasn't committed."""
        return sum(self.kafka.lag(self.group, each) for each in self.read)


@contextmanager
def ground(
    kafka: Kafka,
    folder: Path,
    protocol: str = "classic",
    session_ms: int = 2000,
    partitions: int = 6,
    links: bool = True,
    avro: AvroLedger | None = None,
) -> Iterator[Ground]:
    """A ground on a running broker, its sandbox a process of its own, until the block ends."""
    with sandbox_process(api_key=KEY) as sandbox:
        try:
            yield Ground(kafka, sandbox, folder, partitions, protocol, session_ms, links, avro)
        finally:
            if avro is not None:
                avro.close()
