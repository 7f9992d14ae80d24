"""The headers of a response, parsed on access: those of an accepted event are never needed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import overload


class HeaderBlock(Sequence[tuple[str, str]]):
    """The last header block of raw header lines, as `ports.Reply.headers` wants it.

    `lines` are all that came, status lines included: those of 1xx answers and of a proxy stand before the
    answer's own. Names are in lower case, duplicates kept, lines that are no header left out.
    """

    __slots__ = ("_headers", "_lines")

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = lines
        self._headers: list[tuple[str, str]] | None = None

    def _parsed(self) -> list[tuple[str, str]]:
        headers = self._headers
        if headers is None:
            headers = []
            for line in self._lines:
                if line.startswith(b"HTTP/"):
                    headers.clear()
                    continue
                name, colon, value = line.partition(b":")
                if colon:
                    headers.append((name.strip().decode("latin-1").lower(), value.strip().decode("latin-1")))
            self._headers = headers
        return headers

    @overload
    def __getitem__(self, index: int) -> tuple[str, str]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[str, str]]: ...
    def __getitem__(self, index: int | slice) -> tuple[str, str] | list[tuple[str, str]]:
        return self._parsed()[index]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._parsed())

    def __len__(self) -> int:
        return len(self._parsed())

    def __repr__(self) -> str:
        return repr(self._parsed())
