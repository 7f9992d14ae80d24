"""The two secrets of our own: from the environment or a file, stripped and checked, never shown."""

from __future__ import annotations

from pathlib import Path

from pydantic import SecretStr

from consumer.config.model import Config
from consumer.delivery.endpoint import check_api_key
from consumer.errors import ConfigInvalid


def api_key(config: Config) -> SecretStr | None:
    """The API key as it is now: a key file is read again at every call. None when none is configured.

    Raises `ConfigInvalid` for a file that can't be read, and for a key that no HTTP header could carry.
    """
    key = _secret(config.greenflash.api_key, config.greenflash.api_key_file, "the API key")
    return None if key is None else SecretStr(check_api_key(key))


def hash_key(config: Config) -> bytes | None:
    """The key of the rules' `hash()`, or None. Raises `ConfigInvalid` for a file that can't be read."""
    key = _secret(config.rules.hash_key, config.rules.hash_key_file, "the key of hash()")
    return None if key is None else key.encode()


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
