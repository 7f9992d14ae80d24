"""Errors of the Kafka client about its settings are configuration errors, and never show a secret."""

from __future__ import annotations

import pytest
from confluent_kafka import KafkaError
from confluent_kafka.admin import AdminClient

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.source.properties import ClientSettings
from greenflash_kafka.source.refusal import group_refused, settings_refused


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
