"""Checks of the gathered values. Each notes everything that it finds."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from pydantic import ValidationError

from greenflash_kafka.config.layers import PROPERTIES, REGISTRY_PROPERTIES, Layers
from greenflash_kafka.config.location import variable
from greenflash_kafka.config.model import FLAGS, REQUIRED, REQUIRED_DRY, WELL_KNOWN, Config
from greenflash_kafka.config.secrets import api_key, hash_key
from greenflash_kafka.documents.closed_model import ModelError, model_errors
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.given_values import resolve_values
from greenflash_kafka.documents.plain_document import KeyPath
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.schemas.registry_properties import check_registry_properties
from greenflash_kafka.source.given_properties import check, resolve

_TRUE: Final = ("true", "1", "yes", "on", "t", "y")


def check_required(layers: Layers, required: Collection[str] | None) -> None:
    """Check that all that is needed has come from somewhere; None: what `run` needs, less for a dry run."""
    if required is None:
        required = REQUIRED_DRY if str(layers.get(("run", "dry_run"))).lower() in _TRUE else REQUIRED
    refused = {(each.file, each.line, each.column) for each in layers.findings}
    for dotted in required:
        key = tuple(dotted.split("."))
        given = layers.get(key) or (dotted == "greenflash.api_key" and layers.get(("greenflash", "api_key_file")))
        origin = layers.origins.get(key)
        if not given and (origin is None or (origin.name, *origin.place[:2]) not in refused):
            names = [name for name, named in WELL_KNOWN.items() if named == key] or [variable(key)]
            where = [f"the variable {names[0]}", FLAGS.get(dotted), f"{dotted} in the config file"]
            if dotted == "greenflash.api_key":
                where = [f"the variable {names[0]}", "greenflash.api_key_file in the config file"]
            hint = "set " + " or ".join(each for each in where if each)
            layers.refuse(key[:-1], "missing", f"{dotted} is not set", hint)


def validate(layers: Layers) -> Config | None:
    """The config, or None after noting everything that keeps it from being one."""
    # A section that is written but empty (`kafka:`) is the section's defaults.
    values = {name: value for name, value in layers.values.items() if value is not None}
    values = {name: _without_none(value) for name, value in values.items()}
    try:
        return Config.model_validate(values)
    except ValidationError as error:
        reported: set[KeyPath] = set()
        for each in model_errors(error):
            key = _key(layers, each)
            if key not in reported:
                reported.add(key)
                _report(layers, each, key)
    return None


def _key(layers: Layers, error: ModelError) -> KeyPath:
    """The key that an error is about: pydantic appends the branch of a union, or the number of an item."""
    key = error.path
    if error.kind != "extra_forbidden":
        while key and (isinstance(key[-1], int) or (key not in layers.keys and key not in layers.origins)):
            key = key[:-1]
    return key


def _report(layers: Layers, error: ModelError, key: KeyPath) -> None:
    dotted = ".".join(map(str, key))
    if error.kind == "extra_forbidden":
        siblings = sorted({known[len(key) - 1] for known in layers.keys if known[: len(key) - 1] == key[:-1]})
        layers.refuse(key, "unknown-key", f"{dotted} is no key", did_you_mean(str(key[-1]), siblings))
    else:
        hint = "write it in quotes" if error.kind == "string_type" else ""
        origin = layers.origins.get(key)
        # Who gave a flag may not know the key that it stands for.
        name = origin.name if origin is not None and origin.name.startswith("--") else dotted
        layers.refuse(error.path, "bad-value", f"{name} {error.said}", hint)


def check_properties(layers: Layers) -> None:
    """Check the properties of the Kafka client and the registry's, also if the rest is no configuration: all findings
    come at once."""
    _check_registry(layers)
    properties = layers.get(PROPERTIES)
    if not isinstance(properties, dict):
        return
    protocol = layers.get(("kafka", "group_protocol"))
    insecure = layers.get(("kafka", "insecure_tls")) in (True, "true")
    refused = check(properties, group_protocol="consumer" if protocol == "consumer" else "classic", insecure=insecure)
    for each in refused + resolve(properties, layers.environ)[1]:
        layers.refuse((*PROPERTIES, each.key), "bad-property", f"{each.key!r} {each.reason}", each.instead)


def _check_registry(layers: Layers) -> None:
    properties = layers.get(REGISTRY_PROPERTIES)
    if isinstance(properties, dict):
        allow_http = layers.get(("schema_registry", "allow_http")) in (True, "true")
        refused = check_registry_properties(properties, allow_http=allow_http)
        for each in refused + resolve_values(properties, layers.environ)[1]:
            layers.refuse((*REGISTRY_PROPERTIES, each.key), "bad-property", f"{each.key!r} {each.reason}", each.instead)


def check_secrets(layers: Layers, config: Config) -> None:
    """Check that the key files can be read, and hold what can be a key."""
    for key, secret in (
        (("greenflash", "api_key"), lambda: api_key(config.greenflash)),
        (("rules", "hash_key"), lambda: hash_key(config.rules)),
    ):
        try:
            secret()
        except ConfigInvalid as error:
            layers.refuse(key, "bad-secret", str(error))


def _without_none(value: Any) -> Any:
    """`key:` with nothing behind it is as good as no key, except under properties."""
    if not isinstance(value, dict):
        return value
    return {name: each for name, each in value.items() if each is not None}
