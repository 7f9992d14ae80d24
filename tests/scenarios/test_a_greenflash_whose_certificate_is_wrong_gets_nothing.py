"""Expired, for another host, of an unknown authority: named, nothing sent; with a good one it goes on by itself."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.brokers.authority import Authority
from tests.fakes.raw_server import STORED, Exchange, RawServer, answer


def _as_greenflash(exchange: Exchange) -> None:
    exchange.send(answer(200, b"[]" if exchange.request.method == "GET" else STORED))


@pytest.mark.parametrize("transport", ["curl", "sdk"])
@pytest.mark.parametrize("wrong", ["expired", "another host", "unknown authority"])
def test_it_gets_nothing_until_its_certificate_is_right(
    wrong: str, transport: str, deployment: Any, tmp_path: Path, until: Callable[..., None]
) -> None:
    trusted, unknown = Authority(tmp_path / "trusted"), Authority(tmp_path / "unknown")
    certificate, words = {
        "expired": (trusted.server("127.0.0.1", expired=True), "expired"),
        "another host": (trusted.server("greenflash.test"), "127.0.0.1"),
        "unknown authority": (unknown.server("127.0.0.1"), "local issuer"),
    }[wrong]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = RawServer(_as_greenflash, tls=context)
    given = {
        "GREENFLASH_BASE_URL": server.base_url("https"),
        "GREENFLASH_KAFKA_GREENFLASH__CA_FILE": str(trusted.ca_file),
        "GREENFLASH_KAFKA_DELIVERY__TRANSPORT": transport,
    }
    try:
        deployment.topics(1)
        deployment.kafka.produce(deployment.topic, deployment.orders(3))
        doctor, process = deployment.start("doctor", **given), deployment.run("--json", **given)
        process.until('"event": "delivery_paused"')
        for notice in ("key_unchecked", "delivery_paused"):
            (line,) = (each for each in process.said().splitlines() if f'"event": "{notice}"' in each)
            assert words in line
        assert doctor.wait() == 1
        assert words in doctor.process.stdout.read()
        assert server.received == []

        context.load_cert_chain(trusted.server("127.0.0.1", file="good.pem"))
        until(lambda: sum(each.method == "POST" for each in list(server.received)) >= 3, "the events")
        assert process.stop() == 0
        assert (summary := process.summary())["accepted"] == 3
        assert summary["lag"] == 0
    finally:
        server.close()
