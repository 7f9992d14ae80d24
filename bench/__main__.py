"""`python -m bench`: four ways to do the same work, in one run, on a real Apache Kafka.

Writes the table to bench/results.md. `--events N` says how many the fast ones send (the slow ones send a
fortieth), `--rounds N` how often all are run; of several rounds each one's best counts.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from bench.measure import AnsweringServer, Result, keep_off_the_senders_core, measure
from bench.work import MAPPING, messages
from tests.brokers.broker import Broker, BrokerUnavailable
from tests.brokers.choose import start_broker
from tests.brokers.kafka import Kafka

HERE = Path(__file__).parent
TARGET = 20.0
"""How many times the plain loop's events a second the pipeline has to reach."""


class Bench:
    """A broker with the messages, an answering server, and the contenders."""

    def __init__(self, broker: Broker, folder: Path, many: int, few: int) -> None:
        self._servers = broker.bootstrap_servers
        self._kafka = Kafka(broker.bootstrap_servers)
        self._folder = folder
        self.server = AnsweringServer()
        self._dead_letters = self._kafka.topic(what="bench-dead-letters")
        self._topics = {count: self._filled(count) for count in {many, few}}

    def _filled(self, count: int) -> str:
        topic = self._kafka.topic(partitions=6, what="bench")
        self._kafka.produce(topic, messages(count))
        return topic

    def script(self, name: str, file: str, events: int) -> Result:
        """A contender that is a script of ours."""
        command = [
            sys.executable,
            str(HERE / file),
            self._servers,
            self._topics[events],
            self.server.base_url,
            str(events),
        ]
        return measure(name, command, {}, self.server, events)

    def pipeline(self, name: str, transport: str, events: int) -> Result:
        """The product, by its public command."""
        topic = self._topics[events]
        mapping = self._folder / f"{topic}.yaml"
        mapping.write_text(MAPPING.replace("TOPIC", topic))
        # The one that stands beside this interpreter, whatever the PATH says.
        command = [str(Path(sys.executable).with_name("greenflash-kafka")), "run", "--until-idle", "1", "--json"]
        environment = {
            "GREENFLASH_API_KEY": "sk-bench",
            "GREENFLASH_BASE_URL": self.server.base_url,
            "KAFKA_BOOTSTRAP_SERVERS": self._servers,
            "GREENFLASH_KAFKA_MAPPINGS": str(mapping),
            "GREENFLASH_KAFKA_KAFKA__GROUP": self._kafka.name("bench-group"),
            "GREENFLASH_KAFKA_KAFKA__START": "earliest",
            "GREENFLASH_KAFKA_DEAD_LETTER__TOPIC": self._dead_letters,
            "GREENFLASH_KAFKA_DELIVERY__TRANSPORT": transport,
            "GREENFLASH_KAFKA_HTTP__PORT": "0",
        }
        return measure(name, command, environment, self.server, events)


def main() -> int:
    """Exit status: 0, or 1 when the pipeline is below its target, or there is no broker."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--events", type=int, default=120_000)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    many, few = arguments.events, max(1000, arguments.events // 40)
    keep_off_the_senders_core()
    try:
        broker = start_broker(os.environ)
    except BrokerUnavailable as failure:
        print(failure, file=sys.stderr)
        return 1
    print(f"broker: {broker.description} at {broker.bootstrap_servers}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(broker, Path(folder), many, few)
        try:
            results = [run for _ in range(arguments.rounds) for run in one_round(bench, many, few)]
        finally:
            bench.server.stop()
            # Its Kafka clients would complain about the broker that has gone.
            del bench
            broker.stop()
    report, reached = table(best(results), broker.description)
    print("\n" + report)
    (HERE / "results.md").write_text(report)
    return 0 if reached else 1


def one_round(bench: Bench, many: int, few: int) -> list[Result]:
    """Every contender once, the plain loop first."""
    contenders: list[Callable[[], Result]] = [
        lambda: bench.script("plain `AsyncGreenflash` loop, gather of 128", "plain_loop.py", few),
        lambda: bench.pipeline("this pipeline, transport sdk", "sdk", few),
        lambda: bench.pipeline("**this pipeline**, transport curl (default)", "curl", many),
        lambda: bench.script("by hand: consume, msgspec, pycurl; no guarantees", "by_hand.py", many),
    ]
    results = []
    for contend in contenders:
        result = contend()
        print(f"{result.name}: {result.rate:,.0f} events/s, {result.cpu_us:.0f} us of CPU an event", flush=True)
        results.append(result)
    return results


def best(results: list[Result]) -> list[Result]:
    """Of each contender the fastest run, in the order in which they ran."""
    fastest: dict[str, Result] = {}
    for result in results:
        if result.name not in fastest or result.rate > fastest[result.name].rate:
            fastest[result.name] = result
    return list(fastest.values())


def table(results: list[Result], broker: str) -> tuple[str, bool]:
    """The report in Markdown, and whether the target is reached."""
    loop, pipeline = results[0], results[2]
    ratio = pipeline.rate / loop.rate
    lines = [
        "# What an event costs",
        "",
        f"{broker}; {platform.python_implementation()} {platform.python_version()} on {os.cpu_count()} cores, the",
        "sender on one of them, broker and a local server that answers at once on the other. Messages of 1 KB, one",
        "event each, offsets committed. From the first request to the last; CPU and memory are the sender's own.",
        "Written by `make bench`.",
        "",
        "| who | events/s | x the loop | us of CPU an event | memory | answering server busy |",
        "|---|---|---|---|---|---|",
    ]
    for each in results:
        lines.append(
            f"| {each.name} | {each.rate:,.0f} | {each.rate / loop.rate:.1f} | {each.cpu_us:,.0f} | "
            f"{each.memory_mb:.0f} MB | {each.server_busy:.0%} |"
        )
    verdict = "reached" if ratio >= TARGET else "NOT reached"
    lines += [
        "",
        f"This pipeline is at {ratio:.1f} times the plain loop; the target of {TARGET:.0f} is {verdict}. The answering",
        f"server was busy for {max(each.server_busy for each in results):.0%} of the time at most, so it isn't what is "
        "measured.",
        "",
    ]
    return "\n".join(lines), ratio >= TARGET


if __name__ == "__main__":
    sys.exit(main())
