"""Evaluation of messages of the past: the rules, with all that production has beside them, as far as it is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from greenflash_kafka.app import settings
from greenflash_kafka.app.schema_sources import schemas_of_run
from greenflash_kafka.cases.case_schemas import schemas_beside
from greenflash_kafka.cases.cases_context import with_own_key
from greenflash_kafka.cli.mapping_paths import USUAL
from greenflash_kafka.cli.open_history import HistoryFlags, OpenHistory, mappings_of
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import hash_key
from greenflash_kafka.instrumentation.listener import Quiet
from greenflash_kafka.ports import Schemas
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot


def rule_files(given: Sequence[Path], flags: HistoryFlags) -> list[Path]:
    """The mapping files that are given, else the configuration's, else the folder `mappings`; none if there is none."""
    paths = list(given or mappings_of(flags))
    return paths or ([USUAL] if USUAL.exists() else [])


def compared_snapshot(
    ruleset: Ruleset, config: Config | None, cluster_id: str, topic_ids: Mapping[str, str], environ: Mapping[str, str]
) -> Snapshot:
    """The rules exactly as production has them, for figures that others go by: with a configuration nothing stands in
    for a key of `hash()` that is missing. Raises ConfigInvalid."""
    if config is not None:
        schemas = schemas_of_run(config, environ, SystemClock(), Quiet())
        return settings.snapshot(config.rules, ruleset, cluster_id, topic_ids, schemas)
    context = msgspec.structs.replace(with_own_key(environ), cluster_id=cluster_id, topic_ids=topic_ids)
    return Snapshot(ruleset, context)


def history_snapshot(ruleset: Ruleset, source: OpenHistory, environ: Mapping[str, str]) -> Snapshot:
    """The rules with the cluster, the schemas and the key of `hash()` that production has; without a registry with the
    schemas beside the mapping files. Raises ConfigInvalid."""
    config = source.config
    schemas: Schemas | None = None
    context = with_own_key(environ)
    key, most = context.hash_key, context.max_items
    if config is not None:
        schemas = schemas_of_run(config, environ, SystemClock(), Quiet())
        key, most = hash_key(config.rules) or key, config.rules.max_items
    if schemas is None:
        schemas = schemas_beside(map(Path, ruleset.files))
    context = msgspec.structs.replace(
        context,
        cluster_id=source.cluster_id,
        topic_ids=source.topic_ids,
        hash_key=key,
        max_items=most,
    )
    return Snapshot(ruleset, context, schemas=schemas)
