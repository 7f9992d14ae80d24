"""Pages over HTTP, from the sandbox."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest

from greenflash_kafka.interactions.page_answers import judge_page
from greenflash_kafka.interactions.page_connection import PageConnection, PageSettings
from greenflash_kafka.sandbox.in_thread import running_sandbox
from greenflash_kafka.sandbox.running import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(api_key="right") as running:
        yield running


def connection(sandbox: Sandbox, key: Sequence[str] = ("right",), timeout: float = 5.0) -> PageConnection:
    keys = iter(key)
    stop = threading.Event()
    made = PageConnection(
        PageSettings(timeout=timeout),
        lambda: (sandbox.base_url, [("authorization", f"Bearer {next(keys)}")]),
        stop.is_set,
    )
    made.stop = stop  # type: ignore[attr-defined]
    return made


def test_a_page_is_read_with_the_key_of_now(sandbox: Sandbox) -> None:
    pages = connection(sandbox, ("wrong", "right"))
    assert pages.get(0, 100).status == 401
    pages.renew_key()
    verdict = judge_page(pages.get(110, 100), time.time())
    assert (verdict.meaning, len(verdict.items)) == ("page", 10)


def test_a_kept_connection_that_breaks_is_no_second_request(sandbox: Sandbox) -> None:
    sandbox.set_faults([])
    pages = connection(sandbox)
    pages.get(0, 10)
    before = len(sandbox.interactions()["requests"])
    sandbox.set_faults([{"on": "reads", "kind": "reset", "times": 1}])
    answer = pages.get(10, 10)
    assert (answer.status, answer.fault) == (0, "reset")
    assert len(sandbox.interactions()["requests"]) == before + 1


def test_a_service_that_says_nothing_is_waited_for_until_the_time_is_over_or_it_is_stopped(sandbox: Sandbox) -> None:
    sandbox.set_faults([{"on": "reads", "kind": "delay", "seconds": 3}])
    try:
        assert connection(sandbox, timeout=0.3).get(0, 10).fault == "timeout"
        pages = connection(sandbox)
        pages.stop.set()  # type: ignore[attr-defined]
        assert pages.get(0, 10).fault == "cancelled"
    finally:
        sandbox.set_faults([])


def test_a_redirect_is_not_followed_with_the_key(sandbox: Sandbox) -> None:
    sandbox.set_faults([{"on": "reads", "kind": "redirect"}])
    try:
        assert judge_page(connection(sandbox).get(0, 10), 0).meaning == "failing"
        assert sandbox.stats()["redirected"] == 0
    finally:
        sandbox.set_faults([])


def test_pages_follow_one_another_by_offset(sandbox: Sandbox) -> None:
    pages = connection(sandbox)
    items = [each for at in (0, 50, 100) for each in judge_page(pages.get(at, 50), 0).items]
    assert len(items) == 120
    assert all((a.created or 0) > (b.created or 0) for a, b in pairwise(items))
