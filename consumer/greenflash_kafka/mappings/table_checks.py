"""Checks of tables from topics that need all files: names, and how their topics are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import re2

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import place
from greenflash_kafka.mappings.mapping import Understood
from greenflash_kafka.mappings.table_entries import TopicTableEntry
from greenflash_kafka.model.topic_format import TopicFormat
from greenflash_kafka.rules.topic_formats import contradiction, written


def check_topic_tables(files: Sequence[Understood], dead_letters: str | None) -> None:
    """Report tables of one name that differ, a topic that is read in two ways, and the topic of dead letters."""
    names: dict[str, tuple[TopicTableEntry, str]] = {}
    for file in files:
        for entry in file.tables:
            known = names.setdefault(entry.table.name, (entry, str(file.path)))
            if known[0].table != entry.table:
                said = f"{known[1]} has a table of this name from a topic, too, and says something else of it"
                file.report.add(place(entry.written), "duplicate-name", said, "say the same, or choose another name")
            if entry.topic.text == dead_letters:
                said = f"{dead_letters} is the dead-letter topic"
                file.report.add(place(entry.topic), "dead-letter-topic", said, "name the topic that tells the rows")
            for other, format in _others(files, entry):
                _check_format(entry, format, other, file.report)


def _others(files: Sequence[Understood], entry: TopicTableEntry) -> Iterator[tuple[str, TopicFormat]]:
    """Who else reads the table's topic, and how."""
    topic = entry.topic.text
    for file in files:
        if topic in file.topics or any(re2.fullmatch(pattern, topic) for pattern in file.patterns):
            yield str(file.path), file.format
        for other in file.tables:
            if other is not entry and other.topic.text == topic:
                yield f"{file.path}, table {other.written.text},", other.format


def _check_format(entry: TopicTableEntry, format: TopicFormat, other: str, report: FileReport) -> None:
    key = contradiction(format, entry.format)
    if key is None or key == "snapshots":
        return
    theirs = written(format, key)
    said = f"{other} reads the same topic, {f'with {key}: {theirs}' if theirs else f'and says no {key}'}"
    hint = f"source: {{{key}: {theirs}}}" if theirs else f"leave {key} out of the table's source"
    report.add(place(entry.topic), "mixed-source", said, hint)
