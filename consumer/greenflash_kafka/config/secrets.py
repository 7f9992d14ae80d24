"""The secrets: our own two from the environment or a file, checked and never shown; and the set of all secrets."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from urllib.parse import unquote

from pydantic import SecretStr

from greenflash_kafka.config.model import Config, Greenflash, Rules, proxy_parts
from greenflash_kafka.delivery.endpoint import check_api_key
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.schemas import registry_properties
from greenflash_kafka.source.given_properties import SECRETS


def api_key(greenflash: Greenflash) -> SecretStr | None:
    """The API key as it is now: a key file is read again at every call. None when none is configured.

    Raises `ConfigInvalid` for a file that can't be read, and for a key that no HTTP header could carry.
    """
    key = _secret(greenflash.api_key, greenflash.api_key_file, "the API key")
    return None if key is None else SecretStr(check_api_key(key))


def hash_key(rules: Rules) -> bytes | None:
    """The key of the rules' `hash()`, or None. Raises `ConfigInvalid` for a file that can't be read."""
    key = _secret(rules.hash_key, rules.hash_key_file, "the key of hash()")
    return None if key is None else key.encode()


def secrets(config: Config, kafka: Mapping[str, str], registry: Mapping[str, str] = MappingProxyType({})) -> list[str]:
    """What no log line may hold; `kafka` and `registry` are the resolved properties of both clients."""
    keyed = hash_key(config.rules)
    key = None if config.run.dry_run else api_key(config.greenflash)
    found = [value for name, value in kafka.items() if name in SECRETS]
    found += [] if keyed is None else [keyed.decode(errors="replace")]
    found += registry_secrets(registry)
    for address in (config.greenflash.proxy, config.schema_registry.proxy):
        proxy = None if address is None else proxy_parts(address)
        if proxy is not None and proxy.password:
            found += [proxy.password, unquote(proxy.password)]
    return found + ([] if key is None else [key.get_secret_value()])


def registry_secrets(properties: Mapping[str, str]) -> list[str]:
    """The secrets among the resolved `schema_registry.properties`: user and password in one, and the password alone."""
    found = [value for name, value in properties.items() if name in registry_properties.SECRETS]
    _, colon, password = properties.get("basic.auth.user.info", "").partition(":")
    return [*found, password] if colon else found


def _secret(value: SecretStr | None, file: Path | None, what: str) -> str | None:
    if value is None and file is None:
        return None
    try:
        text = value.get_secret_value() if value is not None else _read(file)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise ConfigInvalid(f"{what} can't be read from {file}: {reason}") from None
    text = text.strip()
    if not text:
        raise ConfigInvalid(f"{what} is empty")
    return text


def _read(file: Path | None) -> str:
    return "" if file is None else file.read_text(encoding="utf-8")
