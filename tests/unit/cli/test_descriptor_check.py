"""The check of the limit of file descriptors."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from greenflash_kafka.cli.descriptor_check import descriptor_check
from greenflash_kafka.config.model import Config, Delivery
from greenflash_kafka.descriptors import needed


@pytest.fixture(autouse=True)
def limit() -> Iterator[None]:
    """Whatever a test does to the soft limit is undone."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def config(in_flight: int) -> Config:
    return Config(delivery=Delivery(in_flight=in_flight))


def test_enough_is_ok_with_both_numbers() -> None:
    check = descriptor_check(config(8), 3)
    assert check.status == "ok"
    assert f"{needed(8, 3)} needed for delivery.in_flight 8" in check.said


def test_a_soft_limit_that_run_raises_by_itself_is_ok_too() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed(900, 3) - 1, hard))
    check = descriptor_check(config(900), 3)
    assert check.status == "ok"
    assert "which `run` raises to" in check.said


def test_too_low_a_hard_limit_fails_with_what_to_set() -> None:
    # More brokers than any hard limit has room for: the limit itself could never be raised again.
    check = descriptor_check(config(128), 1_000_000)
    assert check.status == "failed"
    assert f"needs {needed(128, 1_000_000)} file descriptors" in check.said
    assert "LimitNOFILE=" in check.todo
