"""The checked contents of a cases file: messages ready for evaluation, and the expected result of each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from greenflash_kafka.model.message import Message
from greenflash_kafka.rules.expressions.names import Table
from greenflash_kafka.rules.yaml_nodes import Place


class ExpectedEvent(msgspec.Struct, frozen=True):
    """One event, whole: `fields` by the rules' names, `event_at` as a datetime, exact numbers.

    `from_record` stands for `insert_id: record`: the id made from the record's coordinates.
    """

    fields: Mapping[str, object]
    from_record: bool = False


class ExpectedProblem(msgspec.Struct, frozen=True):
    """One problem. What isn't written (None) isn't compared."""

    code: str
    rule: str | None = None
    item: int | None = None
    field: str | None = None


class Case(msgspec.Struct, frozen=True):
    """One message and what must become of it: these events in this order, these problems in any; neither is nothing."""

    name: str
    place: Place
    message: Message
    events: tuple[ExpectedEvent, ...] = ()
    invalid: tuple[ExpectedProblem, ...] = ()
    because: str | None = None


class CasesFile(msgspec.Struct, frozen=True):
    """The cases of one mapping file. `env_place` is where a missing variable is to be written; `tables` stand in for
    the mapping's own of the same names."""

    path: Path
    mapping: Path
    env: Mapping[str, str]
    env_place: Place
    tables: Mapping[str, Table]
    cases: tuple[Case, ...]
