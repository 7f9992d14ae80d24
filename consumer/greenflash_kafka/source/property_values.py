"""The values of `kafka.properties`: plain ones as text, `${NAME}` and `${file:/path}` looked up."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from greenflash_kafka.source.properties import ForbiddenProperty, as_text, is_reference
from greenflash_kafka.source.property_names import refusal_of_value

_LARGEST: Final = 1_000_000


def resolve(
    properties: Mapping[str, object], environ: Mapping[str, str]
) -> tuple[dict[str, str], tuple[ForbiddenProperty, ...]]:
    """Turn what the config says into what librdkafka takes; returns the values and what couldn't be looked up.

    `${NAME}` is the environment variable of that name, or the content of the file that `NAME_FILE` names;
    `${file:/path}` a file's content. A file's last line break is not part of it. Only a whole value is looked up.
    """
    values: dict[str, str] = {}
    refused: list[ForbiddenProperty] = []
    for key, value in properties.items():
        if not is_reference(value):
            values[key] = as_text(value)
            continue
        found = _look_up(str(value)[2:-1], environ)
        if isinstance(found, _Missing):
            refused.append(ForbiddenProperty(key, found.reason, found.instead))
        elif (unfit := refusal_of_value(key, found)) is not None:
            refused.append(ForbiddenProperty(key, *unfit))
        else:
            values[key] = found
    return values, tuple(refused)


class _Missing:
    def __init__(self, reason: str, instead: str) -> None:
        self.reason = reason
        self.instead = instead


def _look_up(name: str, environ: Mapping[str, str]) -> str | _Missing:
    if name.startswith("file:"):
        return _read(name.removeprefix("file:"))
    if environ.get(name):
        return environ[name]
    file = environ.get(f"{name}_FILE")
    if file:
        return _read(file)
    return _Missing(f"needs the environment variable {name}, which is not set", f"set {name}, or {name}_FILE to a path")


def _read(path: str) -> str | _Missing:
    try:
        with Path(path).open(encoding="utf-8") as file:
            content = file.read(_LARGEST).removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not UTF-8 text"
        return _Missing(f"needs the file {path}, which can't be read ({why})", "correct the path or its permissions")
    return content or _Missing(f"needs the file {path}, which is empty", "write the value into it")
