"""A sandbox to work against: in a thread of this process, or in a process of its own."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import uvicorn

from consumer.sandbox.api import LOOPBACK
from consumer.sandbox.api import Sandbox as Application
from consumer.sandbox.faults import Fault

START_SECONDS = 30.0

Script = Sequence[dict[str, object]]


class Sandbox:
    """A running sandbox, as its clients see it. `url` is the page's, `base_url` what goes into greenflash.base_url."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.base_url = f"{url}/api/v1"

    def stats(self) -> dict[str, Any]:
        """received, stored, duplicates, rejected, conflicts and more: see `store.Store.stats`."""
        return cast("dict[str, Any]", self._ask("/_sandbox/stats"))

    def events(self) -> list[dict[str, Any]]:
        """Every stored event, in the order in which they came."""
        return cast("list[dict[str, Any]]", self._ask("/_sandbox/events"))

    def set_faults(self, faults: Script) -> None:
        """Replace the script of faults."""
        self._ask("/_sandbox/faults", list(faults))

    def rotate_key(self, key: str | None) -> None:
        """Take this key from now on, and no other; None takes any."""
        self._ask("/_sandbox/key", {"api_key": key})

    def reset(self) -> None:
        """Forget events, counts and faults."""
        self._ask("/_sandbox/reset", {})

    def _ask(self, path: str, body: object = None) -> object:
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data), timeout=60) as answer:
            return json.loads(answer.read())


def server(application: Application) -> uvicorn.Server:
    """A uvicorn server for it, quiet and without middleware."""
    settings = uvicorn.Config(
        cast("Any", application),
        http="httptools",
        loop="uvloop",
        lifespan="off",
        access_log=False,
        log_level="critical",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(settings)


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 is any free one. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    made = socket.socket(family)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((host, port))
    made.listen(1024)
    return made


@contextmanager
def running_sandbox(api_key: str | None = None, faults: Sequence[Fault] = (), port: int = 0) -> Iterator[Sandbox]:
    """A sandbox on a thread of this process."""
    application = Application(api_key, faults, LOOPBACK)
    uvicorn_server = server(application)
    listening = bind("127.0.0.1", port)
    thread = threading.Thread(target=uvicorn_server.run, args=([listening],), name="sandbox", daemon=True)
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while not uvicorn_server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise RuntimeError("the sandbox didn't start")
        time.sleep(0.01)
    try:
        yield Sandbox(f"http://127.0.0.1:{listening.getsockname()[1]}")
    finally:
        uvicorn_server.should_exit = True
        thread.join(10)
        listening.close()


@contextmanager
def sandbox_process(api_key: str | None = None, port: int = 0) -> Iterator[Sandbox]:
    """A sandbox in a process of its own, which has a core of its own; it ends with this one."""
    environ = dict(os.environ)
    environ.pop(KEY_VARIABLE, None)
    if api_key is not None:
        environ[KEY_VARIABLE] = api_key
    child = subprocess.Popen(
        [sys.executable, "-m", "consumer", "sandbox", "--port", str(port), "--until-stdin-closes"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environ,
        # Ctrl-C goes to the whole foreground group; the sandbox is still needed while the pipeline drains.
        start_new_session=True,
    )
    try:
        assert child.stdout is not None
        line = child.stdout.readline()
        if not line.startswith("http"):
            raise RuntimeError(f"the sandbox didn't start (exit code {child.wait(10)})")
        yield Sandbox(line.strip())
    finally:
        assert child.stdin is not None
        child.stdin.close()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


KEY_VARIABLE = "GREENFLASH_SANDBOX_API_KEY"
"""The environment variable that says which key the sandbox takes, so that none stands in a list of processes."""
