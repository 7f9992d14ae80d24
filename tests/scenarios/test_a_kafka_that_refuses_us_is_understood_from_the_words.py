"""Wrong passwords, certificates, ports and rights: `run` and `doctor` end soon, say what to do, and show no secret."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import ResourceType

from tests.brokers.authority import Authority
from tests.brokers.secured import SecuredBroker
from tests.scenarios.secured import KEY_PASSWORD, MTLS, OAUTH, SCRAM, SECRET, Way

WRONG = "wrong-password-canary"
AUTHORITY = "must be in ssl.ca.location"
CERTIFICATE = "refuses this client's certificate"


def _wrong_password(way: Way) -> None:
    way.variables["KAFKA_PASSWORD"] = WRONG


def _unknown_authority(way: Way) -> None:
    way.ca_file.write_bytes(Authority(way.ca_file.parent / "other").ca_file.read_bytes())


def _expired_certificate(way: Way) -> None:
    way.present(*way.broker.authority.client(way.user, KEY_PASSWORD, expired=True))


def _unknown_certificate(way: Way) -> None:
    way.present(*Authority(way.ca_file.parent / "other").client(way.user, KEY_PASSWORD))


def _wrong_secret(way: Way) -> None:
    way.variables["KAFKA_CLIENT_SECRET"] = WRONG


def _untrusted_token_service(way: Way) -> None:
    (way.ca_file.parent / "login-ca.pem").write_bytes(Authority(way.ca_file.parent / "other").ca_file.read_bytes())


def _no_tls(way: Way) -> None:
    way.file.write_text(way.file.read_text().replace("sasl_ssl", "sasl_plaintext"))


def _wrong_host(way: Way) -> None:
    way.listener = "WRONGHOST"


def _expired_broker(way: Way) -> None:
    way.listener = "EXPIRED"


@pytest.mark.parametrize(
    ("name", "spoil", "words"),
    [
        (SCRAM, _wrong_password, ["invalid credentials", "sasl.password"]),
        ("PLAIN", _wrong_password, ["Invalid username or password", "sasl.password"]),
        (OAUTH, _wrong_secret, ["invalid_client", "kafka.oauth_token_url"]),
        (OAUTH, _untrusted_token_service, ["unable to get local issuer certificate", "https.ca.location"]),
        (MTLS, _expired_certificate, ["certificate unknown", CERTIFICATE]),
        (MTLS, _unknown_certificate, ["bad certificate", CERTIFICATE]),
        (SCRAM, _unknown_authority, ["certificate verify failed", AUTHORITY]),
        (SCRAM, _wrong_host, ["certificate verify failed", "host name in kafka.bootstrap_servers"]),
        (SCRAM, _expired_broker, ["certificate verify failed", "must not have expired"]),
        (SCRAM, _no_tls, ["if the port expects TLS"]),
    ],
)
def test_a_refusal_at_start(
    name: str,
    spoil: Callable[[Way], None],
    words: list[str],
    secured: Any,
    secured_broker: SecuredBroker,
    tmp_path: Path,
) -> None:
    secured.topics(1)
    way = Way(secured_broker, name, tmp_path)
    spoil(way)
    doctor, run = secured.start("doctor", "--json", **way.environ()), secured.run(**way.environ())
    assert (doctor.wait(), run.wait()) == (1, 1)
    found = doctor.process.stdout.read()
    (failed,) = [each for each in json.loads(found) if each["status"] == "failed"]
    for each in words:
        assert each in run.said().replace("\n", " ")
        assert each in failed["said"] + failed["todo"]
    for secret in (WRONG, SECRET, KEY_PASSWORD, secured_broker.plain_password):
        assert secret not in run.said() + doctor.said() + found


@pytest.mark.parametrize("missing", ["topic", "topic, hidden", "group", "group, seen", "dead letters, hidden"])
def test_a_missing_right_at_start(missing: str, secured: Any, secured_broker: SecuredBroker, tmp_path: Path) -> None:
    secured.topics(1)
    way = Way(secured_broker, SCRAM, tmp_path)
    secured_broker.allow(
        way.user,
        read=[] if "topic" in missing else [secured.topic],
        write=[] if "dead letters" in missing else [secured.dead_letters],
        group="" if "group" in missing else secured.group,
    )
    # A topic that may not be described is left out of the list of all topics, as if it didn't exist.
    for topic in (secured.topic, secured.dead_letters) if "hidden" not in missing else ():
        secured_broker.describe(way.user, ResourceType.TOPIC, topic)
    if "seen" in missing:
        # Whoever may only see a group learns it from joining; a group that is there tells doctor too.
        secured.kafka.commit(secured.group, secured.topic, {0: 0})
        secured_broker.describe(way.user, ResourceType.GROUP, secured.group)
    doctor, run = secured.start("doctor", "--json", **way.environ()), secured.run(**way.environ())
    assert (doctor.wait(), run.wait()) == (1, 1)
    (failed,) = [each for each in json.loads(doctor.process.stdout.read()) if each["status"] == "failed"]
    wanted = {
        "topic": f"--operation Read --topic {secured.topic}",
        "topic, hidden": f"--operation Read --topic {secured.topic}",
        "dead letters, hidden": f"--operation Write --topic {secured.dead_letters}",
    }.get(missing, "--operation Read --group")
    assert wanted in run.said()
    assert wanted in failed["todo"]


def test_rights_and_passwords_taken_away_while_running_are_waited_for(
    secured: Any, secured_broker: SecuredBroker, tmp_path: Path, until: Callable[..., None]
) -> None:
    secured.topics(1)
    way = Way(secured_broker, SCRAM, tmp_path, listener="REAUTH")
    secured_broker.allow(way.user, read=[secured.topic], write=[secured.dead_letters], group=secured.group)
    process = secured.run("--json", **way.environ())
    secured.kafka.produce(secured.topic, secured.orders(5))
    until(lambda: len(secured.stored()) == 5, "the first events")

    secured_broker.disallow(way.user, ResourceType.TOPIC, secured.dead_letters)
    secured.kafka.produce(secured.topic, [b"nobody can read this"])
    process.until('"event": "dead_letters_failing"')
    secured_broker.allow(way.user, write=[secured.dead_letters])
    until(lambda: len(secured.kafka.read(secured.dead_letters)) == 1, "the dead letter")

    secured_broker.forget(way.user)
    process.until('"event": "kafka_refused"')
    secured.kafka.produce(secured.topic, secured.orders(5, first=5))
    secured_broker.scram(way.user, password=way.variables["KAFKA_PASSWORD"])
    until(lambda: len(secured.stored()) == 10, "the events after the password came back")
    assert process.stop() == 0
    assert process.summary()["lag"] == 0
    assert way.variables["KAFKA_PASSWORD"] not in process.said()
