"""A transport for dry runs: prints each request and reports it as accepted."""

from __future__ import annotations

from typing import TextIO

from greenflash_kafka.ports import Reply, Request
from greenflash_kafka.redaction import visible


class ConsoleTransport:
    """`ports.Transport` that writes each request's body as a line of JSON and sends nothing."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._replies: list[Reply] = []

    def submit(self, request: Request) -> None:
        """Print it."""
        self._stream.write(visible(request.body.decode()) + "\n")
        self._replies.append(Reply(request, 200, (), b'{"success":true,"eventId":"dry-run"}'))

    def poll(self, timeout: float) -> list[Reply]:  # noqa: ARG002 - there is nothing to wait for
        """Every event printed since the last call, as accepted."""
        self._stream.flush()
        replies, self._replies = self._replies, []
        return replies

    def close(self) -> None:
        """Nothing is open."""
