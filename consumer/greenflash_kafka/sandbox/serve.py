"""The sandbox as a command: runs until it receives a signal."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

import msgspec
import uvicorn

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.sandbox.address import PREFIX
from greenflash_kafka.sandbox.api import Api
from greenflash_kafka.sandbox.fault_files import load
from greenflash_kafka.sandbox.server import listen, server, url_of


def serve(
    host: str,
    port: int,
    api_key: str | None,
    fault_file: Path | None,
    *,
    as_json: bool = False,
    until_stdin_closes: bool = False,
) -> int:
    """Serve until SIGTERM or SIGINT, then return 0; says on standard output where, once it listens.

    Raises `ConfigInvalid` for an empty key, a port that is taken, or a fault script with mistakes.
    """
    if api_key == "":
        raise ConfigInvalid("--api-key must not be empty; leave it out to take any key")
    api = Api(api_key, load(fault_file) if fault_file else None)
    listener = listen(host, port)
    running = server(api, host)
    _end_on_signals(running)
    if until_stdin_closes:
        threading.Thread(target=_watch_stdin, args=(running,), daemon=True).start()
    url = url_of(listener)
    # The socket listens already: whoever reads this line can connect, and is served a moment later.
    if as_json:
        sys.stdout.write(msgspec.json.encode({"url": url, "base_url": url + PREFIX}).decode() + "\n")
    else:
        sys.stdout.write(f"{url}\n  the page; the API is at {url}{PREFIX}; Ctrl-C ends it\n")
    sys.stdout.flush()
    running.run(sockets=[listener])
    return 0


def _end_on_signals(running: uvicorn.Server) -> None:
    """SIGTERM and SIGINT end it in order, at any time.

    Uvicorn has handlers of its own while it runs, and when it has closed everything it raises what it got once
    more for the handlers that were there before: these.
    """

    def end(*_: object) -> None:
        running.should_exit = True

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)


def _watch_stdin(running: uvicorn.Server) -> None:
    # A parent that is killed can't end its children, but its end of the pipe closes.
    # Not through sys.stdin, whose lock a thread that waits in it would keep over the interpreter's end.
    while os.read(0, 4096):
        pass
    running.should_exit = True
