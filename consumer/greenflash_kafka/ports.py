"""The ports of the pipeline, as protocols; each has a real adapter, and one in the simulator."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Literal, Protocol

import msgspec

from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.model.open_transaction import OpenTransaction
from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaRefused

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
        """Wait for so many seconds."""
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
"""The reason why there is no response: no connection; no file descriptor left in this process; the name is unknown; the
certificate or the TLS handshake failed; the total deadline passed; the connection broke; the body is over the limit;
the response is not HTTP; the wait was cancelled by us."""


class Reply(msgspec.Struct, gc=False):
    """The result of a request: a response (`status` above 0) or a `fault` (then `status` is 0).

    `headers` are the last header block's, names in lower case, in order, duplicates kept. `seconds` is the time
    from submit to answer. `detail` says more about a fault, in words without any secret. `sent`: how often the request
    went out; a client may repeat it by itself where a used connection turns out closed.
    """

    request: Request
    status: int
    headers: Iterable[tuple[str, str]] = ()
    body: bytes = b""
    fault: TransportFault | None = None
    detail: str = ""
    seconds: float = 0.0
    sent: int = 1


class Transport(Protocol):
    """A transport to Greenflash. Never raises for errors of the network or the service: those are a `Reply`."""

    def submit(self, request: Request) -> None:
        """Start a request. The caller observes the limit of requests in flight."""
        ...

    def poll(self, timeout: float) -> list[Reply]:
        """Drive what is in flight for at most `timeout` seconds (0: don't wait); return once replies are there."""
        ...

    def close(self) -> None:
        """Drop what is in flight and free the connections."""
        ...


class Schemas(Protocol):
    """Schemas by the keys that messages carry. Never waits, never raises for what a registry does."""

    def find(self, key: SchemaKey) -> Schema | SchemaRefused | None:
        """The schema; None while it isn't known: from now on it is asked for."""
        ...

    def doubt(self, key: SchemaKey) -> None:
        """Note that messages beside the one that names this key are read without a schema: it may be no schema's key,
        so that it is given up in its time whatever else the registry knows."""
        ...

    def poll(self) -> Sequence[SchemaKey]:
        """Drive the requests, without waiting; the keys that were answered since the last call."""
        ...

    def lacks(self, topic: str, key: SchemaKey, fields: Sequence[str]) -> None:
        """Note that a schema of this topic doesn't have fields that rules read; people are told once a schema."""
        ...

    def waits(self) -> Mapping[SchemaKey, str]:
        """The keys that are asked for, and why each isn't known yet."""
        ...

    @property
    def stalled(self) -> str:
        """What keeps schemas that messages wait for from coming, in words, once it was reported; empty while nothing
        does."""
        ...

    def close(self) -> None:
        """Drop what is under way."""
        ...


class History(Protocol):
    """Messages of the past, up to ends that were fixed at its start. Nobody's group, and nothing is committed."""

    @property
    def done(self) -> bool:
        """True if everything up to the ends was handed on."""
        ...

    @property
    def missing(self) -> Sequence[OffsetRange]:
        """Ranges that retention took before they were read."""
        ...

    def take(self, limit: int, timeout: float) -> list[Message]:
        """More messages, at most so many, waiting for them at most `timeout` seconds; those of a partition in order.
        Raises BrokerUnreachable when none come though there are some."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class RulesInUse(msgspec.Struct, frozen=True):
    """The rules that evaluate a partition's messages: their version and the fingerprint of the insert_ids that they
    give (`model.insert_id.fingerprint`); `next_offset` is one past the last message handed on (0: none yet)."""

    version: str
    ids: str
    next_offset: int


class RebalanceListener(Protocol):
    """Callbacks of the source about its partitions, from inside `take`, on the same thread."""

    def assigned(self, starts: Mapping[TopicPartition, int]) -> None:
        """These partitions are assigned from these offsets on."""
        ...

    def revoking(self, partitions: Sequence[TopicPartition]) -> None:
        """These partitions are about to be revoked: finish, and store what is finished; later acks for them are
        ignored."""
        ...

    def lost(self, partitions: Sequence[TopicPartition]) -> None:
        """These partitions already belong to another member: drop everything, store nothing."""
        ...

    def halted(self, partition: TopicPartition, reason: str) -> None:
        """This partition gives no more messages until an operator decides; the others go on."""
        ...


class Source(Protocol):
    """Messages in, offsets back. One thread calls all of it."""

    rules: Callable[[TopicPartition], RulesInUse | None]
    """Gives the rules that evaluate a partition's messages: they go with each commit. None: not known. It is called
    each time, since the rules change; set before `subscribe`."""

    def subscribe(self, listener: RebalanceListener) -> None:
        """Join the group; `listener` is notified of every change from then on."""
        ...

    def resubscribe(self, names: Collection[str], patterns: Sequence[str]) -> None:
        """Read these topics from now on: names, and regular expressions for whole names. Returns at once.

        Both are made true inside later calls of `take`, as with any other change in the group: partitions of topics
        that aren't meant any more go through `revoking` of the listener that `subscribe` was given, and new ones come
        through `assigned`. Until then what was read before is still handed on.
        """
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
        """Note what may be committed: for each partition the next offset to read. Partitions not assigned are
        dropped."""
        ...

    def commit(self) -> None:
        """Send what is stored, without waiting for the answer."""
        ...

    def committed(self) -> Mapping[TopicPartition, int]:
        """The offsets whose commit has been confirmed, for the assigned partitions."""
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
        """The lag of each assigned partition, as far as is known; sends no request."""
        ...

    def ends(self, seconds: float = 60.0) -> Mapping[TopicPartition, int]:
        """The end offset of each assigned partition, requested from the broker now (high watermark).

        Raises `errors.SourceFailed` when there is no answer within about so many seconds.
        """
        ...

    def open_transactions(self) -> Mapping[TopicPartition, OpenTransaction]:
        """The assigned partitions in which a transaction is open, requested from the broker now. Raises as `ends`."""
        ...

    def remaining(self) -> Mapping[TopicPartition, int]:
        """The partitions of other members and the group's lag in them; requested from the broker now."""
        ...

    def lacking(self) -> Sequence[str]:
        """Topics of the subscription that don't exist, and `/patterns/` if there is none at all; sends no request."""
        ...

    def nothing(self) -> bool:
        """True if there is no topic at all to read; sends no request."""
        ...

    def settle(self, timeout: float) -> bool:
        """Commit what is stored and wait for the response; False when the group's coordinator gave none within about
        `timeout` seconds, to the commit or, with nothing to commit, to a request."""
        ...

    def close(self) -> None:
        """Leave the group. Only after `settle` gave True: it can hang for as long as a silent broker does."""
        ...


class DeadLetter(msgspec.Struct, frozen=True):
    """A message for the dead-letter topic, with the reason.

    `code` is a problem code, or `status-<n>` for what the service refused; `text` one line without values;
    `events` is one entry an event, `[rule, item, insert_id, "accepted" or a code]`; `rules` the version of the rules
    that evaluated the message. `rule` and `field`: whose and of which field the first problem is, "" where it is
    nobody's or the whole event's.
    """

    message: Message
    code: str
    text: str
    attempts: int = 0
    events: tuple[tuple[str, int | None, str | None, str], ...] = ()
    rules: str = "-"
    rule: str = ""
    field: str = ""


class DeadLetterQueue(Protocol):
    """The destination of messages that can't become events."""

    def write(self, dead_letter: DeadLetter, settled: Callable[[str | None], None]) -> None:
        """Write it; `settled(None)` once the broker has confirmed it. The writer retries without limit;
        `settled(reason)` only reports a failed attempt."""
        ...

    def poll(self) -> None:
        """Process confirmations, without waiting."""
        ...

    def close(self, timeout: float) -> bool:
        """Wait for pending writes; False when some of them aren't confirmed."""
        ...


class LogPartition(msgspec.Struct, frozen=True):
    """A partition of a conversation topic: the topic's id ("-" where brokers have none), the first offset, and the end
    (high watermark: records of open transactions count)."""

    topic_id: str
    begin: int
    end: int


class LogEnds(msgspec.Struct, frozen=True):
    """The brokers' answer about all conversation topics. `asked`: milliseconds since 1970, just before the question.
    `failed`: why it is incomplete, in words; empty if everything was answered, so that `partitions` are all there
    are."""

    asked: int
    partitions: Mapping[TopicPartition, LogPartition]
    failed: str = ""


class ConversationLog(Protocol):
    """Conversation topics, read whole by this process: without a group, committed records only (`read_committed`).
    One thread calls all of it, and no call waits for a broker."""

    def ask_ends(self) -> None:
        """Ask which partitions there are, and where they begin and end. One question at a time."""
        ...

    def ends(self) -> LogEnds | None:
        """The answer to `ask_ends`, once; None while it isn't there."""
        ...

    def ask_starts(self, partitions: Iterable[TopicPartition], since: int) -> None:
        """Ask for the first offset stamped at or after `since` (milliseconds) in each partition. One question at a
        time."""
        ...

    def starts(self) -> Mapping[TopicPartition, int] | None:
        """The answer to `ask_starts`, once: the end where there is no such record. Partitions whose question failed are
        left out. None while it isn't there."""
        ...

    def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read these partitions from these offsets on, and no others."""
        ...

    def take(self, limit: int) -> list[Message]:
        """At most `limit` records that are there already."""
        ...

    def position(self, partition: TopicPartition) -> int | None:
        """The next offset to be taken, past transaction markers and aborted records; None when it isn't known."""
        ...

    def pause(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch no more of these."""
        ...

    def resume(self, partitions: Iterable[TopicPartition]) -> None:
        """Fetch these again."""
        ...

    def close(self) -> None:
        """End the client. Never waits long for a broker."""
        ...


class ConversationReader(Protocol):
    """The reading of conversation topics, a part each turn of the loop; it keeps what the port
    `model.conversations.Conversations` answers from."""

    def turn(self) -> None:
        """Read, keep and expire a part, in at most about 5 ms."""
        ...

    @property
    def wait(self) -> float:
        """Seconds after which it wants its next turn; 0 while there is more to read."""
        ...

    @property
    def stalled(self) -> str:
        """What holds the reading up while messages wait for it, in words, once it was reported; empty while it goes
        on."""
        ...

    def progress(self, oldest: int, furthest: int) -> None:
        """Note how far the topics that link are evaluated: the timestamps (milliseconds) of the partition that is
        furthest behind, and of the one furthest ahead. Called about once a second; what no message can ask for any more
        expires."""
        ...

    def report(self) -> None:
        """Set the gauges. Called about once a second."""
        ...

    def close(self) -> None:
        """Write what is buffered, and end the clients."""
        ...


class Listener(Protocol):
    """A receiver of notices and metrics: logs, Prometheus, health. Never raises, never blocks."""

    def notice(self, name: str, **facts: object) -> None:
        """A rare event happened (`instrumentation.catalogue` lists every name, its level and the action)."""
        ...

    def count(self, metric: str, amount: int = 1, labels: tuple[str, ...] = ()) -> None:
        """Add to a counter of the catalogue; `labels` in the catalogue's order."""
        ...

    def gauge(self, metric: str, value: float, labels: tuple[str, ...] = ()) -> None:
        """Set a gauge of the catalogue; NaN takes it away."""
        ...

    def observe(self, metric: str, counts: Sequence[int], total: float, labels: tuple[str, ...] = ()) -> None:
        """Add to a histogram of the catalogue: observations by bucket (`histogram.Histogram.take`), and their sum."""
        ...
