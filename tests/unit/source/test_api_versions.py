"""A broker's answer about its request versions, over plain TCP and TLS, and when no broker can be asked."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.source.api_versions import api_versions, ask_group_protocol
from tests.brokers.authority import Authority

CLASSIC_ONLY = {0: (3, 10), 18: (0, 4)}

Start = Callable[..., str]


def broker(listening: socket.socket, versions: Mapping[int, tuple[int, int]], tls: ssl.SSLContext | None) -> None:
    """Answer one ApiVersions request of version 0, in small pieces."""
    with ExitStack() as stack:
        connection = stack.enter_context(listening.accept()[0])
        if tls is not None:
            try:
                connection = stack.enter_context(tls.wrap_socket(connection, server_side=True))
            except (ssl.SSLError, OSError):
                return
        (size,) = struct.unpack(">i", connection.recv(4))
        key, version, correlation, named = struct.unpack_from(">hhih", connection.recv(size))
        assert (key, version, named) == (18, 0, 16)
        rows = b"".join(struct.pack(">hhh", each, *between) for each, between in versions.items())
        body = struct.pack(">ihi", correlation, 0, len(versions)) + rows
        answer = struct.pack(">i", len(body)) + body
        for at in range(0, len(answer), 5):
            connection.sendall(answer[at : at + 5])


@pytest.fixture
def start() -> Iterator[Start]:
    """Start a broker that knows these requests, for one connection; its address."""
    with ExitStack() as stack:

        def started(versions: Mapping[int, tuple[int, int]], tls: ssl.SSLContext | None = None) -> str:
            listening = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            threading.Thread(target=broker, args=(listening, versions, tls), daemon=True).start()
            return f"127.0.0.1:{listening.getsockname()[1]}"

        yield started


def test_a_broker_of_before_4_0_is_refused_with_the_key_to_set(start: Start) -> None:
    asked = ask_group_protocol({"bootstrap.servers": f"127.0.0.1:1,{start(CLASSIC_ONLY)}"}, 20)
    with pytest.raises(ConfigInvalid, match=r"no ConsumerGroupHeartbeat.*kafka.group_protocol: classic"):
        asked.require()
    assert asked.known() is False


def test_the_preview_of_3_7_to_3_9_is_not_what_the_client_speaks(start: Start) -> None:
    with pytest.raises(ConfigInvalid, match="in versions 0 to 0, not 1"):
        ask_group_protocol({"bootstrap.servers": start({68: (0, 0)})}, 20).require()


def test_a_broker_of_4_0_is_taken(start: Start) -> None:
    asked = ask_group_protocol({"bootstrap.servers": start({68: (0, 1)}), "security.protocol": "sasl_plaintext"}, 20)
    asked.require()
    assert asked.known() is True


def test_nobody_who_answers_is_no_reason_to_end() -> None:
    asked = ask_group_protocol({"bootstrap.servers": "127.0.0.1:1"}, 5)
    asked.require()
    assert asked.known() is None


def test_over_tls_by_the_authority_that_the_properties_name(start: Start, tmp_path: Path) -> None:
    ours, others = Authority(tmp_path / "ours"), Authority(tmp_path / "others")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(ours.server("127.0.0.1"))
    tls.load_verify_locations(ours.ca_file)
    tls.verify_mode = ssl.CERT_REQUIRED
    certificate, key = ours.client("reader", "secret")
    settings = {
        "security.protocol": "sasl_ssl",
        "ssl.ca.location": str(ours.ca_file),
        "ssl.certificate.location": str(certificate),
        "ssl.key.location": str(key),
        "ssl.key.password": "secret",
    }
    assert api_versions({**settings, "bootstrap.servers": start(CLASSIC_ONLY, tls)}, 20) == CLASSIC_ONLY
    wrong = {**settings, "ssl.ca.location": str(others.ca_file)}
    assert api_versions({**wrong, "bootstrap.servers": start(CLASSIC_ONLY, tls)}, 20) is None
    assert api_versions({**settings, "ssl.keystore.location": "k.p12", "bootstrap.servers": "127.0.0.1:1"}, 20) is None
