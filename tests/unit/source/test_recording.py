"""Recordings: what was written is read again, byte for byte."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.errors import RecordingInvalid
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import RecordedHistory, RecordingHeader, RecordingWriter
from greenflash_kafka.source.window import Window

HEADER = RecordingHeader(1, "cluster-1", {"t": "topic-id"}, (OffsetRange("t", 0, 3, 9),))
BYTES = st.none() | st.binary(max_size=12) | st.text(max_size=6).map(lambda text: text.encode("utf-8", "replace"))
MESSAGES = st.builds(
    Message,
    st.sampled_from(["t", "u"]),
    st.integers(0, 2),
    st.integers(0, 1 << 62),
    st.integers(-1, 1 << 50),
    BYTES,
    BYTES,
    st.lists(st.tuples(st.text("abc", max_size=3), BYTES), max_size=3).map(tuple),
    st.sampled_from(["create", "append", "none"]),
)


def _write(path: Path, messages: list[Message]) -> None:
    path.unlink(missing_ok=True)
    writer = RecordingWriter(path, HEADER)
    writer.write(messages)
    writer.close()


def _read(history: RecordedHistory) -> list[Message]:
    found: list[Message] = []
    while not history.done:
        found += history.take(2, 0)
    history.close()
    return found


@given(st.lists(MESSAGES, max_size=5))
def test_messages_come_back_as_they_were(tmp_path_factory: pytest.TempPathFactory, messages: list[Message]) -> None:
    path = tmp_path_factory.getbasetemp() / "round.ndjson"
    _write(path, messages)
    history = RecordedHistory(path)
    assert history.header == HEADER
    assert _read(history) == messages


def test_it_is_for_its_owner_alone_and_never_replaces_a_file(tmp_path: Path) -> None:
    path = tmp_path / "recorded.ndjson"
    _write(path, [])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        RecordingWriter(path, HEADER)


def test_topics_times_and_the_last_of_each_partition(tmp_path: Path) -> None:
    path = tmp_path / "recorded.ndjson"
    messages = [Message(topic, number % 2, number, 1000 + number) for topic in ("t", "u") for number in range(10)]
    _write(path, messages)
    assert {each.topic for each in _read(RecordedHistory(path, "u".__eq__))} == {"u"}
    timed = _read(RecordedHistory(path, "t".__eq__, Window(since_ms=1003, until_ms=1006)))
    assert [each.offset for each in timed] == [3, 4, 5]
    last = _read(RecordedHistory(path, "t".__eq__, Window(last=2)))
    assert [each.offset for each in last] == [6, 7, 8, 9]


@pytest.mark.parametrize("content", [b"", b"{}\n", b'{"type": "paid"}\n', b"\xff\xfe", b'{"recording": 2}\n'])
def test_another_file_is_refused_with_its_line(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(content)
    with pytest.raises(RecordingInvalid, match=r"other\.json:1"):
        RecordedHistory(path)


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "recorded.ndjson"
    _write(path, [Message("t", 0, 1), Message("t", 0, 2)])
    path.write_bytes(path.read_bytes().partition(b'{"end"')[0][:-9])
    with pytest.raises(RecordingInvalid, match=r"recorded\.ndjson:3"):
        _read(RecordedHistory(path))


def test_a_recording_that_was_cut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "recorded.ndjson"
    _write(path, [Message("t", 0, 1), Message("t", 0, 2)])
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    with pytest.raises(RecordingInvalid, match="the recording is cut"):
        _read(RecordedHistory(path))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RecordingInvalid, match="No such file"):
        RecordedHistory(tmp_path / "nothing.ndjson")
