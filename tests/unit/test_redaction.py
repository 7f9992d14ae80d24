from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.redaction import REDACTED, Redactor, visible

SECRET = 'sk-canary/4711+?&é"x\\y'


@pytest.mark.parametrize(
    "text",
    [
        f"Authorization: Bearer {SECRET}",
        json.dumps({"key": SECRET}),
        json.dumps({"key": SECRET}, ensure_ascii=False),
        json.dumps(json.dumps({"key": SECRET})),
        repr({"key": SECRET}),
        repr(SECRET.encode().hex()),
        SECRET.encode().hex().upper(),
        "https://host/?key=" + quote(SECRET, safe=""),
        "https://host/?key=" + quote(SECRET, safe="").lower(),
        "Location: https://host/" + quote(SECRET),
        "Basic " + base64.b64encode(f"user:{SECRET}".encode()).decode(),
        "Basic " + base64.b64encode(f"users:{SECRET}:more".encode()).decode(),
        "Basic " + base64.urlsafe_b64encode(f"user1:{SECRET}".encode()).decode(),
    ],
)
def test_a_secret_is_replaced_in_every_form(text: str) -> None:
    shown = Redactor([SECRET])(text)
    assert REDACTED in shown
    assert "canary" not in shown
    assert b"canary".hex() not in shown.lower()
    assert base64.b64encode(b"canary").decode()[1:-4] not in shown


@given(st.text(min_size=4), st.binary(max_size=8), st.binary(max_size=8))
def test_base64_around_a_secret_gives_nothing_of_its_core_away(secret: str, before: bytes, after: bytes) -> None:
    try:
        raw = secret.strip().encode()
    except UnicodeEncodeError:
        return
    if len(secret.strip()) < 4:
        return
    text = base64.b64encode(before + raw + after).decode()
    shown = Redactor([secret])(text)
    # At the seams a character may hold bits of both sides; everything between them is gone.
    assert REDACTED in shown


def test_a_secret_learned_later_is_replaced_too() -> None:
    redactor = Redactor(["first-key"])
    redactor.add("second-key\n")
    assert redactor("first-key second-key") == f"{REDACTED} {REDACTED}"


def test_what_is_no_secret_stays() -> None:
    assert Redactor(["", "a", "\n"])("a banana") == "a banana"
    assert Redactor()("text") == "text"


def test_the_longer_of_two_secrets_wins() -> None:
    assert Redactor(["abcd", "abcd-efgh"])("abcd-efgh") == REDACTED


@pytest.mark.parametrize("mark", ["\n", "\r", "\x1b", "\x00", "\x7f", "\x9b", "\u2028", "\u202e"])
def test_control_characters_are_shown_not_done(mark: str) -> None:
    shown = visible(f"a{mark}b")
    assert mark not in shown
    assert shown.startswith("a\\")
    assert shown.endswith("b")


def test_ordinary_text_is_left_alone() -> None:
    assert visible("Grüße, 世界 🙂 €") == "Grüße, 世界 🙂 €"
