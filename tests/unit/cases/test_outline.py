"""The names that stand in a mapping file, right or wrong, and the loader that reads each file once."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.cases.mapping_facts import MappingOutlines
from greenflash_kafka.cases.outline import MappingOutline, outline
from greenflash_kafka.documents.file_tree import DISK
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.mappings.files import MappingLoader

MAPPING = """\
version: 1
source: {topics: [shop.orders]}
tables: {plans: {a: {name: A}}}
when: {live: true}
rules:
  - name: paid
    when: {type: paid, any: [{a: 1}, {none: [{b: 2}]}]}
    event: {event_type: paid, product_id: "${PRODUCT}"}
  - {name: of another product, event: {product_id: p-2}}
conversations:
  - {name: chat, keys: {external_user_id: = payload.u, email: = payload.e}}
"""


def read(text: str) -> MappingOutline | None:
    return outline(parse(text.encode(), FileReport("f.yaml")))


def test_every_name_stands_in_the_outline_though_the_file_has_mistakes() -> None:
    found = read(MAPPING)
    assert found is not None
    assert found.topic == "shop.orders"
    assert found.rules == frozenset(("paid", "of another product", "chat"))
    assert found.tables == {"plans"}
    assert {"live", "type", "a", "b", "any", "where", "valid"} <= found.conditions
    assert found.sources == {"chat": frozenset(("external_user_id", "email"))}


def test_what_is_not_there_is_not_known() -> None:
    found = read("version: 1\nsource: {topics: [a, b]}\n")
    assert found is not None
    assert (found.topic, found.rules) == ("", None)
    assert read("- a list") is None
    assert read("broken: [") is None


def test_a_loader_reads_each_file_once_and_knows_its_outline(tmp_path: Path) -> None:
    file = tmp_path / "x.yaml"
    file.write_text(MAPPING)
    loader = MappingLoader({})
    loader.add([file])
    file.write_text("version: 1\n")
    loader.add([tmp_path])
    assert loader.has(tmp_path / "." / "x.yaml")
    assert not loader.has(tmp_path / "y.yaml")
    assert MappingOutlines(DISK, loader).of(file) == read(MAPPING)
