"""The bound: the same work written by hand in one thread for this one message, on the same two libraries.

No rules, no refusals, no retries, no dead letters, no tracking of single messages: what all of that costs is the
distance to this. `python bench/by_hand.py BOOTSTRAP TOPIC BASE_URL EVENTS`
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

import msgspec
import pycurl
from confluent_kafka import Consumer


def event(value: bytes) -> bytes:
    """The request's body for a message."""
    payload = msgspec.json.decode(value)
    subscription = payload["data"]["object"]
    units, cents = divmod(subscription["plan"]["amount"], 100)
    return msgspec.json.encode(
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
            "properties": {
                "currency": subscription["currency"].upper(),
                "plan": subscription["plan"]["nickname"],
                "source": "stripe",
            },
        }
    )


class Sender:
    """128 handles of libcurl."""

    def __init__(self, url: str) -> None:
        self._multi = pycurl.CurlMulti()
        self.idle: list[tuple[pycurl.Curl, list[bytes]]] = []
        self._busy: dict[pycurl.Curl, list[bytes]] = {}
        for _ in range(128):
            curl, body = pycurl.Curl(), []  # type: tuple[pycurl.Curl, list[bytes]]
            curl.setopt(pycurl.URL, url)
            headers = ["authorization: Bearer sk-bench", "content-type: application/json", "expect:"]
            curl.setopt(pycurl.HTTPHEADER, headers)
            curl.setopt(pycurl.WRITEFUNCTION, body.append)
            self.idle.append((curl, body))

    def send(self, event: bytes) -> None:
        """Start a request on an idle handle."""
        curl, body = self.idle.pop()
        curl.setopt(pycurl.POSTFIELDS, event)
        self._busy[curl] = body
        self._multi.add_handle(curl)

    def drive(self) -> int:
        """Go on with all requests; how many were accepted."""
        self._multi.perform()
        _, done, failed = self._multi.info_read(128)
        if failed:
            raise SystemExit(f"a request failed: {failed[0][1:]}")
        for curl in done:
            body = self._busy.pop(curl)
            if not msgspec.json.decode(b"".join(body))["success"]:
                raise SystemExit("an event was refused")
            body.clear()
            self._multi.remove_handle(curl)
            self.idle.append((curl, body))
        if self._busy and not done:
            self._multi.select(0.01)
        return len(done)


def main(servers: str, topic: str, base_url: str, events: int) -> None:
    """Send so many events, committing every second what was consumed and sent."""
    consumer = Consumer(
        {
            "bootstrap.servers": servers,
            "group.id": f"by-hand-{time.time()}",
            "auto.offset.reset": "earliest",
            "enable.auto.commit": False,
        }
    )
    consumer.subscribe([topic])
    sender = Sender(f"{base_url}/events")
    waiting: list[bytes] = []
    sent, committed = 0, time.monotonic()
    while sent < events:
        if not waiting:
            batch = consumer.consume(500, 0.0 if len(sender.idle) < 128 else 0.1)
            waiting = [event(message.value() or b"") for message in batch]
        while waiting and sender.idle:
            sender.send(waiting.pop())
        sent += sender.drive()
        if time.monotonic() - committed > 1 and not waiting:
            consumer.commit(asynchronous=True)
            committed = time.monotonic()
    consumer.close()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
