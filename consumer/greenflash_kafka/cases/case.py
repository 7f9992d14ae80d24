"""The checked contents of a cases file: messages ready for evaluation, and the expected result of each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.expressions.names import Table
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.message import Message

Kind = Literal["unique", "not_null", "one_of"]


class ExpectedEvent(msgspec.Struct, frozen=True):
    """One event: `fields` by the rules' names, `event_at` as a datetime, exact numbers.

    `from_record` stands for `insert_id: record`: the id made from the record's coordinates. `absent` are the fields,
    and properties as `properties.x`, that the event must not have.
    """

    fields: Mapping[str, object]
    from_record: bool = False
    absent: frozenset[str] = frozenset()


class ExpectedProblem(msgspec.Struct, frozen=True):
    """One problem. What isn't written (None) isn't compared."""

    code: str
    rule: str | None = None
    item: int | None = None
    field: str | None = None


class ToldActivity(msgspec.Struct, frozen=True):
    """An activity that is known to the links of a case. `logged`: the time by the log from which on it counts, in
    milliseconds since 1970."""

    activity: Activity
    logged: int


class CaseRow(msgspec.Struct, frozen=True):
    """A row of the table of this name: the fields that have a value; None: the row is deleted."""

    table: str
    key: str
    fields: Mapping[str, object] | None


class Case(msgspec.Struct, frozen=True):
    """One message and what must become of it: these events in this order, these problems in any; neither is nothing.

    `conversations` are the activities that its links can find. `activities` are those that the message must give, in
    any order, `rows` those of tables from topics; None: they aren't compared. `link`: the result that linking must have
    for each event, if it is asserted. `exact`: events are compared whole, else only by the fields that the case names.
    `schema` is the subject or the file of the schema by which the data of the message is encoded; None: the topic's;
    "": the message has its bytes already.
    """

    name: str
    place: Place
    message: Message
    events: tuple[ExpectedEvent, ...] = ()
    invalid: tuple[ExpectedProblem, ...] = ()
    because: str | None = None
    conversations: tuple[ToldActivity, ...] = ()
    activities: tuple[Activity, ...] | None = ()
    link: str | None = None
    exact: bool = False
    schema: str | None = None
    rows: tuple[CaseRow, ...] | None = None


class EventCheck(msgspec.Struct, frozen=True):
    """One check of one field, which may be a property as `properties.x`. `rules`: of whose events; empty: of all."""

    kind: Kind
    field: str
    place: Place
    rules: frozenset[str] = frozenset()
    allowed: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The check as it is written, for people."""
        allowed = f" [{', '.join(self.allowed)}]" if self.kind == "one_of" else ""
        return f"{self.kind}: {self.field}{allowed}"


class CasesFile(msgspec.Struct, frozen=True):
    """The cases of one mapping file. `env_place` is where a missing variable is to be written; `tables` stand in for
    the mapping's own of the same names; `conversations_from` are the mapping files whose conversations count, too;
    `checks` are true of all events of the `rules` of the mapping."""

    path: Path
    mapping: Path
    env: Mapping[str, str]
    env_place: Place
    tables: Mapping[str, Table]
    cases: tuple[Case, ...]
    conversations_from: tuple[Path, ...] = ()
    checks: tuple[EventCheck, ...] = ()
    rules: frozenset[str] = frozenset()
