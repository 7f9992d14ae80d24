"""The environment of the bench: a broker with topics, answering servers, and the senders' command lines."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

from confluent_kafka.admin import AdminClient

from bench.api import Api
from bench.measure import SENDERS_CORE, Sender, SenderFailed
from bench.work import MAPPING, PARTITIONS
from tests.brokers.choose import start_broker
from tests.brokers.kafka import Kafka, Record

PRODUCT = str(Path(sys.executable).with_name("greenflash-kafka"))
"""The command that stands beside this interpreter, whatever the PATH says."""

_CONTENDERS = Path(__file__).with_name("contenders")


Make = Callable[[str, Api], Sender]
"""Who makes a sender for a topic and an API."""


_GROUP = "GREENFLASH_KAFKA_KAFKA__GROUP"


class Ground:
    """A broker of its own until `stop`. Topics and servers are made when they are first asked for."""

    def __init__(self, folder: Path, scale: float) -> None:
        """`folder` is for mapping files, `scale` multiplies all counts; raises `BrokerUnavailable`."""
        self.folder, self.scale = folder, scale
        self._broker = start_broker(os.environ)
        self.description = self._broker.description
        self.servers = self._broker.bootstrap_servers
        self.kafka = Kafka(self.servers)
        self._topics: dict[str, str] = {}
        self._apis: dict[tuple[float, bool, bool], Api] = {}

    def count(self, full: int, least: int = 500) -> int:
        """How many messages stand for `full` at this scale."""
        return max(least, int(full * self.scale))

    def topic(
        self,
        name: str,
        records: Callable[[], Iterable[Record | bytes]],
        producer: Mapping[str, str] | None = None,
    ) -> str:
        """A topic filled with these records, the first time that this name is asked for; its full name. `producer` are
        the settings of who fills it."""
        if name not in self._topics:
            topic = self.kafka.topic(partitions=PARTITIONS, what=f"bench-{name}")
            self.kafka.produce(topic, records(), producer)
            self._topics[name] = topic
        return self._topics[name]

    def api(self, delay: float = 0.0, tls: bool = False, http2: bool = False) -> Api:
        """An answering server, the same for the same wishes."""
        wishes = delay, tls, http2
        if wishes not in self._apis:
            self._apis[wishes] = Api(*wishes)
        return self._apis[wishes]

    def mapping(self, topic: str, rules: str, name: str = "mapping") -> Path:
        """A mapping file with these rules for this topic."""
        path = self.folder / f"{name}.yaml"
        path.write_text(rules.replace("TOPIC", topic))
        return path

    def module(self, name: str) -> list[str]:
        """How a script is called that imports from the bench or the product."""
        return [sys.executable, "-m", f"bench.contenders.{name}"]

    def script(self, file: str, *more: str) -> Make:
        """A contender that is a script of ours."""

        def make(topic: str, api: Api) -> Sender:
            ca_file = [str(api.ca_file)] if api.ca_file else []
            return Sender([sys.executable, str(_CONTENDERS / file), self.servers, topic, api.base_url, *more, *ca_file])

        return make

    def command(self, command: Sequence[str], topic: str, api: Api) -> Sender:
        """A contender that is none of ours: it finds its work in variables of the environment."""
        work = {
            "BENCH_BROKERS": self.servers,
            "BENCH_TOPIC": topic,
            "BENCH_GROUP": self.kafka.name("bench-group"),
            "BENCH_URL": f"{api.base_url}/events",
        }
        return Sender(command, work)

    def product(
        self,
        topic: str,
        api: Api,
        transport: str = "curl",
        rules: str = MAPPING,
        cores: frozenset[int] = frozenset({SENDERS_CORE}),
        processes: int = 1,
        settings: Mapping[str, str] | None = None,
    ) -> Sender:
        """This pipeline, by its public command, as a new group of so many processes; several topics stand in `topic`
        with commas between.

        `settings` are more variables of its environment.
        """
        group = self.kafka.name("bench-group")
        mapping = self.mapping(topic, rules, group)
        environment = {
            "GREENFLASH_API_KEY": "sk-bench",
            "GREENFLASH_BASE_URL": api.base_url,
            "KAFKA_BOOTSTRAP_SERVERS": self.servers,
            "GREENFLASH_KAFKA_MAPPINGS": str(mapping),
            _GROUP: group,
            "GREENFLASH_KAFKA_KAFKA__START": "earliest",
            "GREENFLASH_KAFKA_DEAD_LETTER__TOPIC": self._dead_letters,
            "GREENFLASH_KAFKA_DELIVERY__TRANSPORT": transport,
            "GREENFLASH_KAFKA_HTTP__PORT": "0",
            **(settings or {}),
        }
        if api.ca_file is not None:
            environment["GREENFLASH_KAFKA_GREENFLASH__CA_FILE"] = str(api.ca_file)
        command = [PRODUCT, "run"]
        if processes > 1:
            command = [sys.executable, str(_CONTENDERS / "several.py"), str(processes), *command]
        return Sender(command, environment, cores)

    @cached_property
    def _dead_letters(self) -> str:
        return self.kafka.topic(what="bench-dead-letters")

    def wait_for_members(self, sender: Sender, count: int) -> None:
        """Wait until a group has so many members with partitions, and a second longer: until they read."""
        group = sender.environment[_GROUP]
        admin = AdminClient({"bootstrap.servers": self.servers})
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            members = admin.describe_consumer_groups([group])[group].result().members
            if sum(bool(each.assignment.topic_partitions) for each in members if each.assignment) == count:
                time.sleep(1)
                return
            time.sleep(0.2)
        raise SenderFailed(f"{group} doesn't come to have {count} members with partitions")

    def stop(self) -> None:
        """Stop the servers and the broker."""
        for api in self._apis.values():
            api.stop()
        # Its Kafka clients would complain about the broker that has gone.
        del self.kafka
        self._broker.stop()
