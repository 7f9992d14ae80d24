"""Fault scripts read from YAML or JSON text, with every mistake named at its line."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Any, Final, cast

import msgspec
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.sandbox.faults import KINDS, AnyFault, Fault

LARGEST: Final = 1_000_000
_PARTS: Final = 100_000


class FaultsInvalid(ConfigInvalid):
    """A fault script can't be used; the text has one line for each mistake."""


class Faults(msgspec.Struct, frozen=True):
    """A whole script: its faults in order, and the seed of their rates."""

    faults: tuple[Fault, ...] = ()
    seed: int = 0


def load(path: Path) -> Faults:
    """The script in a file; raises `FaultsInvalid`."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise FaultsInvalid(f"the fault script {path} can't be read: {reason}") from None
    return parse(text, str(path))


def parse(text: str, name: str) -> Faults:
    """The script in a text, YAML or JSON; `name` stands before the line in every message. Raises `FaultsInvalid`."""
    if len(text) > LARGEST:
        raise FaultsInvalid(f"{name}: a fault script has at most {LARGEST:,} characters")
    try:
        # The round-trip loader keeps line numbers; it builds plain data, never objects of the file's choosing.
        value = YAML(typ="rt", pure=True).load(text)
    except MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f"{error.problem_mark.line + 1}: "
        raise FaultsInvalid(f"{name}:{line}{error.problem}") from None
    except (YAMLError, ValueError, RecursionError) as error:
        raise FaultsInvalid(f"{name}: not readable as YAML: {str(error) or type(error).__name__}") from None
    return build(value, name)


def build(value: object, name: str) -> Faults:
    """The script in a value: a list of faults, or `{seed, faults}`; None is none. Raises `FaultsInvalid`."""
    seed: object = 0
    faults: object = value
    wrong: list[str] = []
    if isinstance(value, dict):
        wrong += [
            f"{_place(name, value, key)}: unknown key {key!r}{_nearest(str(key), ['seed', 'faults'])}"
            for key in value
            if key not in ("seed", "faults")
        ]
        seed, faults = value.get("seed", 0), value.get("faults")
    if isinstance(seed, bool) or not isinstance(seed, int):
        wrong.append(f"{name}: seed must be a whole number")
        seed = 0
    if faults is not None and not isinstance(faults, list):
        wrong.append(f"{name}: faults must be a list, each entry a map with `kind`; kinds: {', '.join(KINDS)}")
        faults = None
    made = []
    for index, entry in enumerate(cast("list[object]", faults or [])):
        try:
            made.append(_fault(entry))
        except RecursionError:
            wrong.append(f"{_place(name, faults, index)}: fault {index + 1}: is nested too deeply")
        except ValueError as error:
            wrong.append(f"{_place(name, faults, index)}: fault {index + 1}: {error}")
    if wrong:
        raise FaultsInvalid("\n".join(wrong))
    return Faults(tuple(made), int(seed))


def _fault(entry: object) -> Fault:
    if not isinstance(entry, dict):
        raise ValueError("must be a map with `kind`")
    plain = _plain(entry, [_PARTS])
    kind = plain.get("kind")
    if kind is None:
        raise ValueError(f"has no kind; kinds: {', '.join(KINDS)}")
    if not isinstance(kind, str) or kind not in KINDS:
        raise ValueError(f"unknown kind {kind!r}{_nearest(str(kind), list(KINDS)) or '; kinds: ' + ', '.join(KINDS)}")
    known = KINDS[kind].__struct_fields__
    for key in plain:
        if key != "kind" and key not in known:
            raise ValueError(f"unknown key {key!r}{_nearest(str(key), list(known))}")
    try:
        return msgspec.convert(plain, type=cast("type[Fault]", AnyFault))
    except msgspec.ValidationError as error:
        raise ValueError(str(error).replace("Object missing required field", "is missing")) from None


def _plain(value: Any, left: list[int]) -> Any:
    """The loader's line-keeping types as plain ones; YAML's aliases could repeat their parts without end."""
    left[0] -= 1
    if left[0] < 0:
        raise ValueError(f"has more than {_PARTS:,} parts")
    if isinstance(value, dict):
        return {str(key): _plain(part, left) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part, left) for part in value]
    for kind in (bool, int, float, str):
        if isinstance(value, kind):
            return kind(value)
    return value


def _place(name: str, container: object, key: Any) -> str:
    if isinstance(container, CommentedSeq):
        return f"{name}:{container.lc.item(key)[0] + 1}"
    if isinstance(container, CommentedMap):
        return f"{name}:{container.lc.key(key)[0] + 1}"
    return name


def _nearest(word: str, words: list[str]) -> str:
    close = difflib.get_close_matches(word, words, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""
