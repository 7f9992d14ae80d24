"""The fields of events with where each comes from, for people."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from greenflash_kafka.explanations.explained_rule import ExplainedRule, FieldSource
from greenflash_kafka.explanations.shown_values import shown

LONGEST: Final = 160
"""Characters of an expression that are shown."""


def field_lines(explained: Sequence[ExplainedRule]) -> list[str]:
    """A block of lines for each event."""
    lines: list[str] = []
    for each in explained:
        if each.sources:
            item = "" if each.explanation.item is None else f", item {each.explanation.item}"
            lines += [f"{each.explanation.rule}{item}:", *(f"  {line}" for one in each.sources for line in _lines(one))]
    return lines


def _lines(source: FieldSource) -> Iterator[str]:
    # An id is there to be copied.
    whole = source.name == "insert_id" and isinstance(source.value, str)
    value = f"{source.name}: {json.dumps(source.value, ensure_ascii=False) if whole else shown(source.value)}"
    if source.how:
        yield f"{value}  ({source.how})"
        return
    layer = ", for all rules of the file" if source.layer == "file" else ""
    yield f"{value}  {source.where}{layer}  {_cut(source.written)}"
    for part in source.parts:
        let = f"  {part.where}  {_cut(part.written)}" if part.written else ""
        yield f"    {_cut(part.name)} is {part.found}{let}"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
