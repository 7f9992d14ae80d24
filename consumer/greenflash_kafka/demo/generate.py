"""`python -m greenflash_kafka.demo.generate --rate 50`: the demo's traffic on a real broker, until SIGTERM.

What `docker compose --profile demo up` runs to show events arriving. The broker is KAFKA_BOOTSTRAP_SERVERS'.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Final

from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic

from greenflash_kafka.demo.made import CHATS
from greenflash_kafka.demo.traffic import TOPICS, endless_with_meaning, with_chats

QUIET_TOPICS: Final = ("billing.orders", "crm.meetings")
"""Topics that the shipped mappings read and the traffic leaves empty; made too, so that nothing is missing."""

CHAT_TOPICS: Final = (CHATS, "chat.intercom.webhooks")
"""Topics of conversations that the shipped mappings know; the traffic has chats in the first one."""

_BROKER_SECONDS: Final = 60.0
_FLUSH_SECONDS: Final = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Produce until a signal or until `--count` messages are out. Exit status: 0, or 1 when the broker is missing."""
    options = _options(arguments)
    stopped = _on_signals()
    settings = {"bootstrap.servers": options.bootstrap_servers}
    try:
        create_topics(
            AdminClient(settings), (*TOPICS, *QUIET_TOPICS, *CHAT_TOPICS, *options.topic), options.partitions, stopped
        )
        sent, failed = produce(Producer({**settings, "enable.idempotence": True, "linger.ms": 20}), options, stopped)
    except KafkaException as error:
        print(f"generate: {options.bootstrap_servers}: {error.args[0].str()}", file=sys.stderr)
        return 1
    print(f"generate: {sent} messages written, {failed} not confirmed", file=sys.stderr)
    return 0 if failed == 0 else 1


def create_topics(admin: AdminClient, names: Sequence[str], partitions: int, stopped: Callable[[], bool]) -> None:
    """Create what is missing of these topics, waiting for a broker that is still starting.

    Raises KafkaException when no broker answered in a minute, or it refused.
    """
    existing = _topics(admin, stopped)
    missing = [NewTopic(name, num_partitions=partitions) for name in names if name not in existing]
    if not missing or stopped():
        return
    created: dict[str, Future[None]] = admin.create_topics(missing)
    for future in created.values():
        try:
            future.result(30)
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                raise


def produce(producer: Producer, options: argparse.Namespace, stopped: Callable[[], bool]) -> tuple[int, int]:
    """Write messages at the asked rate; `(written, not confirmed)`, counted after everything has been flushed."""
    failures = 0

    def confirmed(error: KafkaError | None, _: Message) -> None:
        nonlocal failures
        failures += error is not None

    begun, start_ms = time.monotonic(), time.time_ns() // 1_000_000
    # Numbered from the clock, so that another start doesn't tell the same facts again.
    told = endless_with_meaning(options.seed, start_ms, repeats=0.01, first=start_ms, step_ms=1000 / options.rate)
    messages = with_chats(told)
    sent = 0
    while not stopped() and sent != options.count:
        ahead = sent / options.rate - (time.monotonic() - begun)
        if ahead > 0:
            producer.poll(min(ahead, 0.2))
            continue
        message, _ = next(messages)
        producer.produce(
            message.topic,
            message.value,
            message.key,
            headers=list(message.headers),
            timestamp=message.timestamp_ms,
            on_delivery=confirmed,
        )
        sent += 1
        producer.poll(0)
    return sent, failures + producer.flush(_FLUSH_SECONDS)


def _topics(admin: AdminClient, stopped: Callable[[], bool]) -> set[str]:
    until = time.monotonic() + _BROKER_SECONDS
    while True:
        try:
            return set(admin.list_topics(timeout=2).topics)
        except KafkaException:
            if stopped() or time.monotonic() > until:
                raise


def _on_signals() -> Callable[[], bool]:
    """Turn SIGTERM and SIGINT into a flag; the second one ends the process at once."""
    seen: list[int] = []

    def note(number: int, _: object) -> None:
        seen.append(number)
        signal.signal(number, signal.SIG_DFL)

    signal.signal(signal.SIGTERM, note)
    signal.signal(signal.SIGINT, note)
    return lambda: bool(seen)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m greenflash_kafka.demo.generate", description=__doc__)
    parser.add_argument("--rate", type=float, default=50.0, help="messages a second (default 50)")
    parser.add_argument("--count", type=int, default=-1, help="end after so many messages (default: never)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--partitions", type=int, default=6, help="of a topic that has to be created (default 6)")
    parser.add_argument("--topic", action="append", default=[], help="another topic to create, e.g. for dead letters")
    parser.add_argument(
        "--bootstrap-servers",
        default=os.environ.get("KAFKA_BOOTSTRAP_SERVERS", "localhost:9092"),
        help="default: KAFKA_BOOTSTRAP_SERVERS, else localhost:9092",
    )
    options = parser.parse_args(arguments)
    if not options.rate > 0:
        parser.error("--rate must be above 0")
    if options.partitions < 1:
        parser.error("--partitions must be at least 1")
    return options


if __name__ == "__main__":
    sys.exit(main())
