"""Functions that choose. They take missing values, which is what they are for."""

from __future__ import annotations

from typing import Any, Final

from greenflash_kafka.rules.expressions.functions.definition import Function, Parameter
from greenflash_kafka.rules.expressions.operators import equal
from greenflash_kafka.rules.expressions.scope import Scope


def coalesce(*values: Any) -> Any:
    """The first that isn't missing. Compiled code stops there; this is for reading and for tests."""
    return next((value for value in values if value is not None), None)


def exists(x: Any) -> bool:
    """Whether it isn't missing."""
    return x is not None


def nullif(scope: Scope, x: Any, unwanted: Any) -> Any:
    """Missing, if the two are equal, else the first: SQL's."""
    return None if x is None or (unwanted is not None and equal(scope, x, unwanted)) else x


_X: Final = Parameter("x")

FUNCTIONS: Final = (
    Function(
        "coalesce",
        "choice",
        (Parameter("x", many=True),),
        "any",
        "The first argument that isn't missing; those after it are not worked out.",
        'coalesce(null, "EUR")',
        '"EUR"',
        coalesce,
        takes_missing=True,
    ),
    Function(
        "exists",
        "choice",
        (_X,),
        "boolean",
        "Whether a value is there; null is missing, an empty text is there.",
        'exists("")',
        "true",
        exists,
        takes_missing=True,
    ),
    Function(
        "nullif",
        "choice",
        (_X, Parameter("unwanted")),
        "any",
        "Missing if the value equals the unwanted one, else the value.",
        'nullif("n/a", "n/a")',
        "null",
        nullif,
        scoped=True,
        takes_missing=True,
    ),
)
