"""Access to the sandbox's page and controls, tested byte by byte."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from greenflash_kafka.sandbox.in_thread import running_sandbox
from greenflash_kafka.sandbox.running import Sandbox


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(api_key="door-key") as running:
        yield running


def raw(sandbox: Sandbox, request: str) -> bytes:
    host, _, port = sandbox.url.removeprefix("http://").rpartition(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=120) as connection:
        connection.sendall(request.encode() + b"Connection: close\r\n\r\n")
        while part := connection.recv(65536):
            answer += part
    return answer


LOCAL = "HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        (f"GET / {LOCAL}", b"200"),
        ("GET / HTTP/1.1\r\nHost: evil.example\r\n", b"421"),
        ("GET /_sandbox/events HTTP/1.1\r\nHost: evil.example\r\n", b"421"),
        ("POST /api/v1/events HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 0\r\n", b"421"),
        (f"POST /_sandbox/reset {LOCAL}Origin: https://evil.example\r\nContent-Length: 0\r\n", b"403"),
        (f"POST /_sandbox/key {LOCAL}Origin: null\r\nContent-Length: 0\r\n", b"403"),
        (f"GET /_sandbox/events {LOCAL}Sec-Fetch-Site: cross-site\r\n", b"403"),
        (f"GET /_sandbox/reset {LOCAL}", b"405"),
        (f"DELETE /_sandbox/events {LOCAL}", b"405"),
        (f"OPTIONS / {LOCAL}", b"405"),
        (f"GET /../../../etc/passwd {LOCAL}", b"404"),
        (f"GET /%2e%2e/%2e%2e/etc/passwd {LOCAL}", b"404"),
        (f"GET /page.css/../../serve.py {LOCAL}", b"404"),
    ],
)
def test_who_may_ask_and_what(sandbox: Sandbox, request_text: str, status: bytes) -> None:
    answer = raw(sandbox, request_text)
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert head.split(b" ")[1] == status
    assert b"access-control" not in head
    assert b"root:" not in answer
    assert b"door-key" not in answer
    if status == b"200":
        assert b"x-content-type-options: nosniff" in head
        assert b"content-security-policy: default-src 'none'" in head
