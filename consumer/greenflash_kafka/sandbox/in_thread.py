"""A sandbox in a thread of this process, for tests.

with running_sandbox(api_key="k", faults=[{"kind": "status", "status": 503, "rate": 0.1}]) as sandbox:
    client = Greenflash(api_key="k", base_url=sandbox.base_url)
    ...
    assert sandbox.stats()["stored"] == 1
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from greenflash_kafka.sandbox.api import Api
from greenflash_kafka.sandbox.fault_files import build
from greenflash_kafka.sandbox.running import START_SECONDS, FaultScript, Sandbox, SandboxFailed
from greenflash_kafka.sandbox.server import listen, server, url_of

STOP_SECONDS = 10.0


@contextmanager
def running_sandbox(
    api_key: str | None = None, faults: FaultScript = (), port: int = 0, host: str = "127.0.0.1"
) -> Iterator[Sandbox]:
    """A sandbox in a thread of this process, until the block ends. Without `api_key` any bearer key is taken.

    Raises `FaultsInvalid` for a script with mistakes and `ConfigInvalid` for a port that is taken.
    """
    api = Api(api_key, build(_plain(faults), "faults"))
    listener = listen(host, port)
    running = server(api, host)
    thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]}, name="sandbox", daemon=True)
    thread.start()
    try:
        deadline = time.monotonic() + START_SECONDS
        while not running.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise SandboxFailed("the sandbox's server didn't start")
            time.sleep(0.005)
        yield Sandbox(url_of(listener))
    finally:
        running.should_exit = True
        thread.join(STOP_SECONDS)
        listener.close()


def _plain(faults: FaultScript) -> object:
    """Any mapping and sequence as the dict and list that scripts are read from."""
    if isinstance(faults, Mapping):
        return {**faults, "faults": [dict(each) for each in faults.get("faults", ())]}
    return [dict(each) for each in faults]
