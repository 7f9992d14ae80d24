"""Conversations as linking sees them: what a topic tells of them, the question of an event, and the answer.

An event is linked to the conversation that had an activity at or before it. The decision is a function of the logs of
the conversation topics and of the message, so it is the same in every run, retry and replay.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, Protocol, get_args

import msgspec

SKEW_MS: Final = 5_000
"""Milliseconds that an activity may lie after the event: clocks differ, and some services cut times to seconds."""

DAY_MS: Final = 86_400_000

LATE_MS: Final = DAY_MS
"""How much later than it happened an outcome may be recorded, with all of its lookback (milliseconds). An activity that
is older than the message by more than that and the lookback never counts, so that no run has to know it."""

EARLY_MS: Final = DAY_MS
"""How long before it happens an activity may be told, in milliseconds; what is told earlier is none."""

LONGEST_DELAY_MS: Final = 3_600_000
"""The longest `max_delay` of a conversation source, in milliseconds."""

MINUTE_MS: Final = 60_000
"""Of the activities of one conversation in one minute, one stands for all: the one that was logged first."""

CROWDED: Final = 500
"""Rows of one key within the lookback, over which nobody can tell whose conversation it is: a bot, a shared login."""

Touch = Literal["last", "first", "single"]
"""Which of several conversations is chosen: the one with the latest activity, the one with the earliest, or the only
one (none if there are several)."""

Result = Literal[
    "linked", "own", "none", "no-key", "no-time", "ambiguous", "crowded", "reported-late", "history", "not-ready"
]
"""How the search for a conversation ended.

linked: found; own: the rule gave an id itself, nothing was searched; none: no conversation in the lookback; no-key: the
event has no value for any key; no-time: the message has no timestamp; ambiguous: several, and `touch` is single;
crowded: more than CROWDED rows; reported-late: none that counts, and the message came more than LATE_MS after the
event, so that the begin of its lookback doesn't count; history: none, and the lookback reaches further than the history
that is known; not-ready: the conversation topics aren't read far enough (`linking.give_up_after`, or a message from the
future), or there is nothing to search in.
"""

RESULTS: Final[tuple[Result, ...]] = get_args(Result)

Method = Literal["own", "last_touch", "first_touch", "single"]


class ConversationSource(msgspec.Struct, frozen=True):
    """One entry of a mapping file's `conversations`, as far as linking needs it.

    `keys` are the names by which activities are found. `max_delay_ms`: milliseconds that a record of the source may be
    late; messages of topics that link to it are evaluated so much later. `product_id`: only events of this product are
    linked to it; None: any. `greenflash_id`: its ids are Greenflash's own (`conversation_id`), not the company's
    (`external_conversation_id`).
    """

    name: str
    keys: tuple[str, ...]
    max_delay_ms: int
    product_id: str | None = None
    greenflash_id: bool = False


class Activity(msgspec.Struct, frozen=True, gc=False):
    """Something that happened in a conversation, told by one message (or one item of it).

    `rule` is the name of the source, `item` the place among the items of `each`; `at` is in milliseconds since 1970;
    `keys` are (name, value), whose it is.
    """

    rule: str
    item: int | None
    conversation: str
    at: int
    keys: tuple[tuple[str, str], ...]

    def too_early(self, recorded: int | None) -> bool:
        """True if a record with this timestamp (milliseconds; None: it has none) tells it so long before it happens
        that it is none."""
        return recorded is not None and self.at > recorded + EARLY_MS


class Question(msgspec.Struct, frozen=True, gc=False):
    """The search for an event's conversation.

    `to`: names of the sources; empty for all. `product`: the event's product. `keys`: (name, value), of which any may
    match. `at`: when the event happened; `recorded`: the timestamp of its message; both in milliseconds since 1970.
    `lookback`: milliseconds.
    """

    to: tuple[str, ...]
    product: str
    keys: tuple[tuple[str, str], ...]
    at: int
    recorded: int
    lookback: int
    touch: Touch = "last"

    def begin(self, late: int = LATE_MS) -> int:
        """The time (milliseconds since 1970) from which on activities count: a lookback before the event, or before the
        message less `late` milliseconds, whichever is later. It depends on the message alone, so that it doesn't matter
        what a run happens to know of the time before."""
        return max(self.at, self.recorded - late) - self.lookback


class Answer(msgspec.Struct, frozen=True, gc=False):
    """The conversation that was found (`result` is linked), or why there is none. `at`: its activity that counts, in
    milliseconds since 1970; `greenflash_id` as in `ConversationSource`."""

    result: Result
    conversation: str = ""
    source: str = ""
    at: int = 0
    greenflash_id: bool = False


Verdict = Literal[
    "chosen", "earlier", "later", "after-event", "before-lookback", "reported-late", "logged-too-late", "ambiguous"
]
"""Why an activity was chosen, or wasn't."""


class Candidate(msgspec.Struct, frozen=True):
    """One activity that was looked at, for explanations: `logged` is the time by the log from which on it counts,
    `horizon` the time up to which records of its source count for this event; both in milliseconds since 1970."""

    conversation: str
    source: str
    key: str
    at: int
    logged: int
    horizon: int
    verdict: Verdict


class Link(msgspec.Struct, frozen=True, gc=False):
    """How an event was linked, or why it wasn't. `at`: the activity that counts, in milliseconds since 1970;
    `before_ms`: milliseconds from it to the event, at least 0."""

    result: Result
    method: Method | None = None
    conversation: str = ""
    source: str = ""
    at: int = 0
    before_ms: int = 0


class ConversationsUnreadable(Exception):
    """What was known can't be read just now: the message waits for it as if it weren't known."""


class Conversations(Protocol):
    """What is known of conversations. Asked on the loop's thread; it never asks anybody in turn."""

    def known(self, sources: tuple[str, ...], recorded: int) -> bool:
        """True if all that these sources may tell for a message with this timestamp (milliseconds) has been read, or
        if nobody should wait for it any more."""
        ...

    def find(self, question: Question) -> Answer:
        """The conversation of an event. The same answer in every run, except for `not-ready` and `history`.

        Raises ConversationsUnreadable.
        """
        ...

    def candidates(self, question: Question) -> Sequence[Candidate]:
        """Everything that was looked at for this question, latest activity first, for explanations."""
        ...
