from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from greenflash_kafka.instrumentation.logs import BURST, LINES_HELD, Format, Logs, kafka_logger
from greenflash_kafka.redaction import Redactor

SECRET = "sk-canary-0815"


class Written:
    """Logs into memory, with a clock that stands still until it is moved."""

    def __init__(self, format: Format = "json", level: str = "info") -> None:
        self.stream = io.StringIO()
        self.time = 0.0
        self.logs = Logs(self.stream, format, level, Redactor([SECRET]), lambda: self.time)
        self.logs.install()

    def text(self) -> str:
        self.logs.flush()
        return self.stream.getvalue()

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.text().splitlines()]


@pytest.fixture(autouse=True)
def root_logger_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def test_a_notice_is_one_json_line_that_says_what_to_do() -> None:
    written = Written()
    written.logs.notice("delivery_paused", code="status-401", text="the key is refused")
    (line,) = written.lines()
    assert line["level"] == "error"
    assert line["event"] == "delivery_paused"
    assert line["code"] == "status-401"
    assert "key" in str(line["action"])
    assert str(line["time"]).endswith("Z")


def test_what_is_ordinary_comes_without_advice_and_below_the_level_not_at_all() -> None:
    written = Written()
    written.logs.notice("partitions_assigned", partitions=3)
    assert "action" not in written.lines()[0]
    quiet = Written(level="warning")
    quiet.logs.notice("partitions_assigned", partitions=3)
    assert quiet.text() == ""


@pytest.mark.parametrize("format", ["json", "text"])
def test_secrets_are_in_no_line_whoever_writes_it(format: Format) -> None:
    written = Written(format)
    written.logs.notice("kafka_error", code="X", text=f"broker said {SECRET}")
    logging.getLogger("some.library").error("Illegal header value %r", f"Bearer {SECRET}\n")
    try:
        raise ValueError(f"Bearer {SECRET}")
    except ValueError:
        logging.getLogger("other.library").exception("failed")
    text = written.text()
    assert SECRET not in text
    assert text.count("[redacted]") == 3
    assert "ValueError" in text


def test_the_libraries_requests_at_debug_level_are_never_written() -> None:
    written = Written(level="debug")
    for name in ("greenflash", "httpx", "httpcore"):
        # As the SDK does when GREENFLASH_LOG=debug is set.
        logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger(name).debug("Request options: %s", {"email": "ada@example.test"})
        logging.getLogger(name).info("HTTP Request: POST")
    assert written.text() == ""


def test_a_text_line_can_not_be_forged_from_a_topics_name() -> None:
    written = Written("text")
    written.logs.notice("topic_missing", topic="a\n2026-11-18T00:00:00Z ERROR forged\x1b[2J")
    assert [line for line in written.text().splitlines() if not line.startswith("    ")] == [
        line for line in written.text().splitlines() if " WARNING topic_missing " in line
    ]
    assert "\x1b" not in written.text()


def test_an_exceptions_lines_are_indented() -> None:
    written = Written("text")
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("library").exception("failed")
    lines = written.text().splitlines()
    assert "library" in lines[0]
    assert all(line.startswith("    ") for line in lines[1:])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written_to(stream: io.StringIO) -> str:
    logs = Logs(stream)
    logs.install()
    logs.notice("topic_missing", topic="a")
    logs.flush()
    return stream.getvalue()


def test_people_at_a_terminal_get_text_with_a_coloured_level_and_programs_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert " \x1b[33mWARNING\x1b[0m topic_missing topic=a\n" in written_to(Terminal())
    assert json.loads(written_to(io.StringIO()))["event"] == "topic_missing"
    monkeypatch.setenv("NO_COLOR", "1")
    assert " WARNING topic_missing topic=a\n" in written_to(Terminal())
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert json.loads(written_to(io.StringIO()))["event"] == "topic_missing", "colours are for texts"


def test_a_flood_of_one_kind_is_thinned_and_says_so_but_hides_nothing_else() -> None:
    written = Written()
    for number in range(1000):
        kafka_logger().error("%s [%s] %s", "FAIL", "rdkafka#consumer-1", f"connect {number} refused")
    kafka_logger().error("%s [%s] %s", "FATAL", "rdkafka#consumer-1", "fenced")
    assert len(written.lines()) == BURST + 1
    assert "fenced" in written.text()
    written.time += 60
    kafka_logger().error("%s [%s] %s", "FAIL", "rdkafka#consumer-1", "again")
    assert written.lines()[-1]["left_out"] == 1000 - BURST


def test_a_flood_of_ready_made_texts_is_thinned_too() -> None:
    written = Written()
    for number in range(1000):
        logging.getLogger("library").error(f"connect {number} refused")
    assert len(written.lines()) == BURST


def test_a_reader_that_stands_still_holds_nobody_up() -> None:
    reads = threading.Event()

    class Stuck(io.StringIO):
        def write(self, text: str) -> int:
            reads.wait(120)
            return super().write(text)

    stream = Stuck()
    logs = Logs(stream)
    logs.install()
    for number in range(LINES_HELD + 500):
        logs.notice(f"notice-{number}")
    reads.set()
    logs.flush(30)
    written = stream.getvalue().splitlines()
    assert LINES_HELD <= len(written) <= LINES_HELD + 1
    logs.notice("afterwards")
    logs.flush(30)
    after = json.loads(stream.getvalue().splitlines()[-1])
    assert after["lines_dropped"] == LINES_HELD + 500 - len(written)


def test_a_process_ends_though_a_write_of_its_log_never_returns() -> None:
    """At exit `logging` takes the lock of every handler."""
    code = (
        "import logging, sys, time\n"
        "from greenflash_kafka.instrumentation.logs import Logs\n"
        "class Stuck:\n"
        "    def write(self, text): print('stuck', flush=True); time.sleep(600)\n"
        "    def isatty(self): return False\n"
        "logs = Logs(Stuck())\n"
        "logs.install()\n"
        "logs.notice('topic_missing', topic='a')\n"
        "print(logs.flush(0.2), flush=True)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, sorted(done.stdout.split())) == (0, ["False", "stuck"]), done.stderr


def test_a_closed_stream_stops_nobody() -> None:
    written = Written()
    written.stream.close()
    written.logs.notice("topic_missing", topic="a")
    written.logs.flush()


def test_facts_that_are_no_json_are_written_as_text() -> None:
    written = Written()
    written.logs.notice(
        "topic_missing",
        topic={
            "a",
        },
        other=b"\xff",
    )
    assert len(written.lines()) == 1
