"""Version of the Kafka client."""

from __future__ import annotations

import confluent_kafka


def librdkafka() -> str:
    """As librdkafka says it, such as 2.12.1."""
    return confluent_kafka.libversion()[0]
