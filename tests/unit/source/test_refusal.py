"""What the Kafka client refuses is said as the configuration's fault, and never shows a secret."""

from __future__ import annotations

import pytest
from confluent_kafka.admin import AdminClient

from consumer.errors import ConfigInvalid
from consumer.source.properties import ClientSettings
from consumer.source.refusal import settings_refused


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
