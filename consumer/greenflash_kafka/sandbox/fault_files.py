"""Fault scripts read from YAML or JSON text, with every mistake named at its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from pydantic import ValidationError

from greenflash_kafka.documents.closed_model import ClosedModel, ModelError, model_errors
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.plain_document import KeyPath, plain_document
from greenflash_kafka.documents.yaml_nodes import BEGINNING, Place
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.sandbox.faults import KINDS, Faults

_ALL_KINDS: Final = f"kinds: {', '.join(KINDS)}"


class FaultsInvalid(ConfigInvalid):
    """A fault script can't be used; the text has one line for each mistake."""


def load(path: Path) -> Faults:
    """The script in a file; raises `FaultsInvalid`."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FaultsInvalid(f"the fault script {path} can't be read: {error.strerror}") from None
    return parse(content, str(path))


def parse(content: bytes, name: str) -> Faults:
    """The script in a text, YAML or JSON; `name` stands before the line in every message. Raises `FaultsInvalid`."""
    document = plain_document(content, name)
    if document.findings:
        raise FaultsInvalid("\n".join(f"{each.where}: {each.message}" for each in document.findings))
    return build(document.value, name, document.places)


def build(value: object, name: str, places: Mapping[KeyPath, Place] = MappingProxyType({})) -> Faults:
    """The script in a value: a list of faults, or `{seed, faults}`; None is none. `places`: where each key and item
    stands, if the value is a file's. Raises `FaultsInvalid`."""
    script = value if isinstance(value, dict) else {"faults": value}
    script = {key: each for key, each in script.items() if each is not None}
    try:
        return Faults.model_validate(script)
    except ValidationError as error:
        wrong: dict[KeyPath, ModelError] = {}
        for each in model_errors(error):
            wrong.setdefault(each.path[:4], each)  # of a value that fits none of several types, the first one is enough
    lines = []
    for each in wrong.values():
        where, said = _said(each, script)
        if not isinstance(value, dict):
            where = where[1:]
        while where and where not in places:
            where = where[:-1]
        place = places.get(where)
        lines.append((place or BEGINNING, f"{name}: {said}" if place is None else f"{name}:{place.where}: {said}"))
    raise FaultsInvalid("\n".join(text for _, text in sorted(lines, key=itemgetter(0))))


def _said(error: ModelError, script: Mapping[str, Any]) -> tuple[KeyPath, str]:
    """The path of what is wrong, and a text about it."""
    match error.path:
        case ("faults", int(index)):
            entry = script["faults"][index]
            if not isinstance(entry, dict):
                return error.path, f"fault {index + 1}: must be a map with `kind`"
            kind = entry.get("kind")
            if kind is None:
                return error.path, f"fault {index + 1}: has no kind; {_ALL_KINDS}"
            hint = did_you_mean(str(kind), KINDS) or _ALL_KINDS
            return (*error.path, "kind"), f"fault {index + 1}: unknown kind {kind!r}; {hint}"
        case ("faults", int(index), str(kind), *inner):  # pydantic names the kind, too
            return ("faults", index, *inner), f"fault {index + 1}: {_of_key(error, inner, KINDS[kind])}"
        case ("faults",):
            return error.path, f"faults must be a list, each entry a map with `kind`; {_ALL_KINDS}"
    return error.path, _of_key(error, error.path, Faults)


def _of_key(error: ModelError, path: Sequence[str | int], model: type[ClosedModel]) -> str:
    if not path:
        return error.said
    key = str(path[0])
    if error.kind == "extra_forbidden" and len(path) == 1:
        hint = did_you_mean(key, model.model_fields)
        return f"unknown key {key!r}" + (hint and f"; {hint}")
    return f"is missing `{key}`" if error.kind == "missing" else f"{key} {error.said}"
