"""Schemas in files beside a mapping file: what `source: {schema: FILE}` names, and the files that it imports."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from greenflash_kafka.documents.file_tree import FileTree
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import Scalar, place
from greenflash_kafka.mappings.files_beside import read_beside
from greenflash_kafka.model.schema import Schema, SchemaKind

CODE: Final = "bad-schema-file"

MAX_BYTES: Final = 1_000_000
"""Largest file of a schema."""

_MOST_IMPORTS: Final = 100
_SETS: Final = (".binpb", ".desc", ".pb", ".protoset")
"""Endings of Protobuf's descriptor sets, which are bytes and have their imports in them."""

_ENDINGS: Final = {"avro": (".avsc",), "protobuf": (".proto", *_SETS)}
_IMPORT: Final = re.compile(r"""(?:^|;)\s*import\s+(?:public\s+|weak\s+)?["']([^"']+)["']\s*;""", re.MULTILINE)
_GIVEN: Final = (
    "confluent/",
    "google/api/",
    "google/longrunning/",
    "google/protobuf/",
    "google/rpc/",
    "google/type/",
)
"""Imports that come with the libraries."""


def read_schema_file(named: Scalar, kind: str, folder: Path, tree: FileTree, report: FileReport) -> Schema | None:
    """The schema in a file, with what it imports (of the same folder, for .proto); None after saying what is wrong."""
    text = _text(named, kind, folder, tree, report)
    if text is None:
        return None
    found: SchemaKind = "protobuf" if kind == "protobuf" else "avro"
    if found == "avro":
        return Schema(found, text, (), named.text) if _is_json(named, text, report) else None
    if named.text.endswith(_SETS):
        return Schema(found, text, (), named.text)
    references: dict[str, str] = {}
    whole = _imports(text, (folder / named.text).parent, folder, tree, references, [])
    for missing in whole:
        report.add(place(named), CODE, f"{named.text} imports {missing}, which isn't beside it")
        return None
    return Schema(found, text, tuple(references.items()), named.text)


def _text(named: Scalar, kind: str, folder: Path, tree: FileTree, report: FileReport) -> str | None:
    content = read_beside(named, folder, tree, report, code=CODE, what="a schema", endings=_ENDINGS[kind])
    if content is None:
        return None
    if len(content) > MAX_BYTES:
        report.add(place(named), CODE, f"{named.text} is larger than {MAX_BYTES:,} bytes")
        return None
    if kind == "protobuf" and named.text.endswith(_SETS):
        return b64encode(content).decode()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        hint = "name the .proto file" if kind == "protobuf" else "name the .avsc file, which is JSON"
        report.add(place(named), CODE, f"{named.text} isn't UTF-8 text", hint)
        return None


def _is_json(named: Scalar, text: str, report: FileReport) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError) as error:
        report.add(place(named), CODE, f"{named.text} isn't JSON, as an Avro schema is: {str(error)[:120]}")
        return False
    return True


def _imports(
    text: str, beside: Path, folder: Path, tree: FileTree, found: dict[str, str], entered: list[str]
) -> Iterator[str]:
    """Read what a .proto file imports, each after what it imports itself; gives the names that can't be read."""
    for name in _IMPORT.findall(text):
        if name in found or name in entered or name.startswith(_GIVEN):
            continue
        content = _imported(name, beside, folder, tree) if len(entered) < _MOST_IMPORTS else None
        if content is None:
            yield name
            continue
        entered.append(name)
        yield from _imports(content, beside, folder, tree, found, entered)
        found[name] = content


def _imported(name: str, beside: Path, folder: Path, tree: FileTree) -> str | None:
    """The text of an import, looked for beside the file that is named, and in the mapping file's folder."""
    for place_ in (beside, folder):
        file = place_ / name
        try:
            if tree.real(file).is_relative_to(tree.real(folder)) and tree.is_file(file):
                content = tree.read(file)
                return content.decode() if len(content) <= MAX_BYTES else None
        except (OSError, RuntimeError, UnicodeDecodeError):
            return None
    return None
