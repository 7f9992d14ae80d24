"""Events to Greenflash over libcurl: one thread, hundreds of requests at once, 20 us of CPU each.

libcurl names the sockets that it waits for, and until when; `poll` waits for those and reports what is ready.
"""

from __future__ import annotations

from time import monotonic
from typing import Final

import pycurl

from greenflash_kafka.delivery.endpoint import Endpoint
from greenflash_kafka.delivery.readiness import readiness
from greenflash_kafka.delivery.transfer import Transfer, options_for
from greenflash_kafka.ports import Reply, Request

TURN_SECONDS: Final = 0.01
"""Longest wait of a poll for new connections while old ones, which it can't wait for too, have requests in flight."""


class CurlTransport:
    """`ports.Transport` over pycurl's multi handle; see `_Wire.poll` for what drives it. One thread calls all of it.

    `timeout`: seconds a request may take in all, connecting and reading the answer included. `ca_file`: a PEM file
    of the authorities to trust instead of certifi's. `proxy`: a proxy's URL; without one there is none, whatever the
    environment says. `max_body`: bytes of an answer that are read at most.

    Requests over HTTP/2 share a connection, and libcurl goes on using one that has fallen silent for as long as the
    kernel thinks that it stands, which is a quarter of an hour. So after a request without an answer in time the next
    ones get connections of their own; what is under way on the old ones may still be answered.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        timeout: float = 30.0,
        in_flight: int = 128,
        ca_file: str | None = None,
        proxy: str | None = None,
        max_body: int = 1024 * 1024,
    ) -> None:
        self._endpoint = endpoint
        self._options = options_for(timeout, ca_file, proxy, max_body)
        self._max_body = max_body
        self._connections = max(in_flight, 8)
        self._idle: list[Transfer] = []
        self._wire = _Wire(self._connections, self._idle)
        self._old: list[_Wire] = []
        self._closed = False

    def use(self, endpoint: Endpoint) -> None:
        """Send events submitted from now on to that address and with that key; what is in flight is not changed."""
        self._endpoint = endpoint

    def submit(self, request: Request) -> None:
        """Start a request; see `ports.Transport.submit`."""
        transfer = self._idle.pop() if self._idle else Transfer(self._options, self._max_body)
        wire = self._wire
        transfer.begin(request, self._endpoint, wire.multiplexes is True)
        wire.busy[transfer.curl] = transfer
        wire.add(transfer.curl)

    def poll(self, timeout: float) -> list[Reply]:
        """Drive what is in flight; see `ports.Transport.poll`. With nothing in flight it waits all the same."""
        if self._old:
            return self._poll_all(timeout)
        replies = self._wire.poll(timeout)
        if self._wire.silent:
            self._begin_anew()
        return replies

    def close(self) -> None:
        """Drop what is in flight and free the connections; the transport can't be used afterwards."""
        if self._closed:
            return
        self._closed = True
        for wire in (self._wire, *self._old):
            wire.close()
        for transfer in self._idle:
            transfer.curl.close()
        self._idle.clear()

    def _begin_anew(self) -> None:
        self._old.append(self._wire)
        self._wire = _Wire(self._connections, self._idle, self._wire.multiplexes)

    def _poll_all(self, timeout: float) -> list[Reply]:
        until = monotonic() + timeout
        while True:
            replies = [reply for wire in self._old for reply in wire.poll(0.0)]
            for wire in [each for each in self._old if not each.busy]:
                self._old.remove(wire)
                wire.close()
            left = 0.0 if replies else max(0.0, until - monotonic())
            replies += self._wire.poll(min(left, TURN_SECONDS) if self._old else left)
            if self._wire.silent:
                self._begin_anew()
            if replies or monotonic() >= until:
                return replies


class _Wire:
    """A multi handle of libcurl's, with its connections and the transfers in progress. `idle` takes the transfers that
    are done."""

    def __init__(self, connections: int, idle: list[Transfer], multiplexes: bool | None = None) -> None:
        self.busy: dict[pycurl.Curl, Transfer] = {}
        """Transfers in progress."""
        self.multiplexes = multiplexes
        """True if the server speaks HTTP/2; None before the first response."""
        self.silent = False
        """True after a request timed out on a connection that other requests share."""
        self._idle = idle
        self._readiness = readiness()
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._readiness.watch)
        self._multi.setopt(pycurl.M_MAXCONNECTS, connections)
        self.add = self._multi.add_handle
        """Start what a handle carries."""

    def poll(self, timeout: float) -> list[Reply]:
        """Drive what is under way, for so many seconds at most; returns once replies are there."""
        replies: list[Reply] = []
        # Asked once a turn: a timer callback would be called twice for each request.
        act, due_in = self._multi.socket_action, self._multi.timeout
        now = monotonic()
        until = now + timeout
        while True:
            milliseconds = due_in()
            if milliseconds == 0:
                act(pycurl.SOCKET_TIMEOUT, 0)
                # A quick answer may have been read already, right after the request was written.
                self._collect(replies)
                milliseconds = due_in()
            patience = until - now if milliseconds < 0 else min(until - now, milliseconds / 1000)
            for descriptor, ready in self._readiness.wait(0.0 if replies else max(0.0, patience)):
                act(descriptor, ready)
            self._collect(replies)
            now = monotonic()
            if replies or now >= until:
                return replies

    def close(self) -> None:
        """Drop what is under way and free the connections."""
        for curl in self.busy:
            self._multi.remove_handle(curl)
            curl.close()
        self.busy.clear()
        self._multi.close()
        self._readiness.close()

    def _collect(self, replies: list[Reply]) -> None:
        """Make replies of what is finished, and keep the handles for the next requests."""
        waiting = 1
        while waiting:
            waiting, done, failed = self._multi.info_read()
            if not done and not failed:
                return
            now, remove = monotonic(), self._multi.remove_handle
            for curl in done:
                transfer = self.busy.pop(curl)
                replies.append(transfer.reply(now))
                remove(curl)
                self._idle.append(transfer)
            if done:
                self.multiplexes = done[-1].getinfo(pycurl.INFO_HTTP_VERSION) == pycurl.CURL_HTTP_VERSION_2_0
            for curl, code, text in failed:
                transfer = self.busy.pop(curl)
                reply = transfer.failure(code, text, now)
                replies.append(reply)
                remove(curl)
                if reply.fault == "timeout" and self.multiplexes is not False:
                    self.silent = True
                self._idle.append(transfer)
