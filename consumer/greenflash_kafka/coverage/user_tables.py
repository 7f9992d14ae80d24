"""Users that rules take from tables in files: a table that is a sample leaves most events without one."""

from __future__ import annotations

import msgspec

from greenflash_kafka.model.event import Event
from greenflash_kafka.rules.rule import Rule

_USERS = ("external_user_id", "user_id")


class UserTable(msgspec.Struct, frozen=True):
    """A table of a file, and the number of its rows by its first key."""

    name: str
    rows: int


class _UserOfBody(msgspec.Struct, rename="camel"):
    external_user_id: str | None = None
    user_id: str | None = None


_BODY = msgspec.json.Decoder(_UserOfBody)


def user_tables(rule: Rule) -> tuple[UserTable, ...]:
    """The tables of files that a rule looks its events' user up in."""
    users = [each for each in rule.info.fields if each.name in _USERS]
    known = rule.code.parts.names.tables
    names = dict.fromkeys(
        str(path.steps[0]) for field in users for path in field.reads if path.root == "tables" and path.steps
    )
    tables = (known.get(name) for name in names)
    return tuple(UserTable(each.name, len(each.rows)) for each in tables if each is not None and not each.source)


def has_user(event: Event) -> bool:
    """Whether an event says whose it is."""
    body = _BODY.decode(event.body)
    return bool(body.external_user_id or body.user_id)
