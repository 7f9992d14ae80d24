"""Paths into a value, as in `when`: read, set and removed by the cases' `set`, `unset` and `properties.x`."""

from __future__ import annotations

import re
from typing import Any, Final

Steps = tuple[str | int, ...]
"""Keys (text) and positions (int, negative from the end)."""

_STEP: Final = re.compile(
    r"""(?:^|\.)(?P<word>[^\W\d]\w*)
    | \[(?P<index>-?\d{1,9})\]
    | \[(?P<quote>["'])(?P<text>(?:\\.|(?!(?P=quote)).)*)(?P=quote)\]""",
    re.VERBOSE,
)
_ESCAPES: Final = {"n": "\n", "t": "\t", "\\": "\\", '"': '"', "'": "'"}


class BadPath(ValueError):
    """The text is no path, or the value has no place for it; the text says which."""


def parse(text: str) -> Steps:
    """`data.items[0]["user id"]` as steps; raises `BadPath`."""
    steps: list[str | int] = []
    at = 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or (at == 0 and text[0] == "."):
            raise BadPath(f"this is no path from `{text[at : at + 20]}` on")
        if match["index"] is not None:
            steps.append(int(match["index"]))
        elif match["word"] is not None:
            steps.append(match["word"])
        else:
            steps.append(re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), match["text"]))
        at = match.end()
    if not steps:
        raise BadPath("a path has at least one word")
    return tuple(steps)


def set_at(root: Any, steps: Steps, value: object) -> Any:
    """A copy of `root` with `value` there; missing maps on the way are made. Raises `BadPath`."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        if not isinstance(root, list) or not -len(root) <= step <= len(root):
            raise BadPath(f"there is no list with a place [{step}]")
        copy = list(root)
        if step == len(root):
            copy.append(None)
        copy[step] = set_at(copy[step], rest, value)
        return copy
    if root is not None and not isinstance(root, dict):
        raise BadPath(f"`{step}` has no place in a {_kind(root)}")
    inner = (root or {}).get(step)
    return {**(root or {}), step: set_at(inner, rest, value)}


def remove_at(root: Any, steps: Steps) -> Any:
    """A copy of `root` without what is there; the same when there is nothing."""
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        if not isinstance(root, list) or not -len(root) <= step < len(root):
            return root
        copy = list(root)
        if rest:
            copy[step] = remove_at(copy[step], rest)
        else:
            del copy[step]
        return copy
    if not isinstance(root, dict) or step not in root:
        return root
    if rest:
        return {**root, step: remove_at(root[step], rest)}
    return {name: value for name, value in root.items() if name != step}


def _kind(value: object) -> str:
    names = {str: "text", bool: "true or false", list: "list"}
    return names.get(type(value), "number")
