"""What the pipeline needs of the world, as protocols; each has a real adapter, and the simulator has another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.open_transaction import OpenTransaction

TopicPartition = tuple[str, int]
"""(topic, partition)."""


class Clock(Protocol):
    """Time, injected. Deadlines use `monotonic`, only what is shown or compared with a date uses `now`."""

    def monotonic(self) -> float:
        """Seconds from some fixed point; never jumps."""
        ...

    def now(self) -> float:
        """Seconds since 1970, UTC; may jump."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let so much time pass."""
        ...


class Request(msgspec.Struct, gc=False):
    """One `POST /events` to be made. `body` is the whole JSON; `token` is the caller's and comes back with the reply.

    `fresh` asks for a new connection: set for retries and probes, because libcurl would resend a POST by
    itself over used connections that turn out to be dead.
    """

    body: bytes
    token: object = None
    fresh: bool = False


TransportFault = Literal[
    "connect", "descriptors", "dns", "tls", "timeout", "reset", "too-large", "protocol", "cancelled"
]
"""Why there is no answer: nothing listens or the way is blocked; this process has no file descriptor left for it; the
name is unknown; the certificate or the TLS handshake is at fault; the total deadline passed; the connection broke; the
body is over the cap; the answer is not HTTP; we gave up waiting ourselves."""


class Reply(msgspec.Struct, gc=False):
    """What came of a request: an answer (`status` above 0) or a `fault` (then `status` is 0).

    `headers` are the last header block's, names in lower case, in order, duplicates kept. `seconds` is the time
    from submit to answer. `detail` says more about a fault, in words without any secret.
    """

    request: Request
    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    fault: TransportFault | None = None
    detail: str = ""
    seconds: float = 0.0


class Transport(Protocol):
    """The way to Greenflash. Never raises for what the network or the service does: that is a `Reply`."""

    def submit(self, request: Request) -> None:
        """Start a request. The caller keeps to the limit of requests in flight."""
        ...

    def poll(self, timeout: float) -> list[Reply]:
        """Drive what is in flight for at most `timeout` seconds (0: don't wait); return once replies are there."""
        ...

    def close(self) -> None:
        """Drop what is in flight and free the connections."""
        ...


class RulesInUse(msgspec.Struct, frozen=True):
    """What a partition's messages are evaluated with: the rules' version and the fingerprint of the insert_ids that
    they give (`model.insert_id.fingerprint`); `next_offset` is one past the last message handed on (0: none yet)."""

    version: str
    ids: str
    next_offset: int


class RebalanceListener(Protocol):
    """What the source tells about its partitions, from inside `take`, on the same thread."""

    def assigned(self, starts: Mapping[TopicPartition, int]) -> None:
        """These partitions are ours from these offsets on."""
        ...

    def revoking(self, partitions: Sequence[TopicPartition]) -> None:
        """These partitions are about to go: finish, and store what is finished; afterwards acks for them vanish."""
        ...

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """These partitions are already someone else's: drop everything, store nothing."""
        ...

    def halted(self, partition: TopicPartition, reason: str) -> None:
        """This partition gives no more messages until an operator decides; the others go on."""
        ...


class Source(Protocol):
    """Messages in, offsets back. One thread calls all of it."""

    rules: Callable[[TopicPartition], RulesInUse | None]
    """Who says which rules a partition's messages are evaluated with: that goes with each commit. None: nobody knows.
    It is asked each time, since it changes; set before `subscribe`."""

    def subscribe(self, listener: RebalanceListener) -> None:
        """Join the group; `listener` is told of every change from then on."""
        ...

    def take(self, limit: int, timeout: float) -> list[Message]:
        """At most `limit` messages, waiting at most `timeout` seconds for the first.

        Raises `errors.SourceFailed` when the client is beyond repair; nothing may be committed after that.
        """
        ...

    def position(self, partition: TopicPartition) -> int | None:
        """The next offset to be taken, past transaction markers; None when it isn't known. Only outside `take`."""
        ...

    def store(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Note what may be committed: for each partition the next offset to read. Partitions not ours are dropped."""
        ...

    def commit(self) -> None:
        """Send what is stored, without waiting for the answer."""
        ...

    def committed(self) -> Mapping[TopicPartition, int]:
        """The offsets whose commit has been confirmed, for the partitions that are ours."""
        ...

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Stop fetching these; `take` goes on keeping the membership alive."""
        ...

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch these again."""
        ...

    def put_back(self, partition: TopicPartition, offset: int) -> None:
        """Pause this partition and hand out again, once it is resumed, what was taken of it from this offset on. Only
        outside `take`. Nothing happens to a partition that is halted, or not ours."""
        ...

    def lag(self) -> Mapping[TopicPartition, int]:
        """How many offsets each partition of ours is behind its end, as far as is known; asks nobody."""
        ...

    def ends(self, seconds: float = 60.0) -> Mapping[TopicPartition, int]:
        """The end offset of each partition that is ours, asked of the broker now (high watermark).

        Raises `errors.SourceFailed` when there is no answer within about so many seconds.
        """
        ...

    def open_transactions(self) -> Mapping[TopicPartition, OpenTransaction]:
        """The partitions that are ours in which a transaction is open, asked of the broker now. Raises as `ends`."""
        ...

    def remaining(self) -> Mapping[TopicPartition, int]:
        """The partitions that aren't ours and how far the group is behind their ends; asks the broker now."""
        ...

    def lacking(self) -> Sequence[str]:
        """Topics that are to be read and don't exist, and `/patterns/` if there is none at all; asks nobody."""
        ...

    def nothing(self) -> bool:
        """Whether there is no topic at all to read; asks nobody."""
        ...

    def settle(self, timeout: float) -> bool:
        """Commit what is stored and wait for the answer; False when the group's coordinator gave none, to that or
        to a question if there was nothing to commit, within about `timeout` seconds."""
        ...

    def close(self) -> None:
        """Leave the group. Only after `settle` gave True: it can hang for as long as a silent broker does."""
        ...


class DeadLetter(msgspec.Struct, frozen=True):
    """A message to be kept, with why.

    `code` is a problem code, or `status-<n>` for what the service refused; `text` one line without values;
    `events` is one entry an event, `[rule, item, insert_id, "accepted" or a code]`; `rules` the version of the rules
    that evaluated the message.
    """

    message: Message
    code: str
    text: str
    attempts: int = 0
    events: tuple[tuple[str, int | None, str | None, str], ...] = ()
    rules: str = "-"


class DeadLetterQueue(Protocol):
    """Where messages go that can't become events."""

    def write(self, letter: DeadLetter, settled: Callable[[str | None], None]) -> None:
        """Write it; `settled(None)` once the broker has confirmed it. The writer retries by itself for as long as
        it takes; `settled(reason)` only reports a failed try, after which it goes on trying."""
        ...

    def poll(self) -> None:
        """Serve confirmations, without waiting."""
        ...

    def close(self, timeout: float) -> bool:
        """Wait for what is under way; False when some of it isn't confirmed."""
        ...


class Listener(Protocol):
    """Who wants to know: logs, metrics, health. Never raises, never blocks."""

    def notice(self, name: str, **facts: object) -> None:
        """Something rare happened (`instrumentation.catalogue` lists every name, its level and what to do)."""
        ...

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        """Add to a counter of the catalogue; `labels` in the catalogue's order."""
        ...

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """Set a gauge of the catalogue."""
        ...
