"""Words of other languages and tools, and what is written here instead: `vocabulary.yaml`, read at the first hint."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Literal

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import List, Map, Scalar

Words = Literal["functions", "names", "operators", "nesting", "choices", "units"]
"""A section of words that are replaced by ours."""

Remarks = Literal["keywords", "signs"]
"""A section of words that need a message, too."""


def instead_of(word: str, section: Words) -> str | None:
    """What is written here instead of another language's word, whatever its capitals; None if it isn't known."""
    return words(section).get(word.lower())


@cache
def words(section: Words) -> Mapping[str, str]:
    """Ours, by their word in small letters."""
    return {theirs: ours for ours, row in _rows(section).items() for theirs in row}


@cache
def remarks(section: Remarks) -> Mapping[str, tuple[str, str]]:
    """Message and ours, by their word in small letters, in the order of the file."""
    return {theirs: (message, ours) for theirs, (message, ours) in _rows(section).items()}


def _rows(section: str) -> dict[str, list[str]]:
    whole = _file().get(section)
    return {
        entry.key.text: [item.text for item in entry.value.items if isinstance(item, Scalar)]
        for entry in (whole.entries if isinstance(whole, Map) else ())
        if isinstance(entry.value, List)
    }


@cache
def _file() -> Map:
    content = files(__package__).joinpath("vocabulary.yaml").read_bytes()
    root = parse(content, FileReport("vocabulary.yaml"))
    assert isinstance(root, Map)
    return root
