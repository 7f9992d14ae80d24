"""Values written as YAML in block notation, as `yaml_scalars` reads them again."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from greenflash_kafka.cases.compare import shown
from greenflash_kafka.documents.yaml_scalars import resolve

_UNSEEN: Final = re.compile("[\x7f-\xa0\xad\u2000-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ud800-\udfff]")
_PLAIN: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_./$@+-]*(?: [A-Za-z0-9_./$@+-]+)*")


def block(value: Any, indent: int) -> list[str]:
    """The lines of a map or list, indented by so many spaces; only what has nothing below it is written in one line."""
    blanks = " " * indent
    if isinstance(value, Mapping):
        lines: list[str] = []
        for key, each in value.items():
            lines += _entry(f"{blanks}{scalar(str(key))}:", each, indent + 2)
        return lines
    lines = []
    for each in value:
        below = block(each, indent + 2) if isinstance(each, Mapping | list) and each else [f"{blanks}  {scalar(each)}"]
        lines += [f"{blanks}- {below[0].lstrip()}", *below[1:]]
    return lines


def _entry(start: str, value: Any, indent: int) -> list[str]:
    if isinstance(value, Mapping | list) and value:
        return [start, *block(value, indent)]
    return [f"{start} {scalar(value)}"]


def scalar(value: Any) -> str:
    """A value without anything below it, quoted where it must be."""
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and isinstance(resolve(value), str)
        return str(value) if plain else _UNSEEN.sub(_escaped, json.dumps(str(value), ensure_ascii=False))
    if isinstance(value, bool | int | Decimal) or value is None:
        return shown(value)
    return "[]" if isinstance(value, list) else "{}"


def _escaped(found: re.Match[str]) -> str:
    """What isn't seen, or would be a line's end, as JSON and YAML escape it."""
    return f"\\u{ord(found[0]):04x}"
