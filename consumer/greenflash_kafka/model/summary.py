"""Summary of a run."""

from __future__ import annotations

from typing import Final

import msgspec

STOPPED_WITH: Final = ("consumed", "committed", "accepted", "unanswered", "uncommitted")
"""Fields of the summary that the notice `stopped` shows."""


class Summary(msgspec.Struct):
    """What a run did, or in a `dry_run` would have done: then nothing was sent, written or committed.

    Messages: `produced` is what the topics held for us (consumed and lag together); `committed` counts offsets.
    Events: `stored` and `duplicates` are None where only the service knows. `with_link`: events of rules that link;
    `linked`: how many of these found their conversation; both are None where no rule links.
    """

    broker: str
    produced: int
    consumed: int
    filtered: int
    mapped: int
    dead_lettered: int
    committed: int
    lag: int
    events: int
    accepted: int
    stored: int | None = None
    duplicates: int | None = None
    blocked_by: list[str] = []
    """What waits for an operator, when that is why the run ended."""
    unanswered: int = 0
    """Requests and dead letters without an answer when the time to drain was over."""
    uncommitted: int = 0
    """Messages of which something was sent or written and that aren't committed: they are delivered again. Those of
    which nothing was sent yet don't count, nor those of partitions that another member has."""
    dry_run: bool = False
    linked: int | None = None
    with_link: int | None = None
    drafts: int | None = None
    """Events of draft rules, which are never sent; None where no rule is a draft."""

    def to_json(self) -> str:
        """One JSON object."""
        return msgspec.json.encode(self).decode()

    def to_text(self) -> str:
        """One line for people."""
        messages = f"{self.consumed} messages: {self.mapped} mapped, {self.filtered} filtered, "
        links = "" if self.linked is None else f"{self.linked} of {self.with_link} linked to a conversation; "
        drafts = "" if self.drafts is None else f"{self.drafts} events of draft rules not sent; "
        if self.dry_run:
            return (
                f"{messages}{self.dead_lettered} would become dead letters; {self.accepted} events would be sent; "
                f"{drafts}{links}"
                f"nothing was sent, written or committed; {self.lag} messages were not read"
            )
        dead_lettered = f"{self.dead_lettered} dead letters"
        uncommitted = f"{self.uncommitted} sent and not committed; " if self.uncommitted else ""
        return f"{messages}{dead_lettered}; {self.accepted} events accepted; {drafts}{links}{uncommitted}lag {self.lag}"
