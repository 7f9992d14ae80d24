"""Values of properties that a configuration passes to a client: plain, or looked up in the environment and in files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec

_LARGEST: Final = 1_000_000


class ForbiddenProperty(msgspec.Struct, frozen=True):
    """A property that can't be used: its name as written, why, and what to do instead. Values are never echoed."""

    key: str
    reason: str
    instead: str

    def describe(self) -> str:
        """One line for people."""
        return f"{self.key!r} {self.reason}; {self.instead}"


def resolve_values(
    properties: Mapping[str, object],
    environ: Mapping[str, str],
    unfit: Callable[[str, str], tuple[str, str] | None] = lambda *_: None,
) -> tuple[dict[str, str], tuple[ForbiddenProperty, ...]]:
    """The values of properties, and what couldn't be looked up. `unfit` says `(why, what instead)` of a name and a
    value that was found, if it can't be used.

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
        wrong = unfit(key, found) if isinstance(found, str) else found
        if isinstance(found, str) and wrong is None:
            values[key] = found
        elif wrong is not None:
            refused.append(ForbiddenProperty(key, *wrong))
    return values, tuple(refused)


def is_reference(value: object) -> bool:
    """True if a value is `${...}` as a whole: a name to be looked up, not the value itself."""
    return isinstance(value, str) and value.startswith("${") and value.endswith("}") and len(value) > 3


def as_text(value: object) -> str:
    """A YAML value as properties have it: `true` and `false` in lower case, numbers in their own text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _look_up(name: str, environ: Mapping[str, str]) -> str | tuple[str, str]:
    """The value, or `(why, what instead)` when there is none."""
    if name.startswith("file:"):
        return _read(name.removeprefix("file:"))
    if environ.get(name):
        return environ[name]
    file = environ.get(f"{name}_FILE")
    if file:
        return _read(file)
    return f"needs the environment variable {name}, which is not set", f"set {name}, or {name}_FILE to a path"


def _read(path: str) -> str | tuple[str, str]:
    try:
        with Path(path).open(encoding="utf-8") as file:
            content = file.read(_LARGEST).removesuffix("\n").removesuffix("\r")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "not UTF-8 text"
        return f"needs the file {path}, which can't be read ({why})", "correct the path or its permissions"
    return content or (f"needs the file {path}, which is empty", "write the value into it")
