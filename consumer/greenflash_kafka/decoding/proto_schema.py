"""Protobuf schemas: text, base64 descriptors or a descriptor set -> a pool of descriptors of its own."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError

from greenflash_kafka.decoding.confluent_protos import CONFLUENT_PROTOS
from greenflash_kafka.decoding.proto_pool import ProtoPool
from greenflash_kafka.decoding.protoc import compile_texts
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.schema import Schema

MAX_BYTES: Final = 1_048_576
MAX_REFERENCES: Final = 100
MAX_FIELDS: Final = 5_000
"""Fields of all messages of a schema and its references; of enums' symbols and of messages there may be as many."""

_BASE64: Final = re.compile(r"[A-Za-z0-9+/\s]+={0,2}\s*")
_NAME: Final = re.compile(r"\w[\w.+@ -]*(/\w[\w.+@ -]*)*", re.ASCII)

File = Any
"""A FileDescriptorProto."""


@lru_cache(maxsize=64)
def compile_schema(schema: Schema) -> ProtoPool:
    """The schema's descriptors; its topics and messages share them.

    Raises SchemaError. OSError: the compiler can't be started now, which says nothing of the schema.
    """
    _check_size(schema)
    main = _main_name(schema)
    texts: dict[str, str] = {}
    files: dict[str, File] = {}
    for name, text in (*schema.references, (main, schema.text)):
        found = _descriptors(text)
        if found is None:
            texts[name] = text
        elif len(found) == 1:
            found[0].name = name
            files[name] = found[0]
        else:
            files |= {file.name: file for file in found}
            main = found[-1].name if name == main else main
    texts |= _confluent(texts, files)
    if texts:
        known = descriptor_pb2.FileDescriptorSet(file=files.values()).SerializeToString() if files else b""
        compiled = compile_texts(texts, {main: schema.subject or "schema"}, known)
        files |= {file.name: file for file in descriptor_pb2.FileDescriptorSet.FromString(compiled).file}
    given = {main, *(name for name, _ in schema.references)}
    _check_fields(file for name, file in files.items() if name in given)
    return ProtoPool(files, main)


def _check_size(schema: Schema) -> None:
    if len(schema.references) > MAX_REFERENCES:
        raise SchemaError(f"has {len(schema.references)} references; {MAX_REFERENCES} are the most")
    size = sum(len(text) for text in (schema.text, *(text for _, text in schema.references)))
    if size > MAX_BYTES:
        raise SchemaError(f"{size:,} characters with its references; {MAX_BYTES:,} are the most")
    for name, _ in schema.references:
        if not _NAME.fullmatch(name) or len(name) > 255:
            raise SchemaError(f"the reference {name[:100]!r} is no path of a .proto file")


def _main_name(schema: Schema) -> str:
    """A name under which nothing is imported."""
    name, taken = "main.proto", {name for name, _ in schema.references}
    while name in taken:
        name = f"_{name}"
    return name


def _descriptors(text: str) -> Sequence[File] | None:
    """The files of base64, each after those that it imports; None for text of the .proto language."""
    if not text.strip():
        raise SchemaError("is empty")
    if not _BASE64.fullmatch(text):
        return None
    try:
        data = base64.b64decode(text, validate=False)
    except (binascii.Error, ValueError):
        return None
    # A descriptor's first field is its name, a set's the first descriptor: few bytes are both, and none with a name.
    for kind in (descriptor_pb2.FileDescriptorSet, descriptor_pb2.FileDescriptorProto):
        try:
            found = kind.FromString(data)
        except DecodeError:
            continue
        files = list(found.file) if kind is descriptor_pb2.FileDescriptorSet else [found]
        if files and all(file.name for file in files):
            return files
    raise SchemaError("is base64, but of no FileDescriptorProto and no FileDescriptorSet")


def _confluent(texts: Mapping[str, str], files: Mapping[str, File]) -> dict[str, str]:
    """Confluent's own files, if there is an import of one and it isn't among the references."""
    wanted = any('"confluent/' in text or "'confluent/" in text for text in texts.values()) or any(
        name in CONFLUENT_PROTOS for file in files.values() for name in file.dependency
    )
    return {name: text for name, text in CONFLUENT_PROTOS.items() if name not in texts and name not in files and wanted}


def _check_fields(files: Iterable[File]) -> None:
    counts = {"fields": 0, "symbols": 0, "messages": 0}
    for message in _messages(files, counts):
        counts["messages"] += 1
        counts["fields"] += len(message.field) + len(message.extension)
        for what, count in counts.items():
            if count > MAX_FIELDS:
                raise SchemaError(f"has more than {MAX_FIELDS:,} {what}")


def _messages(files: Iterable[File], counts: dict[str, int]) -> Iterator[Any]:
    """Every message; the symbols of every enum are counted."""
    level: list[Any] = list(files)
    for file in level:
        counts["fields"] += len(file.extension)
        counts["symbols"] += sum(len(enum.value) for enum in file.enum_type)
    level = [message for file in level for message in file.message_type]
    while level:
        for message in level:
            counts["symbols"] += sum(len(enum.value) for enum in message.enum_type)
            yield message
        level = [inner for message in level for inner in message.nested_type]
