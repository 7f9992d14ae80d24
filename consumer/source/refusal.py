"""What the Kafka client itself refuses of its settings, once it is made from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaException

from consumer.errors import ConfigInvalid
from consumer.source.properties import ClientSettings
from consumer.source.property_names import SECRETS


@contextmanager
def settings_refused(settings: ClientSettings) -> Iterator[None]:
    """Making a client inside, its refusal is raised as `ConfigInvalid`, without any secret of the settings."""
    try:
        yield
    except KafkaException as error:
        said = str(error.args[0].str())
        for name, value in settings.properties.items():
            if name in SECRETS and value:
                said = said.replace(value, "***")
        raise ConfigInvalid(f"the Kafka client refuses its settings: {said}. Correct kafka.properties") from None
