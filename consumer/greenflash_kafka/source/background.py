"""Questions on a thread of their own, for clients that have none that doesn't wait."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def aside(ask: Callable[[], T]) -> Future[T]:
    """Run this on a daemon thread, for which the exit of the process doesn't wait."""
    answer: Future[T] = Future()

    def work() -> None:
        try:
            answer.set_result(ask())
        except BaseException as error:
            answer.set_exception(error)

    Thread(target=work, name="kafka-question", daemon=True).start()
    return answer
