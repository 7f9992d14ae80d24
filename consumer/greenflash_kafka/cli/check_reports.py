"""Checks of `doctor` as they are shown: for people as they come, for programs at the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import click
import msgspec

from greenflash_kafka.cli.check import Check
from greenflash_kafka.cli.style import mark, show

_MARKS: Final = {"ok": "ok     ", "warning": "WARNING", "failed": "FAILED ", "skipped": "skipped"}


def as_they_come(checks: Iterable[Check]) -> bool:
    """Show each at once, since a broker that doesn't answer takes ten seconds; True when one has failed."""
    failed = False
    for check in checks:
        failed = failed or check.status == "failed"
        show(f"{mark(_MARKS[check.status], check.status)}  {check.name}: {check.said}")
        if check.todo:
            show("\n".join(f"           {line}" for line in check.todo.splitlines()))
    return failed


def as_json(checks: Iterable[Check]) -> bool:
    """Show all as one list of objects; True when one has failed."""
    found = list(checks)
    click.echo(msgspec.json.format(msgspec.json.encode(found), indent=2))
    return any(check.status == "failed" for check in found)
