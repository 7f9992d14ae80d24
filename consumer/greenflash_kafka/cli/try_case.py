"""`try --case`: a message as a case, added to a cases file or printed as a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

import click

from greenflash_kafka.cases.case import ToldActivity
from greenflash_kafka.cases.cases_text import NoPlace
from greenflash_kafka.cases.take_case import TakenMessage, take_case
from greenflash_kafka.evaluate import explain
from greenflash_kafka.mappings.cases_names import is_cases_file
from greenflash_kafka.model.message import Message
from greenflash_kafka.snapshot import Snapshot

PRINT = "-"
"""In place of a file: print it."""


def file_of(message: IO[bytes]) -> Path | None:
    """The file that a message is read from; None for standard input."""
    name = getattr(message, "name", None)
    return Path(name) if isinstance(name, str) and Path(name).is_file() else None


def file_and_message(case: str | None, message: IO[bytes]) -> tuple[str | None, IO[bytes]]:
    """The cases file, and the message: in `--case message.json` alone, the file is the message."""
    misplaced = case not in (None, PRINT) and not is_cases_file(Path(case or "")) and Path(case or "").is_file()
    if misplaced and case is not None and file_of(message) is None:
        return PRINT, Path(case).open("rb")
    return case, message


def taken(message: Message, file: Path | None, told: Sequence[ToldActivity] | None) -> TakenMessage:
    """A message to take, see `TakenMessage`."""
    return TakenMessage(message, file, told)


def write_case(given: str, taken: TakenMessage, snapshot: Snapshot, environ: Mapping[str, str]) -> int:
    """Add the message as a case to the file `given`, or print a new file with it; 1 if that can't be done."""
    if given != PRINT and not is_cases_file(Path(given)):
        said = f"--case {given}: the name of a cases file ends in _test.yaml, e.g. --case mappings/shop_test.yaml"
        raise click.UsageError(f"{said}; MESSAGE stands before --case")
    if taken.file is None and not _is_text(taken.message.value):
        said = (
            "no case was written: the message is no text, so a case names its file: give MESSAGE as a file, and --case "
        )
        click.echo(f"{said}a cases file (x_test.yaml)", err=True)
        return 1
    mapping = _mapping(taken.message, snapshot)
    path = mapping.with_name(f"{mapping.stem}_test.yaml") if given == PRINT else Path(given)
    beside = [path.with_name(path.stem.removesuffix("_test") + ending) for ending in (".yaml", ".yml")]
    mapping = next((each for each in beside if each.is_file()), mapping)
    content = path.read_text(encoding="utf-8") if given != PRINT and path.exists() else ""
    try:
        found = take_case(path, content, mapping, taken, environ)
    except NoPlace as error:
        click.echo(f"no case was written: {error}", err=True)
        return 1
    if given == PRINT:
        click.echo(found.text, nl=False)
        return 0
    path.write_bytes(found.text.encode())
    click.echo(f"{path}: {'added' if content else 'written with'} the case `{found.name}`; it passes")
    return 0


def _is_text(value: bytes | None) -> bool:
    try:
        return value is None or "\x00" not in value.decode()
    except UnicodeDecodeError:
        return False


def _mapping(message: Message, snapshot: Snapshot) -> Path:
    """The mapping file with the rule that matches, else the first that reads the topic."""
    explanations = explain(message, snapshot)
    matched = [each.file for each in explanations if each.result != "failed"]
    return Path(next(iter([*matched, *(each.file for each in explanations), *snapshot.ruleset.files])))
