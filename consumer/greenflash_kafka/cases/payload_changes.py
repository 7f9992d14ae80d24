"""Paths into a payload, as in `when`: what the cases' `set`, `unset` and `properties.x` change."""

from __future__ import annotations

from typing import Any

from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.path_parser import parse_path
from greenflash_kafka.expressions.refusals import ExpressionRefused

Steps = tuple[str | int, ...]
"""Keys (text) and positions (int, negative from the end)."""


class BadPath(ValueError):
    """The text is no path, or the value has no place for it; the text says which, `hint` what was probably meant."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint or ""


def parse(text: str) -> Steps:
    """The steps of `data.items[0]["user id"]`; its `payload.` may be left out, as in `when`. Raises `BadPath`."""
    try:
        path = parse_path(text, Names())
    except ExpressionRefused as refused:
        first = refused.refusals[0]
        if text.startswith("envelope."):
            said = "a case has the whole message, envelope included, and its paths begin there"
            raise BadPath(said, text.removeprefix("envelope.")) from None
        raise BadPath(first.message, first.hint) from None
    if path.root != "payload":
        raise BadPath(f"`{path.root}` isn't in the payload", f"a field of this name is payload.{text}")
    if not path.steps:
        raise BadPath("the whole payload is replaced by `message: {payload: ...}`")
    return path.steps


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
