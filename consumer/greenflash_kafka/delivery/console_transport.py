"""A transport for dry runs: prints each request and reports it as accepted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO

import msgspec

from greenflash_kafka.delivery.queue import Owner, Send
from greenflash_kafka.ports import Reply, Request
from greenflash_kafka.redaction import visible


class ConsoleTransport:
    """`ports.Transport` that writes an object of JSON a line and sends nothing: the message's coordinates, the rule,
    with `each` the item's number, and the event. `coordinates` are those of an event's owner."""

    def __init__(self, stream: TextIO, coordinates: Callable[[Owner], str]) -> None:
        self._stream = stream
        self._coordinates = coordinates
        self._replies: list[Reply] = []

    def submit(self, request: Request) -> None:
        """Print it."""
        send = request.token
        assert isinstance(send, Send)
        line: dict[str, object] = {"message": self._coordinates(send.owner), "rule": send.event.rule}
        if send.event.item is not None:
            line["item"] = send.event.item
        line["event"] = msgspec.Raw(request.body)
        self._stream.write(visible(msgspec.json.encode(line).decode()) + "\n")
        self._replies.append(Reply(request, 200, (), b'{"success":true,"eventId":"dry-run"}'))

    def poll(self, timeout: float) -> list[Reply]:  # noqa: ARG002 - there is nothing to wait for
        """Every event printed since the last call, as accepted."""
        self._stream.flush()
        replies, self._replies = self._replies, []
        return replies

    def close(self) -> None:
        """Nothing is open."""
