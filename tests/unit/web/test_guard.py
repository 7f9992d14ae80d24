"""Access control of everything that is served."""

from __future__ import annotations

import pytest

from greenflash_kafka.web.guard import Guard, host_name, is_loopback, security_headers


@pytest.mark.parametrize(
    "value", ["localhost", "localhost:8787", "127.0.0.1:1", "[::1]:8787", "[::1]", "LOCALHOST:8787"]
)
def test_loopback_names_are_taken_with_and_without_a_port(value: str) -> None:
    assert not Guard("127.0.0.1").refuses_host(value)


@pytest.mark.parametrize("value", ["evil.example", "evil.example:8787", "localhost.evil", "127.0.0.1.evil", ""])
def test_other_names_are_refused_on_loopback(value: str) -> None:
    assert Guard("127.0.0.1").refuses_host(value)
    assert Guard("localhost").refuses_host("")


def test_on_another_address_any_name_is_taken() -> None:
    assert not Guard("0.0.0.0").refuses_host("sandbox:8787")


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"origin": "http://localhost:8787"}, False),
        ({"origin": "http://localhost:8787", "sec-fetch-site": "same-origin"}, False),
        ({"sec-fetch-site": "none"}, False),
        ({"origin": "http://localhost:9999"}, True),
        ({"origin": "https://evil.example"}, True),
        ({"origin": "null"}, True),
        ({"sec-fetch-site": "cross-site"}, True),
        ({"sec-fetch-site": "same-site"}, True),
    ],
)
def test_pages_of_other_origins_are_refused(headers: dict[str, str], refused: bool) -> None:
    given = headers.get("origin"), headers.get("sec-fetch-site")
    assert Guard("127.0.0.1").refuses_origin("localhost:8787", *given) is refused


def test_nothing_may_be_stored_framed_or_read_by_others() -> None:
    assert "frame-ancestors 'none'" in security_headers()["Content-Security-Policy"]
    assert security_headers("default-src 'self'")["Content-Security-Policy"] == "default-src 'self'"
    assert security_headers()["Cache-Control"] == "no-store"


def test_names_and_loopback() -> None:
    assert [host_name(each) for each in ("a:1", "[::1]:2", "[::1]", "A", "a:b")] == ["a", "[::1]", "[::1]", "a", "a:b"]
    assert [
        is_loopback(each) for each in ("localhost", "127.8.9.1", "127.1", "::1", "[::1]", "0.0.0.0", "sandbox")
    ] == [
        True,
        True,
        True,
        True,
        True,
        False,
        False,
    ]
