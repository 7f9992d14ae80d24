"""The context in which cases are evaluated, and the one of verbs that have no configuration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from greenflash_kafka.model.context import EvaluationContext

CONTEXT: Final = EvaluationContext(cluster_id="cluster", hash_key=b"greenflash-kafka")
"""The same for every case, everywhere: hash() has a fixed key, record ids a fixed cluster."""

HASH_KEY: Final = "GREENFLASH_KAFKA_HASH_KEY"


def with_own_key(environ: Mapping[str, str]) -> EvaluationContext:
    """The context of cases, with the deployment's own key of `hash()` where one is set."""
    key = environ.get(HASH_KEY, "").strip()
    return replace(CONTEXT, hash_key=key.encode()) if key else CONTEXT
