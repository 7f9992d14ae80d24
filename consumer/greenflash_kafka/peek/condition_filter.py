"""Conditions of a command line, compiled as a rule's `when` is: a mapping file in memory goes through the loader."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.documents.bytes_tree import BytesTree
from greenflash_kafka.documents.findings import Finding
from greenflash_kafka.mappings.file_parts import Surroundings
from greenflash_kafka.mappings.mapping import understand
from greenflash_kafka.model.topic_format import TopicFormat
from greenflash_kafka.rules.ruleset import Ruleset

NAME: Final = "--where"
"""What findings name as the file."""

_HEAD: Final = """\
version: 1
source: {{topics: [{topic}], envelope: {envelope}, key: {key}}}
rules:
  - name: where
    event: {{event_type: found, product_id: 00000000-0000-4000-8000-000000000000, value: "1"}}
    when:
"""
_INDENT: Final = 6


class ConditionsInvalid(ValueError):
    """The conditions can't be read; `findings` say where and why."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(each.describe() for each in findings))
        self.findings = findings


def condition_rules(text: str, topic: str, format: TopicFormat) -> Ruleset:
    """Rules that give an event for each message of the topic for which the conditions (lines of YAML, as under `when`)
    hold. Raises ConditionsInvalid."""
    envelope, key = json.dumps(format.envelope), json.dumps(format.key)
    head = _HEAD.format(topic=json.dumps(topic), envelope=envelope, key=key)
    content = head + "\n".join(" " * _INDENT + line for line in text.splitlines()) + "\n"
    around = Surroundings({}, True, BytesTree(Path("/"), {}))
    understood = understand(Path(NAME), content.encode("utf-8", "replace"), around)
    if understood.report.failed:
        errors = [each for each in understood.report.findings if each.severity == "error"]
        raise ConditionsInvalid(tuple(_moved(errors, head.count("\n"))))
    # The envelope is needed for paths; the rest of the format comes from the mapping files as it is.
    return Ruleset([msgspec.structs.replace(understood.compiled, format=format)], NAME)


def _moved(findings: Iterable[Finding], lines: int) -> Iterator[Finding]:
    """The findings with the places that things have in the text that was given."""
    for each in findings:
        if each.line <= lines:
            yield msgspec.structs.replace(each, line=1, column=1, end_line=1, end_column=1)
        else:
            yield msgspec.structs.replace(
                each,
                line=each.line - lines,
                column=max(1, each.column - _INDENT),
                end_line=each.end_line - lines,
                end_column=max(1, each.end_column - _INDENT),
            )
