from __future__ import annotations

import os

from consumer.workers.lines import LONGEST, Lines


class Pipe:
    def __init__(self) -> None:
        reading, self.end = os.pipe()
        self.seen: list[str] = []
        self.lines = Lines(reading, self.seen.append)


def test_only_whole_lines_are_handed_on() -> None:
    pipe = Pipe()
    os.write(pipe.end, b"one\ntw")
    assert pipe.lines.read()
    assert pipe.seen == ["one"]
    os.write(pipe.end, b"o\nthree\nvi")
    assert pipe.lines.read()
    assert pipe.seen == ["one", "two\nthree"]
    os.write(pipe.end, b"\xff\n")
    pipe.lines.read()
    assert pipe.seen[-1] == "vi\N{REPLACEMENT CHARACTER}"


def test_the_end_is_noticed_and_last_words_without_a_line_break_are_kept() -> None:
    pipe = Pipe()
    os.write(pipe.end, b"Fatal Python error")
    assert pipe.lines.read()
    os.close(pipe.end)
    assert not pipe.lines.read()
    assert pipe.seen == []
    pipe.lines.close()
    assert pipe.seen == ["Fatal Python error"]


def test_a_line_without_end_fills_no_memory() -> None:
    pipe = Pipe()
    os.set_blocking(pipe.end, False)
    written = 0
    while written < 3 * LONGEST:
        written += os.write(pipe.end, b"x" * 60_000)
        pipe.lines.read()
    assert sum(map(len, pipe.seen)) >= 2 * LONGEST
    assert max(map(len, pipe.seen)) < LONGEST + 70_000
