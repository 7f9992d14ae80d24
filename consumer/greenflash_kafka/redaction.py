"""Redaction of secrets in all output, and escapes for control characters."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, quote_plus

REDACTED = "[redacted]"

SHORTEST = 4
"""Secrets shorter than this aren't redacted: replacing a single letter everywhere would make the log unreadable."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""C0, DEL, C1 (terminals act on them), line separators, and the marks that turn the direction of text."""

_ESCAPE = re.compile("%[0-9A-F]{2}")


class Redactor:
    """Replaces every known secret, as it is and in its base64, hexadecimal, URL, JSON and Python forms.

    It works on the finished text, after formatting, so that no field, exception or library gets around it.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        for secret in secrets:
            self.add(secret)

    def add(self, secret: str) -> None:
        """Add one more secret, such as a key that was read again from its file."""
        secret = secret.strip()
        if len(secret) < SHORTEST:
            return
        self._forms.update(_forms(secret))
        longest_first = sorted(self._forms, key=len, reverse=True)
        self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def __call__(self, text: str) -> str:
        """The text without secrets."""
        return text if self._pattern is None else self._pattern.sub(REDACTED, text)


def visible(text: str) -> str:
    """The text on one line, with control characters as escapes: topic names and keys are whatever someone produced.

    The escapes are JSON's, so that a line of JSON stays what it is.
    """
    return _CONTROL.sub(lambda found: json.dumps(found[0])[1:-1] if found[0] != "\x7f" else "\\u007f", text)


def visible_lines(text: str) -> str:
    """The same for each line of a text that is made of lines."""
    return "\n".join(visible(line) for line in text.split("\n"))


def _forms(secret: str) -> Iterator[str]:
    yield secret
    yield json.dumps(secret)[1:-1]
    yield json.dumps(secret, ensure_ascii=False)[1:-1]
    yield visible(secret)
    yield json.dumps(json.dumps(secret)[1:-1])[1:-1]  # JSON inside JSON, as a log line that quotes an answer
    yield repr(secret)[1:-1]
    for escaped in (quote(secret, safe=""), quote(secret), quote_plus(secret)):
        yield escaped
        yield _ESCAPE.sub(lambda found: found[0].lower(), escaped)
    raw = secret.encode()
    yield raw.hex()
    yield raw.hex().upper()
    for shift in range(3):
        # In the middle of something longer ("user:secret") its base64 depends on where it begins, modulo 3. What is
        # looked for are the characters that only the secret decides.
        encoded = base64.b64encode(bytes(shift) + raw).decode()
        first, beyond = -(-shift * 8 // 6), (shift + len(raw)) * 8 // 6
        core = encoded[first:beyond]
        if len(core) >= SHORTEST:
            yield core
            yield core.replace("+", "-").replace("/", "_")
