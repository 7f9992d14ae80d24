"""Errors of the Kafka client in words: reasons and what to do about them, and never a secret."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.source.client_errors import ConnectionDiagnosis, group_refused, redactor_for, settings_refused
from greenflash_kafka.source.properties import ClientSettings

SECURED = {"security.protocol": "SASL_SSL", "sasl.username": "shop", "sasl.password": "hunter2"}


def trouble(code: int, text: str, properties: dict[str, str] = SECURED) -> ConnectionDiagnosis:
    made = ConnectionDiagnosis(properties)
    made.note(KafkaError(code, text))
    return made


@pytest.mark.parametrize(
    ("code", "text", "advice"),
    [
        (KafkaError._SSL, "ssl://b:9093: SSL handshake failed: certificate verify failed", "ssl.ca.location"),
        (KafkaError._SSL, "sslv3 alert bad certificate", "ssl.certificate.location"),
        (KafkaError._TRANSPORT, "connecting to a PLAINTEXT broker listener?", "security.protocol"),
        (KafkaError._AUTHENTICATION, "Failed to acquire SASL OAUTHBEARER token: 401", "kafka.oauth_token_url"),
        (KafkaError._AUTHENTICATION, "SASL authentication error: bad credentials", "sasl.password"),
        (KafkaError.SASL_AUTHENTICATION_FAILED, "no", "sasl.username"),
    ],
)
def test_who_does_not_let_us_in_is_told_with_what_to_check(code: int, text: str, advice: str) -> None:
    found = trouble(code, text)
    assert found.refused, "waiting longer is of no use"
    said, todo = found.words("no broker answered")
    assert text in said
    assert advice in todo


def test_nobody_there_is_no_refusal() -> None:
    found = trouble(KafkaError._TRANSPORT, "Connect to ipv4#127.0.0.1:1 failed: Connection refused")
    assert not found.refused
    said, todo = found.words("no broker answered")
    assert "Connection refused" in said
    assert "kafka.bootstrap_servers" in todo


def test_silence_is_told_in_the_callers_words_and_what_to_check_differs_by_what_the_client_speaks() -> None:
    todos = set()
    for protocol in ("plaintext", "SASL_PLAINTEXT", "SSL"):
        silent = ConnectionDiagnosis({"security.protocol": protocol})
        # "All brokers down" says nothing beyond what was said before.
        silent.note(KafkaError(KafkaError._ALL_BROKERS_DOWN, "1/1 brokers are down"))
        assert not silent.refused
        said, todo = silent.words("no broker answered")
        assert said == "no broker answered"
        assert "kafka.bootstrap_servers" in todo
        assert "TLS" in todo
        todos.add(todo)
    assert len(todos) == 2


def test_the_last_words_count_and_hold_no_secret_and_no_control_character() -> None:
    found = trouble(KafkaError._SSL, "certificate verify failed")
    found.note(KafkaError(KafkaError._AUTHENTICATION, "shop/hunter2 \x1b[2J is wrong"))
    said, _ = found.words("-")
    assert "certificate" not in said
    assert "hunter2" not in said
    assert "shop" in said
    assert "\x1b" not in said


def test_every_secret_property_is_taken_out_of_a_text() -> None:
    redact = redactor_for({**SECURED, "ssl.key.password": "open-sesame", "client.id": "me"})
    said = redact("hunter2 and open-sesame of me")
    assert "hunter2" not in said
    assert "sesame" not in said
    assert said.endswith("of me")


def test_a_value_that_the_client_refuses_is_named() -> None:
    settings = ClientSettings("b:1", "g", "classic", {"security.protocol": "nonsense"}, None)
    said = r'"nonsense".*"security.protocol".*Correct kafka.properties'
    with pytest.raises(ConfigInvalid, match=said), settings_refused(settings):
        AdminClient(dict(settings.properties))


def test_a_secret_is_not() -> None:
    settings = ClientSettings("b:1", "g", "classic", {"sasl.password": "canary"}, None)
    with pytest.raises(ConfigInvalid) as caught, settings_refused(settings):
        AdminClient({"security.protocol": "canary"})
    assert "canary" not in str(caught.value)


def test_a_coordinator_that_has_the_protocol_switched_off_is_the_configurations_fault() -> None:
    # As Apache Kafka 4.3.1 and librdkafka 2.16 say it under group.coordinator.rebalance.protocols=classic.
    said = "Fatal error: Broker: API version not supported: ConsumerGroupHeartbeat fatal error: Broker: API version "
    refused = group_refused(KafkaError(KafkaError._FATAL, said + "not supported", fatal=True))
    assert isinstance(refused, ConfigInvalid)
    assert "kafka.group_protocol: classic" in str(refused)
    assert group_refused(KafkaError(KafkaError.UNSUPPORTED_VERSION)) is None
