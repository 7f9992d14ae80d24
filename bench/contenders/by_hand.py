"""The bound: the same work written by hand for this one message in one thread, as fast as we know how.

No rules, no refusals, no retries, no dead letters, no tracking of single messages: what all of that costs is the
distance to this. `python by_hand.py BOOTSTRAP TOPIC BASE_URL [CA_FILE]`; until it is killed.
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

import orjson
import pycurl
from confluent_kafka import Consumer

IN_FLIGHT = 128


def event(value: bytes) -> bytes | None:
    """The request's body for a message; None when the message isn't an upgrade."""
    payload = orjson.loads(value)
    if payload["type"] != "customer.subscription.updated" or not payload["livemode"]:
        return None
    subscription, before = payload["data"]["object"], payload["data"]["previous_attributes"]
    plan = subscription["plan"]
    if subscription["status"] not in ("active", "trialing") or plan["amount"] <= before["plan"]["amount"]:
        return None
    units, cents = divmod(plan["amount"], 100)
    return orjson.dumps(
        {
            "eventType": "upgrade_purchased",
            "productId": "b3f0f9a4-31c8-4b2a-9a39-0f6a7c6f6a0e",
            "value": f"{units}.{cents:02d}",
            "valueType": "currency",
            "influence": "positive",
            "externalUserId": subscription["metadata"]["user_id"],
            "externalConversationId": subscription["metadata"]["conversation_id"],
            "eventAt": datetime.fromtimestamp(payload["created"], UTC),
            "insertId": f"upgrade_purchased:{payload['id']}",
            "properties": {"currency": subscription["currency"].upper(), "plan": plan["nickname"], "source": "stripe"},
        },
        option=orjson.OPT_UTC_Z,
    )


class Sender:
    """As many handles of libcurl as requests may be under way."""

    def __init__(self, url: str, ca_file: str | None) -> None:
        self._multi = pycurl.CurlMulti()
        self.idle: list[tuple[pycurl.Curl, list[bytes]]] = []
        self._busy: dict[pycurl.Curl, list[bytes]] = {}
        for _ in range(IN_FLIGHT):
            curl, body = pycurl.Curl(), []  # type: tuple[pycurl.Curl, list[bytes]]
            curl.setopt(pycurl.URL, url)
            headers = ["authorization: Bearer sk-bench", "content-type: application/json", "expect:"]
            curl.setopt(pycurl.HTTPHEADER, headers)
            curl.setopt(pycurl.WRITEFUNCTION, body.append)
            if ca_file is not None:
                curl.setopt(pycurl.CAINFO, ca_file)
                # Where the server speaks HTTP/2 all share one connection.
                curl.setopt(pycurl.PIPEWAIT, True)
            self.idle.append((curl, body))

    def send(self, event: bytes) -> None:
        """Start a request on an idle handle."""
        curl, body = self.idle.pop()
        curl.setopt(pycurl.POSTFIELDS, event)
        self._busy[curl] = body
        self._multi.add_handle(curl)

    def drive(self) -> None:
        """Go on with all requests."""
        self._multi.perform()
        _, done, failed = self._multi.info_read(IN_FLIGHT)
        if failed:
            raise SystemExit(f"a request failed: {failed[0][1:]}")
        for curl in done:
            body = self._busy.pop(curl)
            if b'"success": true' not in b"".join(body):
                raise SystemExit("an event was refused")
            body.clear()
            self._multi.remove_handle(curl)
            self.idle.append((curl, body))
        if self._busy and not done:
            self._multi.select(0.01)


def main(servers: str, topic: str, base_url: str, ca_file: str | None = None) -> None:
    """Send all there is, and what comes, committing every second what was consumed and sent."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": f"by-hand-{time.time()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
            # Less memory is also less to miss in the processor's caches: as fast as any other setting that we tried.
            "queued.max.messages.kbytes": 4096,
            "max.partition.fetch.bytes": 131072,
            "fetch.queue.backoff.ms": 5,
        }
    )
    consumer.subscribe([topic])
    sender = Sender(f"{base_url}/events", ca_file)
    waiting: list[bytes] = []
    committed = time.monotonic()
    while True:
        if not waiting:
            batch = consumer.consume(1000, 0.0)
            if not batch and len(sender.idle) == IN_FLIGHT:
                batch = consumer.consume(1, 0.1)
            waiting = [body for message in batch if (body := event(message.value() or b"")) is not None]
        while waiting and sender.idle:
            sender.send(waiting.pop())
        sender.drive()
        if time.monotonic() - committed > 1 and not waiting:
            consumer.commit(asynchronous=True)
            committed = time.monotonic()


if __name__ == "__main__":
    main(*sys.argv[1:])
