"""The values of a configuration, collected layer by layer, each with its origin.

pydantic-settings would merge the same layers, but forgets which of them a value came from: an error couldn't name the
place in the file, the variable or the flag.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

from pydantic import SecretStr

from greenflash_kafka.config.file import read
from greenflash_kafka.config.location import CONFIG_VARIABLE, PREFIX, variable
from greenflash_kafka.config.model import FLAGS, WELL_KNOWN, leaves, proxy_parts
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.findings import Finding
from greenflash_kafka.documents.plain_document import KeyPath
from greenflash_kafka.documents.yaml_nodes import NOWHERE, Place
from greenflash_kafka.schemas import registry_properties
from greenflash_kafka.source import given_properties

Key = tuple[str, ...]
"""The section and the name of a key: ("kafka", "group")."""

REFERENCE: Final = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_OF_KUBERNETES: Final = re.compile(r"(SERVICE_HOST|SERVICE_PORT(_.*)?|PORT(_[0-9]+_(TCP|UDP|SCTP)(_.*)?)?)")
PROPERTIES: Final = ("kafka", "properties")
REGISTRY_PROPERTIES: Final = ("schema_registry", "properties")

_SECRETS: Final[dict[Key, frozenset[str]]] = {
    PROPERTIES: given_properties.SECRETS,
    REGISTRY_PROPERTIES: registry_properties.SECRETS,
}
"""The keys under which any name may stand, and the names of those whose values are secrets."""

_TWINS: Final[dict[Key, Key]] = {
    ("greenflash", "api_key"): ("greenflash", "api_key_file"),
    ("greenflash", "api_key_file"): ("greenflash", "api_key"),
    ("rules", "hash_key"): ("rules", "hash_key_file"),
    ("rules", "hash_key_file"): ("rules", "hash_key"),
}
_PROXIES: Final = {("greenflash", "proxy"), ("schema_registry", "proxy")}
_PATHS: Final = {
    ("mappings",),
    ("schemas",),
    ("greenflash", "api_key_file"),
    ("greenflash", "ca_file"),
    ("rules", "hash_key_file"),
    ("linking", "directory"),
}


class Origin(NamedTuple):
    """Where a value came from: a variable or a flag, or the config file with the place of the key."""

    name: str
    place: Place = NOWHERE

    def __str__(self) -> str:
        return self.name if self.place == NOWHERE else f"{self.name}:{self.place.where}"


class Layers:
    """The values gathered so far, and for each key where it came from."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.values: dict[str, Any] = {}
        self.origins: dict[KeyPath, Origin] = {}
        self.keys = dict(leaves())
        self._from_file: dict[KeyPath, Origin] = {}
        self.findings: list[Finding] = []
        self.warnings: list[str] = []
        """What works, and is perhaps not meant."""
        self._file_name = "configuration"

    def add_file(self, path: Path) -> bool:
        """False when the file can't be read at all: everything else would only follow from that."""
        file = read(path)
        self.findings += file.findings
        self._file_name = str(path)
        self.values = file.value
        self.origins = {key: Origin(str(path), place) for key, place in file.places.items() if key}
        self._from_file = dict(self.origins)
        for key, info in self.keys.items():
            value = self.get(key)
            if SecretStr in get_args(info.annotation) and value is not None and not _is_reference(value):
                self.refuse(
                    key,
                    "secret-in-file",
                    f"{'.'.join(key)} stands readable in the file",
                    f"write ${{NAME}} for an environment variable, or set {'.'.join(key)}_file",
                )
                self._set(key, None, self.origins[key])
            elif key in _PROXIES and isinstance(value, str) and (parts := proxy_parts(value)) and parts.password:
                said = f"{'.'.join(key)} has a password that stands readable in the file"
                self.refuse(key, "secret-in-file", said, "write ${NAME}: an environment variable with the address")
                self._set(key, None, self.origins[key])
        self.values = {name: self._look_up((name,), value, path.parent) for name, value in self.values.items()}
        for key in (each for each in _TWINS if not each[-1].endswith("_file") and self.get(each)):
            self._one_of_two(key)
        return bool(file.places or not file.findings)

    def _look_up(self, key: Key, value: object, folder: Path) -> object:
        """Resolve `${NAME}` and relative paths of the file."""
        if key[:2] in _SECRETS:
            return value  # `resolve_values` looks these up: it knows ${file:...} too
        if isinstance(value, dict):
            return {name: self._look_up((*key, name), each, folder) for name, each in value.items()}
        if isinstance(value, list):
            return [self._look_up(key, each, folder) for each in value]
        if isinstance(value, str) and "${" in value:
            value = self._variable(key, value)
        if key in _PATHS and isinstance(value, str) and value:
            return str(folder / Path(value).expanduser())
        return value

    def _variable(self, key: Key, value: str) -> str | None:
        match = REFERENCE.fullmatch(value)
        if match is None:
            self.refuse(key, "bad-reference", "${NAME} stands for a whole value, with nothing around it")
            return None
        found = self.environ.get(match[1])
        if not found:
            self.refuse(key, "missing-variable", f"the environment variable {match[1]} is not set")
        return found or None

    def add_environment(self) -> None:
        """The well-known variables, then those with long names; an empty variable is none."""
        for name, key in WELL_KNOWN.items():
            if self.environ.get(name):
                self._set(key, self.environ[name], Origin(name))
        known = {variable(key): key for key in self.keys}
        for name, value in sorted(self.environ.items()):
            if not name.startswith(PREFIX) or not value or name in WELL_KNOWN or name == CONFIG_VARIABLE:
                continue
            if _OF_KUBERNETES.fullmatch(name.removeprefix(PREFIX)):
                # A Service that is called greenflash-kafka puts these into every container of its namespace.
                continue
            if self._add_property(name, value):
                continue
            if name in known:
                key = known[name]
                self._set(key, value.split(os.pathsep) if key == ("mappings",) else value, Origin(name))
            else:
                near = did_you_mean(name, [*known, *WELL_KNOWN, CONFIG_VARIABLE])
                self._note(Origin(name), "unknown-variable", "no key has this environment variable", near)

    def _add_property(self, name: str, value: str) -> bool:
        """Whether this variable is a property."""
        for properties, secrets in _SECRETS.items():
            begin = variable(properties) + "__"
            if name.startswith(begin):
                key = name.removeprefix(begin).lower().replace("_", ".")
                self._set((*properties, key), f"${{{name}}}" if key in secrets else value, Origin(name))
                return True
        return False

    def add_flags(self, overrides: Mapping[str, object]) -> None:
        """What stands on the command line; None is not given."""
        for dotted, value in overrides.items():
            if value is not None:
                self._set(tuple(dotted.split(".")), value, Origin(FLAGS.get(dotted, dotted)))

    def get(self, key: Key) -> object:
        """The value of a key, None if there is none."""
        value: object = self.values
        for part in key:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def _set(self, key: Key, value: object, origin: Origin) -> None:
        section = self.values
        for part in key[:-1]:
            inner = section.get(part)
            if not isinstance(inner, dict):
                inner = section[part] = {}
            section = inner
        section[key[-1]] = value
        for inner in [each for each in self.origins if each[: len(key)] == key]:
            del self.origins[inner]
        self.origins[key] = origin
        self._one_of_two(key)

    def _one_of_two(self, key: Key) -> None:
        """A secret and its file are one setting: the later layer replaces both."""
        other = _TWINS.get(key)
        if other is None or not self.get(other):
            return
        if self._from_file.get(other) != self.origins[other]:
            self.refuse(key, "both", f"{self.origins[other]} is set too; which one is meant?", "unset one of the two")
        elif self._differ(key, other):
            names = [f"{'.'.join(each)} ({self.origins[each]})" for each in (key, other)]
            said = f"{' and '.join(names)} hold different values: {names[0]} wins, and the other is not read"
            self.warnings.append(said)
        self.values[other[0]].pop(other[1])

    def _differ(self, *keys: Key) -> bool:
        """Whether a secret and what its file holds are two; a file that can't be read holds another."""
        values = set()
        for key in keys:
            text: str | None = str(self.get(key))
            if key[-1].endswith("_file"):
                try:
                    text = Path(str(text)).read_text(encoding="utf-8")
                except (OSError, UnicodeDecodeError):
                    text = None
            values.add(text and text.strip())
        return len(values) > 1

    def refuse(self, key: KeyPath, code: str, message: str, hint: str = "") -> None:
        """Note what is wrong with a key, at the innermost part of it that is there."""
        while key and key not in self.origins:
            key = key[:-1]
        self._note(self.origins.get(key, Origin(self._file_name)), code, message, hint)

    def _note(self, origin: Origin, code: str, message: str, hint: str) -> None:
        self.findings.append(Finding(origin.name, *origin.place, code, "error", message, hint))


def _is_reference(value: object) -> bool:
    return isinstance(value, str) and REFERENCE.fullmatch(value) is not None
