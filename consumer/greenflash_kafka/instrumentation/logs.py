"""Structured logs on stderr: one line a record, JSON or text, without secrets; the pipeline never waits for them.

The queue and its thread are those of `logging.handlers`. Three promises need code of ours: a line that has no room is
counted, not an error; a stream that can't be written stops nothing; the process ends even if a write never returns.
A `StreamHandler` behind the queue would break the third: at exit `logging` waits for its lock, which the write holds.
"""

from __future__ import annotations

import json
import logging
import queue
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from logging.handlers import QueueHandler, QueueListener
from typing import Any, Final, Literal, TextIO

from greenflash_kafka.instrumentation.catalogue import NOTICE
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.redaction import Redactor, visible
from greenflash_kafka.terminal import coloured, is_terminal, takes_colour

Format = Literal["auto", "json", "text"]
"""`auto`: text at a terminal, else JSON."""

OUR_LOGGER: Final = "greenflash_kafka"
KAFKA_LOGGER: Final = "librdkafka"

LINES_HELD = 10_000
"""Lines that wait for a slow reader of stderr; further lines are dropped and counted, and the pipeline goes on."""

BURST, PER_SECOND = 20, 0.2
"""Of one kind of line: so many at once, then one in five seconds, which says how many were left out."""


class Logs(Quiet):
    """Notices as log lines, and everything that libraries log through `logging`.

    `install` takes over the root logger. Libraries log from WARNING on only: below that the SDK logs whole
    requests. Lines are written by a thread, so a full disk or a stopped reader delays nothing. The line after some
    that had no room has their number as `lines_dropped`.
    """

    def __init__(
        self,
        stream: TextIO,
        format: Format = "auto",
        level: str = "info",
        redactor: Redactor | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        burst: int = BURST,
    ) -> None:
        """`burst`: of one kind of line so many at once; fewer where somebody waits at a terminal for an answer."""
        self.redactor = redactor or Redactor()
        self._logger = logging.getLogger(OUR_LOGGER)
        self._lines: queue.Queue[Any] = queue.Queue(LINES_HELD)
        self._writer = _Writer(self._lines, stream)
        self._handler = _LineQueue(self._lines, monotonic, burst)
        text = format == "text" or (format == "auto" and is_terminal(stream))
        self._handler.setFormatter(_Text(self.redactor, takes_colour(stream)) if text else _Json(self.redactor))
        self._level = logging.getLevelNamesMapping()[level.upper()]

    def install(self) -> None:
        """Send all of `logging` here, and nowhere else, and begin to write."""
        self._writer.start()
        root = logging.getLogger()
        root.handlers[:] = [self._handler]
        root.setLevel(logging.WARNING)
        self._logger.setLevel(self._level)
        logging.captureWarnings(True)

    def notice(self, name: str, **facts: object) -> None:
        """One line, at the level that the catalogue gives."""
        known = NOTICE.get(name)
        level = logging.getLevelNamesMapping()[known.level.upper()] if known else logging.WARNING
        if self._logger.isEnabledFor(level):
            self._logger.log(level, name, extra={"facts": facts})

    def flush(self, seconds: float = 2.0) -> bool:
        """Wait for at most so many seconds until all lines are written, at the end of the process; True if they are."""
        until = time.monotonic() + seconds
        while self._lines.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.005)
        return not self._lines.unfinished_tasks


def kafka_logger() -> logging.Logger:
    """The `logger` to give to librdkafka's clients: with all brokers down it says the same 20 times a second."""
    return logging.getLogger(KAFKA_LOGGER)


class _LineQueue(QueueHandler):
    """Puts each record's line into the queue, in the thread that logs: what is logged may change afterwards."""

    def __init__(self, lines: queue.Queue[Any], monotonic: Callable[[], float], burst: int) -> None:
        super().__init__(lines)
        self._limit = _LineLimit(monotonic, burst)
        self._dropped = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Queue a record, unless it is one of too many."""
        if record.levelno < logging.WARNING and record.name != OUR_LOGGER:
            return  # GREENFLASH_LOG=debug sets the SDK's loggers, below the root's level, to tell everything
        left_out = self._limit.admit(_kind(record))
        if left_out is not None:
            record.left_out = left_out
            super().emit(record)

    def prepare(self, record: logging.LogRecord) -> str:
        """The line of a record."""
        record.lines_dropped, self._dropped = self._dropped, 0
        return self.format(record)

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Count a line that has no room; the default would write about it, from the thread that logs."""
        self._dropped += 1 + getattr(record, "lines_dropped", 0)


class _Writer(QueueListener):
    """Writes the lines of the queue, in a thread of its own."""

    def __init__(self, lines: queue.Queue[Any], stream: TextIO) -> None:
        super().__init__(lines)
        self._stream = stream

    def handle(self, record: Any) -> None:
        """Write one line; what can't be written is lost."""
        with suppress(OSError, ValueError):  # disk full, pipe closed, stream closed
            self._stream.write(f"{record}\n")
            self._stream.flush()


class _LineLimit:
    """A token bucket for each kind of line."""

    def __init__(self, monotonic: Callable[[], float], burst: int) -> None:
        self._monotonic = monotonic
        self._burst = float(burst)
        self._kinds: dict[object, tuple[float, float, int]] = {}

    def admit(self, kind: object) -> int | None:
        """None when this line is to be left out, else how many were left out since the last one."""
        now = self._monotonic()
        tokens, at, left_out = self._kinds.get(kind, (self._burst, now, 0))
        tokens = min(self._burst, tokens + (now - at) * PER_SECOND)
        if tokens < 1:
            self._kinds[kind] = (tokens, now, left_out + 1)
            return None
        self._kinds[kind] = (tokens - 1, now, 0)
        return left_out


def _kind(record: logging.LogRecord) -> object:
    """The key under which lines count as repeated; it contains no values, so that the number of keys is bounded."""
    if record.name == OUR_LOGGER:
        return record.msg
    if not isinstance(record.msg, str) or not record.args:
        return record.name, record.levelno
    # librdkafka's records share one format; their first argument is the facility (FAIL, ERROR, REQTMOUT...).
    facility = record.args[0] if record.name == KAFKA_LOGGER and isinstance(record.args, tuple) else ""
    return record.name, record.msg, facility if isinstance(facility, str) else ""


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    """The fields of a line, in the order in which people read them."""
    yield "time", datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    yield "level", record.levelname.lower()
    if record.name == OUR_LOGGER:
        yield "event", record.getMessage()
    else:
        yield "event", "library"
        yield "logger", record.name
        yield "text", record.getMessage()
    facts: Mapping[str, object] = getattr(record, "facts", {})
    yield from facts.items()
    for name in ("left_out", "lines_dropped"):
        if number := getattr(record, name, 0):
            yield name, number
    known = NOTICE.get(record.getMessage()) if record.name == OUR_LOGGER else None
    if known is not None and record.levelno >= logging.WARNING:
        yield "meaning", known.meaning
        yield "action", known.action


class _Form(logging.Formatter):
    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor


class _Json(_Form):
    def format(self, record: logging.LogRecord) -> str:
        fields = dict(_fields(record))
        if record.exc_info:
            fields["exception"] = self.formatException(record.exc_info)
        # ensure_ascii escapes control characters and everything a terminal could act on.
        return self._redactor(json.dumps(fields, default=str, ensure_ascii=True))


class _Text(_Form):
    def __init__(self, redactor: Redactor, colour: bool = False) -> None:
        super().__init__(redactor)
        self._colour = colour

    def format(self, record: logging.LogRecord) -> str:
        fields = dict(_fields(record))
        when, level, event = fields.pop("time"), fields.pop("level"), fields.pop("event")
        meaning, action = fields.pop("meaning", None), fields.pop("action", None)
        parts = [str(event), *(f"{name}={_plain(each)}" for name, each in fields.items())]
        word = f"{str(level).upper():7}"
        if self._colour:
            word = coloured(word, str(level))
        lines = [f"{when} {word} {visible(self._redactor(' '.join(parts)))}"]
        if meaning is not None:
            lines.append(f"    {meaning} {action}")
        if record.exc_info:
            # Redacted as a whole: a secret may hold a line break. Each line is indented, so none can pose as a record.
            text = self._redactor(self.formatException(record.exc_info))
            lines += [f"    {visible(line)}" for line in text.splitlines()]
        return "\n".join(lines)


def _plain(value: object) -> str:
    if isinstance(value, str) and value and " " not in value and '"' not in value:
        return value
    return json.dumps(value, default=str, ensure_ascii=False, separators=(",", ":"))
