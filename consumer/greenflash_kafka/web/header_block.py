"""The headers of a response, parsed on access: those of an accepted event are never needed."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


class HeaderBlock(msgspec.Struct, frozen=True, gc=False):
    """The last header block of raw header lines, as `ports.Reply.headers` wants it.

    `lines` are all that came, status lines included: those of 1xx answers and of a proxy stand before the
    answer's own. Names are in lower case, duplicates kept, lines that are no header left out.
    """

    lines: list[bytes]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        headers: list[tuple[str, str]] = []
        for line in self.lines:
            if line.startswith(b"HTTP/"):
                headers.clear()
                continue
            name, colon, value = line.partition(b":")
            if colon:
                headers.append((name.strip().decode("latin-1").lower(), value.strip().decode("latin-1")))
        return iter(headers)
