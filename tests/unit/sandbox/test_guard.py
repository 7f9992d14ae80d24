"""Access control of the sandbox."""

from __future__ import annotations

import pytest

from greenflash_kafka.sandbox.guard import Guard, host_name, is_loopback


@pytest.mark.parametrize(
    "value", ["localhost", "localhost:8787", "127.0.0.1:1", "[::1]:8787", "[::1]", "LOCALHOST:8787"]
)
def test_loopback_names_are_taken_with_and_without_a_port(value: str) -> None:
    guard = Guard("127.0.0.1")
    assert not guard.refuses_host([(b"host", value.encode())])
    assert not guard.refuses_host([(b"host", value.encode())])


@pytest.mark.parametrize("value", ["evil.example", "evil.example:8787", "localhost.evil", "127.0.0.1.evil", ""])
def test_other_names_are_refused_on_loopback(value: str) -> None:
    assert Guard("127.0.0.1").refuses_host([(b"host", value.encode())])
    assert Guard("localhost").refuses_host([])


def test_on_another_address_any_name_is_taken() -> None:
    assert not Guard("0.0.0.0").refuses_host([(b"host", b"sandbox:8787")])


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
    given = [(b"host", b"localhost:8787"), *((name.encode(), value.encode()) for name, value in headers.items())]
    assert Guard("127.0.0.1").refuses_origin(given) is refused


def test_names_and_loopback() -> None:
    assert [host_name(each) for each in ("a:1", "[::1]:2", "[::1]", "A", "a:b")] == ["a", "[::1]", "[::1]", "a", "a:b"]
    assert [is_loopback(each) for each in ("localhost", "127.8.9.1", "::1", "[::1]", "0.0.0.0", "sandbox")] == [
        True,
        True,
        True,
        True,
        False,
        False,
    ]
