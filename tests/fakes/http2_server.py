"""A web server that speaks HTTP/2 over TLS and nothing else, whose streams a test answers, breaks or lets wait."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from typing import Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import DataReceived, Event, RequestReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes
from hyperframe.frame import GoAwayFrame

from tests.fakes.listening import Listening
from tests.fakes.raw_server import STORED, Received

_WINDOW: Final = 16 * 1024 * 1024
"""Bytes that a client may send ahead: a test's body never waits for room."""


class Stream:
    """One request, and what can be done about it: from within a script, its own or a later one's."""

    def __init__(self, request: Received, connection: Connection, number: int) -> None:
        self.request = request
        self._connection = connection
        self._number = number

    def answer(self, status: int = 200, body: bytes = STORED) -> None:
        """A whole answer."""
        headers = [(":status", str(status)), ("content-type", "application/json"), ("content-length", str(len(body)))]
        with self._connection as connection:
            connection.end(self._number)
            connection.http.send_headers(self._number, headers)
            connection.http.send_data(self._number, body, end_stream=True)

    def reset(self, code: ErrorCodes = ErrorCodes.INTERNAL_ERROR) -> None:
        """End this request without an answer (RST_STREAM); the others of its connection go on."""
        with self._connection as connection:
            connection.end(self._number)
            connection.http.reset_stream(self._number, code)

    def last(self) -> None:
        """Take no request after this one on its connection (GOAWAY); those before it are still answered."""
        # Not by the library, which then answers nothing any more.
        self._connection.tls.sendall(GoAwayFrame(0, last_stream_id=self._number).serialize())

    def drop(self) -> None:
        """Break the connection, with all that is under way on it."""
        raise ConnectionAbortedError


Script = Callable[[Stream], object]
"""What to do with a request once it is there as a whole."""


class Connection:
    """One client's connection: its requests as they come, and how many were open at once.

    In a `with` it is this thread's, and what is to be sent is sent at the end.
    """

    def __init__(self, number: int, most_streams: int) -> None:
        self.number = number
        self.tls: ssl.SSLSocket
        self.most_open = 0
        """Requests that were open at once, at most."""
        self.http = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        settings: dict[SettingCodes | int, int] = {
            SettingCodes.MAX_CONCURRENT_STREAMS: most_streams,
            SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW,
        }
        self.http.local_settings.update(settings)
        self.http.initiate_connection()
        self.http.increment_flow_control_window(_WINDOW)
        self._mine = threading.RLock()
        self._open: dict[int, tuple[list[tuple[str, str]], list[bytes]]] = {}

    def __enter__(self) -> Connection:
        self._mine.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self.tls.sendall(self.http.data_to_send())
        finally:
            self._mine.release()

    def end(self, stream: int) -> None:
        """This stream isn't open any more."""
        self._open.pop(stream, None)

    def received(self, event: Event) -> Stream | None:
        """The request that is complete with this event, if one is."""
        match event:
            case RequestReceived():
                headers = [(str(name), str(value)) for name, value in event.headers]
                self._open[event.stream_id] = (headers, [])
                self.most_open = max(self.most_open, len(self._open))
            case DataReceived():
                self._open[event.stream_id][1].append(event.data)
            case StreamReset():
                self.end(event.stream_id)
            case StreamEnded():
                headers, body = self._open[event.stream_id]
                named = dict(headers)
                plain = tuple(each for each in headers if not each[0].startswith(":"))
                request = Received(self.number, named[":method"], named[":path"], plain, b"".join(body))
                return Stream(request, self, event.stream_id)
        return None


class Http2Server(Listening):
    """Listens on 127.0.0.1 until `close`; every connection has a thread that reads requests and runs the script.

    `most_streams` is how many requests a connection takes at once, as its settings say.
    """

    def __init__(self, context: ssl.SSLContext, script: Script = Stream.answer, most_streams: int = 100) -> None:
        """`context` is a server's, with its certificate; that it speaks HTTP/2 is said here."""
        context.set_alpn_protocols(["h2"])
        self.script = script
        self.received: list[Received] = []
        self.connections: list[Connection] = []
        self._context = context
        self._most_streams = most_streams
        self.listen()
        self.base_url = f"https://127.0.0.1:{self.port}/api/v1"

    def accepted(self, connection: socket.socket) -> None:
        """See `Listening`."""
        made = Connection(len(self.connections) + 1, self._most_streams)
        self.connections.append(made)
        threading.Thread(target=self._serve, args=(connection, made), daemon=True).start()

    def _serve(self, accepted: socket.socket, connection: Connection) -> None:
        # The client may go away at any moment: that is what the tests are about.
        with contextlib.suppress(OSError, ProtocolError), self._context.wrap_socket(accepted, server_side=True) as tls:
            self.sockets.append(tls)
            connection.tls = tls
            with connection:
                pass
            while data := tls.recv(65536):
                with connection:
                    for event in connection.http.receive_data(data):
                        stream = connection.received(event)
                        if stream is not None:
                            self.received.append(stream.request)
                            self.script(stream)
