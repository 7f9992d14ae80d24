"""The payload, record and tables on which the project's cases are worked out."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ruamel.yaml import YAML

from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names, Table
from greenflash_kafka.expressions.scope import Scope

CASES = Path(__file__).parents[2] / "cases" / "expressions.yaml"


def read_cases() -> Any:
    """The cases file; numbers with a point are read as the decimals that a message's would be."""
    yaml = YAML(typ="safe", pure=True)
    document = yaml.load(CASES.read_text(encoding="utf-8"))
    return json.loads(json.dumps(document, default=str), parse_float=Decimal)


@pytest.fixture(scope="session")
def document() -> Any:
    return read_cases()


@pytest.fixture(scope="session")
def names(document: Any) -> Names:
    tables = {
        name: Table(name, tuple({column: None for row in rows.values() for column in row}), rows)
        for name, rows in document["tables"].items()
    }
    return Names(tables=tables)


@pytest.fixture
def scope(document: Any) -> Scope:
    record = document["kafka"]
    at = datetime.fromisoformat(record["timestamp"])
    kafka = SimpleNamespace(**{**record, "timestamp": at})
    return Scope(document["payload"], kafka, int(at.timestamp()) * 1000, b"a key for tests")


@pytest.fixture
def compiled(names: Names) -> Callable[[str], Expression]:
    return lambda text: compile_expression(text, names)


@pytest.fixture
def value_of(compiled: Callable[[str], Expression], scope: Scope) -> Callable[[str], Any]:
    return lambda text: compiled(text).evaluate(scope)
