"""A sandbox as a process of its own, and a client for it.

with sandbox_process(api_key="k") as sandbox:
    client = Greenflash(api_key="k", base_url=sandbox.base_url)
    ...
    assert sandbox.stats()["stored"] == 1

What serves (`server.py`) isn't imported here: whoever starts the process needn't wait for that.
"""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.sandbox.address import PREFIX

FaultScript = Sequence[Mapping[str, Any]] | Mapping[str, Any]
"""A list of faults, or `{"seed": 7, "faults": [...]}`; the words are `faults.py`'s."""

START_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 10.0


class SandboxFailed(GreenflashKafkaError):
    """The sandbox didn't start, ended by itself, or refused what was asked of it; the text says why."""


class Sandbox:
    """A running sandbox, by its address. Every call is a request to it, so it works from any thread or process."""

    def __init__(self, url: str) -> None:
        self.url = url
        """The page."""
        self.base_url = url + PREFIX
        """The API, as `base_url` of an SDK client."""

    def stats(self) -> dict[str, Any]:
        """received, stored, duplicates, conflicts, rejected, unauthorized, sampled_out, faults, by_event_type..."""
        found: dict[str, Any] = self._call("GET", "/_sandbox/stats")
        return found

    def events(self, after: int = 0, limit: int | None = None) -> list[dict[str, Any]]:
        """Stored events in order, wire names, with `eventId` and `receivedAt`; numbers with a fraction are Decimal."""
        query = f"?after={after}" + ("" if limit is None else f"&limit={limit}")
        found: list[dict[str, Any]] = self._call("GET", f"/_sandbox/events{query}")
        return found

    def conflicts(self) -> list[dict[str, Any]]:
        """Duplicates whose content differed: `insert_id`, `event_id`, the bodies `stored` and `later`."""
        found: list[dict[str, Any]] = self._call("GET", "/_sandbox/conflicts")
        return found

    def conversations(self) -> dict[str, Any]:
        """Which conversations outcomes belong to, and the money that followed them; amounts are texts."""
        found: dict[str, Any] = self._call("GET", "/_sandbox/conversations")
        return found

    def show_chance(self, linked: int, of: int) -> None:
        """Show on the page how many outcomes, of how many, coincidence alone would link."""
        self._call("POST", "/_sandbox/conversations", {"by_chance": {"linked": linked, "of": of}})

    def interactions(self) -> dict[str, Any]:
        """How `GET /interactions` lists them: `order`, `by`, `delay`, `most`; `count`; `requests`: when they came."""
        found: dict[str, Any] = self._call("GET", "/_sandbox/interactions")
        return found

    def set_interactions(self, **change: Any) -> None:
        """Change what it lists, and how; the words are `interaction_listing.InteractionChange`'s."""
        self._call("POST", "/_sandbox/interactions", change)

    def set_faults(self, faults: FaultScript) -> None:
        """Begin another fault script; an empty list ends all faults. Raises `SandboxFailed` when it has mistakes."""
        self._call("POST", "/_sandbox/faults", faults)

    def rotate_key(self, key: str | None) -> None:
        """Take this key and no other from now on; None takes any."""
        self._call("POST", "/_sandbox/key", {"key": key})

    def reset(self) -> None:
        """Forget events and counts, begin the fault script anew; the key stays."""
        self._call("POST", "/_sandbox/reset")

    def _call(self, method: str, path: str, value: object = None) -> Any:
        # http.client knows no proxies from the environment, which must not come between a test and its sandbox.
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        try:
            connection.request(method, path, None if value is None else msgspec.json.encode(value))
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise SandboxFailed(f"the sandbox at {self.url} doesn't answer: {error}") from None
        finally:
            connection.close()
        if response.status != 200:
            raise SandboxFailed(f"the sandbox at {self.url} refused {method} {path}: {body.decode(errors='replace')}")
        return _DECODER.decode(body)


_DECODER: Final = msgspec.json.Decoder(float_hook=Decimal)


@contextmanager
def sandbox_process(api_key: str | None = None, faults: FaultScript = (), port: int = 0) -> Iterator[Sandbox]:
    """A sandbox as a process of its own, until the block ends; it also ends with this process, however that ends.

    Raises `SandboxFailed` when it doesn't start.
    """
    with starting_sandbox(api_key, port) as ready:
        sandbox = ready()
        if faults:
            sandbox.set_faults(faults)
        yield sandbox


@contextmanager
def starting_sandbox(api_key: str | None = None, port: int = 0) -> Iterator[Callable[[], Sandbox]]:
    """The same for those who have something else to do while it starts: what is given waits for it to be ready, and
    raises `SandboxFailed` when it doesn't start."""
    environ = dict(os.environ)
    environ.pop("GREENFLASH_SANDBOX_API_KEY", None)
    if api_key is not None:
        # By the environment: arguments are everybody's to read.
        environ["GREENFLASH_SANDBOX_API_KEY"] = api_key
    # -P: without it Python would look for modules in the working folder first, whose names are the user's own.
    ours = [sys.executable, "-P", "-m", "greenflash_kafka"]
    arguments = [*ours, "sandbox", "--port", str(port), "--json", "--until-stdin-closes"]
    process = subprocess.Popen(
        arguments,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environ,
        text=True,
        # A terminal's Ctrl-C is for those who work against the sandbox: they need it until they are done.
        start_new_session=True,
    )
    try:
        yield lambda: Sandbox(_first_line(process)["url"])
    finally:
        _stop(process)


def _first_line(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    late = threading.Timer(START_SECONDS, process.kill)
    late.start()
    try:
        line = process.stdout.readline()
    finally:
        late.cancel()
    if not line:
        code = process.wait()
        raise SandboxFailed(f"the sandbox's process ended with exit code {code} before it was ready; see its messages")
    found: dict[str, Any] = msgspec.json.decode(line)
    return found


def _stop(process: subprocess.Popen[str]) -> None:
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            stream.close()
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
