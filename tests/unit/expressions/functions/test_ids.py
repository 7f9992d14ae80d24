"""Functions that make ids."""

from __future__ import annotations

from typing import Any

import pytest

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope


def _run(text: str, payload: Any) -> Any:
    return compile_expression(text, Names()).evaluate(Scope(payload))


def _fails(text: str, payload: Any) -> str:
    with pytest.raises(EvaluationError) as failed:
        _run(text, payload)
    return failed.value.code


def test_hash_needs_a_key_and_is_an_hmac() -> None:
    assert _fails("hash(payload)", "ada@acme.test") == "missing"
    hashed = compile_expression("hash(payload)", Names()).evaluate(Scope("ada@acme.test", hash_key=b"key"))
    assert hashed == "0595f6581824c42fb40fcd7ef13fddcc9208a167e5c844d73bfd07c6e8908bd2"
    assert _run("exists(hash(payload.nope))", {}) is False


def test_bucket_is_the_same_for_a_number_and_its_text() -> None:
    assert _run("bucket(payload, 100)", 4711) == _run("bucket(payload, 100)", "4711")
    shares = [_run("bucket(payload, 10)", f"user-{number}") for number in range(2_000)]
    assert all(150 < shares.count(bucket) < 250 for bucket in range(10))
