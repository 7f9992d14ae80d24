"""What one worker's configuration is: the run's own, but for what is shared out or has to differ."""

from __future__ import annotations

from collections.abc import Mapping

from consumer.config.model import Config
from consumer.source.property_values import resolve

_INSTANCE = "group.instance.id"


def share_of(config: Config, number: int, of: int, environ: Mapping[str, str]) -> Config:
    """The configuration of worker `number` (from 1) of so many.

    `delivery.max_events_per_second` is divided, since Greenflash counts what comes under one key; a static member's
    `group.instance.id` gets the number behind it, since no two members may have the same. Everything else is each
    worker's own: requests at once, memory, and the limits of dead letters, of which the first that passes one ends
    the whole run.
    """
    rate = config.delivery.max_events_per_second
    delivery = config.delivery.model_copy(update={"max_events_per_second": None if rate is None else rate / of})
    properties = config.kafka.properties
    named, _ = resolve({_INSTANCE: properties[_INSTANCE]} if _INSTANCE in properties else {}, environ)
    own = {name: f"{value}-{number}" for name, value in named.items()}
    kafka = config.kafka.model_copy(update={"properties": {**properties, **own}})
    return config.model_copy(update={"delivery": delivery, "kafka": kafka})
