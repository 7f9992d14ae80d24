"""One event on its way, and whom it belongs to."""

from __future__ import annotations

from typing import Protocol

import msgspec

from consumer.delivery.response_table import Verdict
from consumer.model.event import Event
from consumer.ports import TopicPartition


class Owner(Protocol):
    """Whom a send belongs to: it learns what became of it, and may have lost the right to send."""

    @property
    def may_send(self) -> bool:
        """False once its partition is being revoked or the process drains."""
        ...

    @property
    def partition(self) -> TopicPartition:
        """Whose turn it takes."""
        ...

    @property
    def key(self) -> bytes | None:
        """The message's key: within a partition, what order is kept for if it is kept. None has no order."""
        ...

    def settled(self, send: Send, verdict: Verdict) -> None:
        """The event was accepted, or refused for good."""
        ...

    def failed(self, send: Send, verdict: Verdict) -> None:
        """A try failed; the event will be sent again."""
        ...

    def abandoned(self, send: Send) -> None:
        """The event won't be sent by us: whoever owns the partition next sends it under the same id."""
        ...


class Send(msgspec.Struct, gc=False, eq=False):
    """One event on its way, from the first try to the last."""

    event: Event
    owner: Owner
    attempts: int = 0
    last_code: str = ""
    same_answers: int = 0
    failing_since: float = 0.0
    accepted_then: int = 0
    accepted_at_pause: int = -1
    """How many events had been accepted when this one's answer last paused the delivery."""
    accepted_at_failure: int = -1
    """How many events had been accepted when this one last failed as everybody's would in an outage."""
