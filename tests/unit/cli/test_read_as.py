"""`try` of messages that have a schema: encoded first, and what they were read as."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run

RULES = """\
version: 1
source: {topics: [shop.orders]%s}
rules:
  - name: paid
    when: {kind: paid}
    event:
      event_type: paid
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      value: = payload.id
"""
FIELDS = [{"name": "kind", "type": "string"}, {"name": "id", "type": "string"}]
SCHEMA = json.dumps({"type": "record", "name": "acme.Paid", "fields": FIELDS})
INDEX = """\
schemas:
  - {subject: shop.orders-value, version: 7, registry: "https://one", id: 1234, kind: avro, file: o.avsc, latest: true}
"""


class Tried:
    def __init__(self, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capfd = capfd
        self.source("")

    def source(self, more: str) -> None:
        (self.folder / "rules.yaml").write_text(RULES % more)

    def __call__(self, message: bytes, *arguments: str) -> tuple[int, str]:
        (self.folder / "message").write_bytes(message)
        code = run(["try", "--rules", str(self.folder / "rules.yaml"), str(self.folder / "message"), *arguments])
        out, err = self._capfd.readouterr()
        return code, out + err


@pytest.fixture
def tried(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Tried:
    return Tried(tmp_path, capfd)


def pulled(folder: Path) -> None:
    (folder / "schemas").mkdir()
    (folder / "schemas" / "index.yaml").write_text(INDEX)
    (folder / "schemas" / "o.avsc").write_text(SCHEMA)


BYTES = b"\x00\x00\x00\x04\xd2\x08paid\x06o-1"
PAID = b'{"kind": "paid", "id": "o-1"}'


@pytest.mark.parametrize("message", [BYTES, PAID], ids=["bytes", "JSON"])
def test_the_schema_of_a_message_is_said(tried: Tried, message: bytes) -> None:
    pulled(tried.folder)
    code, said = tried(message)
    assert code == 0, said
    assert "mapped\n\nread as Avro acme.Paid, schema 1234 (shop.orders-value v7)\n" in said


def test_in_json_too(tried: Tried) -> None:
    pulled(tried.folder)
    _, said = tried(BYTES, "--json")
    assert json.loads(said)["read_as"] == "read as Avro acme.Paid, schema 1234 (shop.orders-value v7)"


def test_a_schema_can_be_named(tried: Tried) -> None:
    file = tried.folder / "own.avsc"
    file.write_text(SCHEMA)
    code, said = tried(PAID, "--schema", str(file))
    assert code == 0, said
    assert f"read as Avro acme.Paid, schema {file}\n" in said
    code, said = tried(b'{"kind": "paid"}', "--schema", str(file))
    assert code == 2
    assert "the payload doesn't fit" in said


def test_bare_bytes_are_of_a_files_schema(tried: Tried) -> None:
    (tried.folder / "orders.avsc").write_text(SCHEMA)
    tried.source(", format: avro, schema: orders.avsc")
    for message in (BYTES[5:], PAID):
        code, said = tried(message)
        assert code == 0, said
        assert "read as Avro acme.Paid, schema orders.avsc\n" in said


def test_of_plain_json_nothing_is_said(tried: Tried) -> None:
    code, said = tried(PAID)
    assert code == 0, said
    assert "read as" not in said


def test_what_isnt_read_says_what_to_do(tried: Tried) -> None:
    code, said = tried(BYTES)
    assert code == 1
    assert "schema 1234 isn't here: there is no schemas/index.yaml" in said
    assert "--registry" in said
    tried.source(", format: avro")
    code, said = tried(PAID)
    assert code == 2
    assert "no schema of shop.orders-value is here" in said
    assert "--schema" in said


def test_bytes_become_a_case_that_names_their_file(tried: Tried) -> None:
    pulled(tried.folder)
    code, said = tried(BYTES, "--case")
    assert code == 1
    assert "give MESSAGE as a file, and --case a cases file" in said
    file = tried.folder / "rules_test.yaml"
    code, said = tried(BYTES, "--case", str(file))
    assert code == 0, said
    assert "file: message" in file.read_text()
