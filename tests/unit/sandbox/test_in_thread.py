"""A sandbox in a thread of the test's own process."""

from __future__ import annotations

import socket

import pytest

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.sandbox.fault_files import FaultsInvalid
from greenflash_kafka.sandbox.in_thread import running_sandbox
from greenflash_kafka.sandbox.running import SandboxFailed


def test_it_answers_inside_the_block_and_not_after_it() -> None:
    with running_sandbox(api_key="k", faults={"seed": 7, "faults": [{"kind": "status", "status": 503}]}) as sandbox:
        assert sandbox.stats()["received"] == 0
        assert sandbox.base_url == f"{sandbox.url}/api/v1"
    with pytest.raises(SandboxFailed):
        sandbox.stats()


def test_two_at_once_know_nothing_of_each_other() -> None:
    with running_sandbox() as one, running_sandbox() as other:
        one.set_faults([{"kind": "reset"}])
        assert one.url != other.url
        assert other.stats()["faults"] == {}


def test_a_script_with_mistakes_and_a_port_that_is_taken_are_said_before_it_begins() -> None:
    with pytest.raises(FaultsInvalid, match="boom"), running_sandbox(faults=[{"kind": "boom"}]):
        pass
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ConfigInvalid, match="--port 0"), running_sandbox(port=taken.getsockname()[1]):
            pass
