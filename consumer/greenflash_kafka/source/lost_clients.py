"""Detection of Kafka clients that can't reach the brokers any more, though the brokers answer a new client."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from greenflash_kafka.errors import ClientLost
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.background import aside

TROUBLE_SECONDS: Final = 60.0
"""Trouble that is older than this may be that of a lost client."""

ASK_SECONDS: Final = 60.0
"""Seconds between questions with a new client, while there is trouble."""

AGAIN_SECONDS: Final = 30.0
"""Seconds from the first finding to the second; twice the client's longest wait for a connection, if that is more."""

FRESH_SECONDS: Final = 5.0
"""Time limit of each of a new client's two questions."""

ANSWER_SECONDS: Final = 2.0
"""Time limit of a question through a client of this process. The loop waits for it."""

SYMPTOMS: Final = frozenset(
    {
        "brokers_unreachable",
        "cluster_silent",
        "commits_overdue",
        "conversations_stalled",
        "dead_letters_failing",
        "group_silent",
        "kafka_refused",
        "tables_stalled",
    }
)
"""The conditions that a lost client opens, each of which has other causes as well."""

_RECONNECT: Final = "reconnect.backoff.max.ms"
_RECONNECT_MS: Final = 10_000


def answered(ask: Callable[..., object]) -> bool:
    """True if a broker has answered this client's `list_topics` in time. Waits up to ANSWER_SECONDS."""
    try:
        ask(timeout=ANSWER_SECONDS)
    except KafkaException as error:
        return error.args[0].code() not in (KafkaError._TRANSPORT, KafkaError._TIMED_OUT)
    return True


class LostClients:
    """Compares the clients of this process with a new one, as long as there is trouble with Kafka.

    librdkafka removes brokers that a metadata response doesn't name. One that names none, as that of a broker that was
    frozen, can leave a client without any broker for ever (librdkafka issue 5301).
    """

    def __init__(
        self,
        properties: Mapping[str, str],
        clients: Mapping[str, Callable[[], bool]],
        monotonic: Callable[[], float] = time.monotonic,
        ask: Callable[[], Future[bool]] | None = None,
        logger: logging.Logger | None = None,
    ) -> None:
        """`properties` are those of a new admin client. `clients`: for each client of this process, by its name in
        words, whether a broker answers it. `ask` replaces the question through a new client."""
        self._clients = clients
        self._monotonic = monotonic
        self._ask = ask or (lambda: ask_afresh(properties, logger))
        self._again = max(AGAIN_SECONDS, 2 * int(properties.get(_RECONNECT, _RECONNECT_MS)) / 1000)
        self._asked: Future[bool] | None = None
        self._next = 0.0
        self._suspect = ""

    def watch(self, trouble: float) -> None:
        """Ask if it is time to, without waiting for the new client; once a second. `trouble`: the age of the oldest of
        SYMPTOMS in seconds, 0 without any. Raises ClientLost if twice in a row a new client is answered and the same
        client of this process isn't."""
        if trouble < TROUBLE_SECONDS:
            self._suspect = ""
            return
        now = self._monotonic()
        if self._asked is None:
            if now >= self._next:
                self._next = now + ASK_SECONDS
                self._asked = self._ask()
            return
        if not self._asked.done():
            return
        asked, self._asked = self._asked, None
        suspect, self._suspect = self._suspect, ""
        if not asked.result():
            return  # an outage, which is waited for
        lost = next((name for name in self._clients if suspect in ("", name) and not self._clients[name]()), "")
        if lost and suspect:
            raise ClientLost(
                f"the Kafka client {lost} gets no answer from the brokers, though they answer a new client, and hasn't "
                "recovered by itself. Nothing needs to be done if a supervisor restarts this process. Nothing is lost: "
                "what was not confirmed is not committed, and is read again"
            )
        if lost:
            self._suspect, self._next = lost, self._monotonic() + self._again


def ask_afresh(properties: Mapping[str, str], logger: logging.Logger | None = None) -> Future[bool]:
    """Start questions through a new client, on a thread: True if brokers have answered it. Never fails."""
    return aside(lambda: _answers_afresh(properties, logger))


def _answers_afresh(properties: Mapping[str, str], logger: logging.Logger | None) -> bool:
    try:
        return AdminQueries(properties, timeout=FRESH_SECONDS, logger=logger).answers()
    except (KafkaException, TimeoutError, OSError, RuntimeError):
        return False
