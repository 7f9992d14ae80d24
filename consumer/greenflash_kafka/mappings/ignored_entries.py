"""Entries of `ignored`, compiled from a mapping file."""

from __future__ import annotations

from msgspec.structs import replace

from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_nodes import Map, place
from greenflash_kafka.mappings.file_parts import FileParts
from greenflash_kafka.mappings.when import read_when
from greenflash_kafka.rules.conditions import make_line
from greenflash_kafka.rules.ignored import Ignored
from greenflash_kafka.rules.rule_code import compile_rule
from greenflash_kafka.rules.rule_conditions import RuleParts
from greenflash_kafka.rules.when_conditions import asks_for_nothing


def compile_ignored(file: FileParts) -> list[Ignored]:
    """The entries of a file; those with mistakes are left out after saying what is wrong with them."""
    found: list[Ignored] = []
    for values in file.values.records("ignored"):
        entry = _compiled(file, values)
        if entry is not None:
            found.append(entry)
    return found


def _compiled(file: FileParts, values: Values) -> Ignored | None:
    when, because = values.get("when"), values.scalar("because")
    if not isinstance(when, Map):
        return None
    names = replace(file.names, item=False)
    conditions = read_when(when, names, file.report)
    file.whens.append(when)
    if not when.entries:
        said = "every message would be ignored"
        file.report.add(place(when), "no-condition", said, "add conditions below `when`")
        return None
    lines = [make_line(condition, names) for condition in conditions]
    if any(line.uses_item for line in lines):
        said = "`ignored` is asked of a message, not of its items"
        file.report.add(place(when), "wrong-type", said, "use fields of the payload, or headers")
        return None
    if because is None or len(conditions) < len(when.entries):
        return None
    parts = RuleParts(
        "ignored",
        lines,
        (),
        names,
        file.declared,
        null=asks_for_nothing(conditions),
        file=file.report.file,
        line=values.node.line,
    )
    return Ignored(compile_rule(parts), because.text, values.node.line)
