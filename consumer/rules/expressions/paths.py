"""Paths: where in a value something is. `data.items[0].price`, `data["user id"]`, `items[-1]`."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from consumer.rules.expressions.names import Names
from consumer.rules.expressions.scope import Scope
from consumer.rules.expressions.values import Value


class Path(msgspec.Struct, frozen=True):
    """A path whose steps are all written out. `root` is one of `names.ROOTS` or a let's name; `steps` are object
    keys (`str`) and list positions (`int`, negative from the end). `bare`: the root `payload` was not written.
    """

    root: str
    steps: tuple[str | int, ...]
    bare: bool = False

    def __str__(self) -> str:
        raise NotImplementedError


def parse_path(text: str, names: Names) -> Path:
    """A key of `when`: a bare path is a payload field unless its first word is one of `names.ROOTS` or a let's.

    With `names.item` (each is set) a bare path is refused (`unknown-name`, hint: say `item.` or `payload.`), and so
    are `conversation`, unknown tables and `kafka.` fields. Raises ExpressionRefused, with offsets in `text`.
    """
    raise NotImplementedError


def path_getter(path: Path, names: Names) -> Callable[[Scope], Value]:
    """Compiled code that reads the path from a scope: None when anything on the way is missing.

    May raise EvaluationError only when the root is a let (its error).
    """
    raise NotImplementedError


def steps_getter(steps: tuple[str | int, ...], absent: object = None) -> Callable[[object], object]:
    """Compiled code that follows steps from a value (not a scope), for the earlier value of a transition, say.

    `absent` is what it gives when a key or position isn't there; a JSON null that is there is None.
    """
    raise NotImplementedError
