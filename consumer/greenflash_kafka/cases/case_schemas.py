"""The schemas of `test` and `try`: those of the folder `schemas`, and others that a case or an option names."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.documents.file_tree import DISK, FileTree
from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaKind, SchemaRefused, key_text
from greenflash_kafka.model.topic_format import TopicFormat
from greenflash_kafka.schemas.folder import FolderSchemas, SchemaFolder, SchemasAtHand, folder_beside, no_folder

_KINDS: Final[dict[str, SchemaKind]] = {".avsc": "avro", ".proto": "protobuf", ".json": "json-schema"}

_FIRST_ID: Final = 2**31
"""Ids of schemas that no registry has. Registries count from 1."""


class NamedSchema(msgspec.Struct, frozen=True):
    """A schema, and the key by which a message names it."""

    key: SchemaKey
    schema: Schema


class NoSchema(ValueError):
    """There is no schema of this name; the text says where it was looked for."""


class CaseSchemas(SchemasAtHand):
    """`ports.Schemas` of a folder (None: there is none), and of the schemas that are added to it."""

    def __init__(
        self, folder: SchemaFolder | None, no_folder: str = "there is no folder `schemas`", tree: FileTree = DISK
    ) -> None:
        """`no_folder`: what to say where there is none. `tree` has the files that are named."""
        self._tree = tree
        self._folder = folder
        self._no_folder = no_folder
        self._pulled = None if folder is None else FolderSchemas(folder)
        self._added: dict[SchemaKey, Schema] = {}

    def of_topic(self, topic: str, format: TopicFormat) -> NamedSchema | None:
        """The newest schema of the topic's subject; None if the folder has none."""
        return self._of_subject(format.subject or f"{topic}-value")

    def versions(self, subject: str) -> list[Schema]:
        """The versions of a subject that the folder has, of the newest one's registry, the oldest first."""
        folder = self._folder
        newest = None if folder is None else folder.latest(subject)
        if folder is None or newest is None:
            return []
        entries = [each for each in folder.subjects()[subject] if each.registry == newest.registry]
        ordered = [each for each in entries if each.version < newest.version] + [newest]
        return [schema for schema in map(folder.schema, ordered) if schema is not None]

    def topics(self) -> list[str]:
        """The topics that have a subject of their own."""
        subjects = () if self._folder is None else self._folder.subjects()
        return [each.removesuffix("-value") for each in subjects if each.endswith("-value")]

    def named(self, name: str, beside: Path) -> NamedSchema:
        """The newest schema of a subject, or that of a file (a path relative to `beside`). Raises NoSchema."""
        kind = _KINDS.get(Path(name).suffix)
        if kind is None:
            found = self._of_subject(name)
            if found is not None:
                return found
            where = self._no_folder if self._folder is None else f"{self._folder.path} has no such subject"
            raise NoSchema(f"schema {name}: {where}, and a file's name ends in {', '.join(_KINDS)}")
        try:
            text = self._tree.read(beside / name).decode("utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            said = (isinstance(error, OSError) and error.strerror) or "it isn't UTF-8"
            raise NoSchema(f"schema {name} can't be read: {said}") from None
        return self._add(Schema(kind, text, (), name))

    def give(self, key: SchemaKey, schema: Schema) -> None:
        """From now on the key names this schema, whatever a registry has under it."""
        self._added[key] = schema

    def _add(self, schema: Schema) -> NamedSchema:
        key = next((key for key, known in self._added.items() if known == schema), _FIRST_ID + len(self._added))
        self._added[key] = schema
        return NamedSchema(key, schema)

    def _of_subject(self, subject: str) -> NamedSchema | None:
        entry = None if self._folder is None else self._folder.latest(subject)
        schema = None if entry is None or self._folder is None else self._folder.schema(entry)
        if entry is None or schema is None:
            return None
        if entry.id is not None:
            return NamedSchema(entry.id, schema)
        if entry.guid is not None:
            return NamedSchema(bytes.fromhex(entry.guid.replace("-", "")), schema)
        return self._add(schema)

    def find(self, key: SchemaKey) -> Schema | SchemaRefused | None:
        """See `ports.Schemas`."""
        added = self._added.get(key)
        if added is not None:
            return added
        if self._pulled is None:
            said = "`try --registry` asks the registry, and `try --schema FILE` reads by a file"
            return SchemaRefused("unknown-schema", f"schema {key_text(key)} isn't here: {self._no_folder}; {said}")
        return self._pulled.find(key)


def schemas_beside(mappings: Iterable[Path], tree: FileTree = DISK, *, needed: bool = False) -> CaseSchemas | None:
    """The schemas of the folder that belongs to mapping files; None without one, unless some are `needed`."""
    paths = list(mappings)
    folder = folder_beside(paths, tree)
    return CaseSchemas(folder, no_folder(paths, tree), tree) if folder is not None or needed else None
