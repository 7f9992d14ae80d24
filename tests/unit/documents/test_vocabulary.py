"""Words of other languages: the file has every section, each word once, and no place for mistakes."""

from __future__ import annotations

from importlib.resources import files
from typing import get_args

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.vocabulary import Remarks, Words, instead_of, remarks, words
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import List, Map


def test_the_file_is_plain_and_has_each_word_of_a_section_once() -> None:
    report = FileReport("vocabulary.yaml")
    root = parse(files("greenflash_kafka.documents").joinpath("vocabulary.yaml").read_bytes(), report)
    assert not report.findings
    assert isinstance(root, Map)
    assert {entry.key.text for entry in root.entries} == {*get_args(Words), *get_args(Remarks)}
    for section in get_args(Words):
        rows = root.get(section)
        assert isinstance(rows, Map)
        written = [len(entry.value.items) for entry in rows.entries if isinstance(entry.value, List)]
        assert len(words(section)) == sum(written)
        assert all(word == word.lower() for word in words(section))


def test_a_word_is_known_whatever_its_capitals() -> None:
    assert instead_of("NVL", "functions") == "coalesce"
    assert instead_of("zzzz", "functions") is None
    assert remarks("signs")["==="] == ("there is no ===", "==")
