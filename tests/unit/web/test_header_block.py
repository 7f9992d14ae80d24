from __future__ import annotations

from greenflash_kafka.web.header_block import HeaderBlock

LINES = [
    b"HTTP/1.1 103 Early Hints\r\n",
    b"Retry-After: 99\r\n",
    b"\r\n",
    b"HTTP/1.1 429 Slow Down\r\n",
    b"Retry-After: 1\r\n",
    b"X-Odd:\xe9 a: b \r\n",
    b"retry-after: 2\r\n",
    b"no header\r\n",
    b"\r\n",
]


def test_only_the_last_block_counts_with_lower_names_and_duplicates() -> None:
    block = HeaderBlock(LINES)
    assert list(block) == [("retry-after", "1"), ("x-odd", "\xe9 a: b"), ("retry-after", "2")]
    assert ("retry-after", "2") in block


def test_http_2_has_no_reason_phrase() -> None:
    assert list(HeaderBlock([b"HTTP/2 200 \r\n", b"a: b\r\n", b"\r\n"])) == [("a", "b")]


def test_no_lines_are_no_headers() -> None:
    assert list(HeaderBlock([])) == []
