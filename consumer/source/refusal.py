"""What the Kafka client itself refuses of its settings, once it is made from them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from confluent_kafka import KafkaException

from consumer.errors import ConfigInvalid
from consumer.source.properties import ClientSettings
from consumer.source.trouble import redactor_for


@contextmanager
def settings_refused(settings: ClientSettings) -> Iterator[None]:
    """Making a client inside, its refusal is raised as `ConfigInvalid`, without any secret of the settings."""
    try:
        yield
    except KafkaException as error:
        said = str(error.args[0].str())
        said = redactor_for(settings.properties)(said)
        raise ConfigInvalid(f"the Kafka client refuses its settings: {said}. Correct kafka.properties") from None
