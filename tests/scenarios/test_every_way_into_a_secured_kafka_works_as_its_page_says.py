"""Each snippet of docs/security.md, as it stands there, consumes, sends, writes dead letters and commits."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.brokers.secured import REAUTH_SECONDS, SecuredBroker
from tests.scenarios.secured import OAUTH, SCRAM, WAYS, Way

TOKEN_SECONDS = 6.0
"""So soon new ones must be fetched; a busy machine gets a client in with one before it expires."""


@pytest.mark.parametrize("name", list(WAYS))
def test_every_way_in(name: str, secured: Any, secured_broker: SecuredBroker, tmp_path: Path) -> None:
    secured.topics(2)
    secured.kafka.produce(secured.topic, [*secured.orders(40), b"nobody can read this"])
    way = Way(secured_broker, name, tmp_path)
    secured_broker.allow(way.user, read=[secured.topic], write=[secured.dead_letters], group=secured.group)

    doctor = secured.start("doctor", "--json", **way.environ())
    summary = secured.run_until_idle(0.5, **way.environ())
    assert doctor.wait() == 0
    checks = json.loads(doctor.process.stdout.read())
    assert {each["name"]: each["said"] for each in checks if each["status"] != "ok"} == {}

    assert (summary["accepted"], summary["dead_lettered"], summary["lag"]) == (40, 1, 0)
    assert len(secured.stored()) == 40
    assert secured.kafka.lag(secured.group, secured.topic) == 0
    (dead_letter,) = secured.kafka.read(secured.dead_letters)
    assert dead_letter.value == b"nobody can read this"


@pytest.mark.parametrize("name", [SCRAM, OAUTH])
def test_who_must_authenticate_again_and_again_does_so_unnoticed(
    name: str, secured: Any, secured_broker: SecuredBroker, tmp_path: Path, until: Callable[..., None]
) -> None:
    secured.topics(1)
    way = Way(secured_broker, name, tmp_path, listener="REAUTH")
    secured_broker.allow(way.user, read=[secured.topic], write=[secured.dead_letters], group=secured.group)
    tokens = secured_broker.tokens
    tokens.seconds = TOKEN_SECONDS
    try:
        process = secured.run("--json", **way.environ())
        process.until("partitions_assigned")
        asked, sent = tokens.asked, 0
        while sent < 4 or (name == OAUTH and tokens.asked < asked + 3):
            secured.kafka.produce(secured.topic, secured.orders(1, first=sent))
            sent += 1
            until(lambda: len(secured.stored()) == sent, "the event")  # noqa: B023
            time.sleep(REAUTH_SECONDS * 0.6)  # sessions end by the clock; there is nothing to poll for
        assert process.stop() == 0
        summary = process.summary()
    finally:
        tokens.seconds = 300
    assert (summary["accepted"], summary["lag"]) == (sent, 0)
    if name == SCRAM:
        # A token may expire on its way to the broker; what counts is that the next one is fetched and the run goes on.
        assert "kafka_refused" not in process.said()


def test_the_demo_finds_its_way_by_the_same_properties(
    secured: Any, secured_broker: SecuredBroker, tmp_path: Path
) -> None:
    way = Way(secured_broker, SCRAM, tmp_path)
    secured_broker.allow_everything(way.user)
    given = {"SECURITY_PROTOCOL": "sasl_ssl", "SSL_CA_LOCATION": str(way.ca_file), "SASL_MECHANISM": "SCRAM-SHA-512"}
    given |= {"SASL_USERNAME": way.user, "SASL_PASSWORD": way.variables["KAFKA_PASSWORD"]}
    variables = {f"GREENFLASH_KAFKA_KAFKA__PROPERTIES__{key}": value for key, value in given.items()}
    servers = secured_broker.servers("SASL")
    demo = secured.start("demo", "--events", "200", "--json", **variables, KAFKA_BOOTSTRAP_SERVERS=servers)
    assert demo.wait() == 0, demo.said()
    assert (summary := demo.summary())["produced"] == 200
    assert summary["lag"] == 0
    assert way.variables["KAFKA_PASSWORD"] not in demo.said()
