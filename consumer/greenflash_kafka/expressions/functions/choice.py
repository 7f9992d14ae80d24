"""Functions of choice. They take missing values."""

from __future__ import annotations

from typing import Any

from greenflash_kafka.expressions.functions.argument_types import Anything, Boolean
from greenflash_kafka.expressions.functions.definition import function
from greenflash_kafka.expressions.operators import equal
from greenflash_kafka.expressions.scope import Scope


@function(example='coalesce(null, "EUR")', gives='"EUR"')
def coalesce(*x: Anything | None) -> Anything | None:
    """The first argument that isn't missing; those after it are not evaluated.

    Missing if all of them are. A problem of an argument before it stays a problem.
    """
    # Compiled code stops there; this is for what is all literal.
    return next((value for value in x if value is not None), None)


@function(example='exists("")', gives="true")
def exists(x: Anything | None) -> Boolean:
    """Whether a value is there; null is missing, an empty text is there."""
    return x is not None


@function(example='nullif("n/a", "n/a")', gives="null", result_type=lambda types: types[0])
def nullif(scope: Scope, x: Anything | None, unwanted: Anything | None) -> Anything | None:
    """Missing if the value equals the unwanted one, else the value."""
    value: Any = None if x is None or (unwanted is not None and equal(scope, x, unwanted)) else x
    return value
