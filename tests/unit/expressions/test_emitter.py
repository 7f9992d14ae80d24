"""Generated code holds no names but our own."""

from __future__ import annotations

from types import CodeType
from typing import Any

from greenflash_kafka.expressions.emitter import HELPERS
from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import KAFKA_FIELDS, Names


def _compiled(text: str, names: Names | None = None) -> Expression:
    return compile_expression(text, names or Names())


_EVIL = """concat(payload["__class__"], payload.__dict__, "__import__('os')", [__x for __x in payload.K0],
    'evaluate', payload["s"], time(payload.v1, zone=payload["builtins"]), kafka.headers["\\"]; import os"],
    payload[payload["\\u0022"]]) if payload.read_let == "K1" else hash(payload["eval"])"""


def _names_of(code: CodeType) -> set[str]:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return {*code.co_names, *code.co_varnames, *(name for part in inner for name in _names_of(part))}


def test_nothing_of_the_text_becomes_a_name_in_the_code() -> None:
    evaluate: Any = _compiled(_EVIL).evaluate
    own = {*HELPERS, *KAFKA_FIELDS, "payload", "kafka", "get", "append", "__class__", "s"}
    assert {name for name in _names_of(evaluate.__code__) if not _counted(name)} <= own
    assert evaluate.__globals__["__builtins__"] is HELPERS, "and none of Python's own"


def _counted(name: str) -> bool:
    return name.rstrip("0123456789") in ("K", "v", "each") or name.startswith("each")
