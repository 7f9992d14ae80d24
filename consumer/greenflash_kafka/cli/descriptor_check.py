"""The check of `doctor` for the limit of file descriptors."""

from __future__ import annotations

from greenflash_kafka.cli.check import Check
from greenflash_kafka.config.model import Config
from greenflash_kafka.descriptors import limits, needed, too_few


def descriptor_check(config: Config, brokers: int, readers: int = 0) -> Check:
    """Whether `run`, started here, would have enough of them. `readers`: see `descriptors.needed`."""
    in_flight = config.delivery.in_flight
    registry = config.schema_registry.url is not None
    need, (soft, hard) = needed(in_flight, brokers, readers, registry), limits()
    if hard < need:
        said, _, todo = too_few(in_flight, brokers, hard, readers, registry).partition(". ")
        return Check("file descriptors", "failed", said, todo)
    said = f"{need} needed for delivery.in_flight {in_flight}, the limit is {soft}"
    return Check("file descriptors", "ok", said if soft >= need else f"{said}, which `run` raises to {hard}")
