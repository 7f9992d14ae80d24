from __future__ import annotations

import json
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from greenflash_kafka.instrumentation.health import Health
from greenflash_kafka.instrumentation.http_server import CONNECTIONS
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.instrumentation.operator_server import OperatorServer
from greenflash_kafka.instrumentation.prometheus import Metrics
from tests.fakes.descriptors import no_descriptor_left


class Noting(Quiet):
    def __init__(self) -> None:
        self.heard: dict[str, dict[str, object]] = {}

    def notice(self, name: str, **facts: object) -> None:
        self.heard[name] = facts


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
def metrics(health: Health) -> Metrics:
    return Metrics(health)


@pytest.fixture
def address(metrics: Metrics, health: Health) -> Iterator[str]:
    server = OperatorServer("127.0.0.1", 0, metrics, health, Noting())
    server.start()
    assert server.address is not None
    yield server.address
    server.stop()


def get(url: str, method: str = "GET") -> tuple[int, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=60) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def test_metrics_are_served(address: str, metrics: Metrics) -> None:
    metrics.count("offset_commits", 5)
    status, text = get(f"{address}/metrics")
    assert status == 200
    assert "greenflash_kafka_offset_commits_total 5.0" in text
    assert "process_resident_memory_bytes" in text


def test_ready_says_why_not(address: str, health: Health) -> None:
    status, text = get(f"{address}/health/ready")
    assert status == 503
    assert [each["name"] for each in json.loads(text)["conditions"]] == ["starting"]
    health.notice("partitions_assigned", partitions=1, now=1)
    assert get(f"{address}/health/ready") == (200, '{"status": "ready", "conditions": []}\n')


def test_live(address: str) -> None:
    assert get(f"{address}/health/live") == (200, '{"status": "live"}\n')


def test_nothing_else_is_served(address: str) -> None:
    assert get(f"{address}/")[0] == 404
    assert get(f"{address}/metrics", "POST")[0] == 405


def test_a_client_that_says_nothing_keeps_nobody_waiting(address: str) -> None:
    host, _, port = address.removeprefix("http://").rpartition(":")
    with socket.create_connection((host, int(port))):
        assert get(f"{address}/health/live")[0] == 200


@pytest.mark.parametrize(("host", "port"), [("127.0.0.1", None), ("127.0.0.1", 99999), ("no such host", 0)])
def test_a_port_that_can_not_be_had_is_a_notice_not_an_end(
    host: str, port: int | None, metrics: Metrics, health: Health
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        noting = Noting()
        server = OperatorServer(host, taken.getsockname()[1] if port is None else port, metrics, health, noting)
        server.start()
        assert list(noting.heard) == ["http_unavailable"]
        assert server.address is None
        server.stop()


def test_ipv6_is_served_where_there_is_any(metrics: Metrics, health: Health) -> None:
    noting = Noting()
    server = OperatorServer("::1", 0, metrics, health, noting)
    server.start()
    try:
        if server.address is None:
            assert "http_unavailable" in noting.heard
        else:
            assert get(f"{server.address}/health/live")[0] == 200
    finally:
        server.stop()


def raw(address: str, request: bytes, seconds: float = 30) -> bytes:
    """Whatever comes back for these bytes until the other side has had enough."""
    host, _, port = address.removeprefix("http://").rpartition(":")
    answer = b""
    with socket.create_connection((host, int(port)), timeout=seconds) as connection:
        connection.sendall(request)
        while part := connection.recv(65536):
            answer += part
    return answer


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET /metrics HTTP/1.0\r\nHost: evil.example\r\n", b"421"),
        ("GET /metrics HTTP/1.0\r\nHost: 127.0.0.1.evil.example:9464\r\n", b"421"),
        ("GET /metrics HTTP/1.0\r\n", b"421"),
        ("GET /metrics HTTP/1.0\r\nHost: localhost:9464\r\n", b"200"),
        ("GET /metrics HTTP/1.0\r\nHost: localhost\r\nOrigin: https://evil.example\r\n", b"403"),
        ("GET /metrics HTTP/1.0\r\nHost: localhost\r\nSec-Fetch-Site: cross-site\r\n", b"403"),
        ("OPTIONS /metrics HTTP/1.0\r\nHost: localhost\r\n", b"405"),
        ("DELETE /metrics HTTP/1.0\r\nHost: localhost\r\n", b"405"),
        ("GET /../../../../etc/passwd HTTP/1.0\r\nHost: localhost\r\n", b"404"),
        ("GET /metrics/%2e%2e/%2e%2e/etc/passwd HTTP/1.0\r\nHost: localhost\r\n", b"404"),
        (f"GET /{'x' * 70_000} HTTP/1.0\r\nHost: localhost\r\n", b"414"),
        (f"GET /metrics HTTP/1.0\r\nHost: localhost\r\nX: {'x' * 70_000}\r\n", b"431"),
        ("GET /metrics HTTP/1.0\r\nHost: localhost\r\n" + "X: y\r\n" * 101, b"431"),
    ],
)
def test_who_may_ask_and_what(address: str, request_text: str, status: bytes) -> None:
    answer = raw(address, request_text.encode() + b"\r\n")
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert head.split(b" ")[1] == status
    assert b"access-control" not in head
    assert b"root:" not in answer
    if status not in (b"414", b"431"):
        assert b"x-content-type-options: nosniff" in head
        assert b"content-security-policy: default-src 'none'" in head


def test_on_every_address_any_name_may_ask(metrics: Metrics, health: Health) -> None:
    server = OperatorServer("0.0.0.0", 0, metrics, health, Noting())
    server.start()
    try:
        assert server.address is not None
        address = server.address.replace("0.0.0.0", "127.0.0.1")
        assert b" 200 " in raw(address, b"GET /health/live HTTP/1.0\r\nHost: consumer.cluster.local:9464\r\n\r\n")
    finally:
        server.stop()


def test_a_client_that_never_finishes_its_request_is_dropped(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("greenflash_kafka.instrumentation.http_server.TimedRequest.timeout", 0.5)
    assert raw(address, b"GET /metrics HTTP/1.1\r\nHost: loc") == b""


def test_health_and_metrics_answer_when_no_file_descriptor_is_left(address: str) -> None:
    place = urlsplit(address)
    asked = [(path, socket.socket()) for path in ("/health/live", "/health/ready", "/metrics") * 10]
    with no_descriptor_left():
        for path, client in asked:
            with client:
                client.settimeout(60)
                client.connect((place.hostname, place.port))
                client.sendall(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
                assert client.recv(12)[-3:] in (b"200", b"503")
                while client.recv(65536):
                    pass


def test_clients_that_only_connect_leave_room_again(address: str) -> None:
    place = urlsplit(address)
    idle = [socket.create_connection((place.hostname, place.port), 10) for _ in range(CONNECTIONS)]
    with socket.create_connection((place.hostname, place.port), 10) as one_more:
        assert one_more.recv(1) == b"", "hung up on"
    for each in idle:
        each.close()
    for _ in range(100):
        with socket.create_connection((place.hostname, place.port), 10) as client:
            client.sendall(b"GET /health/live HTTP/1.0\r\nHost: localhost\r\n\r\n")
            try:
                if client.recv(12)[-3:] == b"200":
                    return
            except ConnectionResetError:
                pass
        time.sleep(0.1)
    raise AssertionError("there was never room again")
