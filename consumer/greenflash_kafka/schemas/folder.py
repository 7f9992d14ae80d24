"""`schemas/` beside the mapping files: schemas that were pulled from registries, so that nothing has to be asked.

`index.yaml` says of each file whose it is: the registry, and its ids, which mean nothing to another registry. For
people and `lint` the subject counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.documents.file_tree import DISK, FileTree
from greenflash_kafka.documents.findings import Finding
from greenflash_kafka.documents.plain_document import plain_document
from greenflash_kafka.documents.yaml_nodes import NOWHERE
from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaKind, SchemaRefused, key_text

INDEX: Final = "index.yaml"
FOLDER: Final = "schemas"
_UP: Final = 3
"""Folders above a mapping file in which `schemas/` is looked for."""


class IndexReference(msgspec.Struct, frozen=True):
    """The name under which a text refers to another entry of the index."""

    name: str
    subject: str
    version: int


class IndexEntry(msgspec.Struct, frozen=True):
    """One version of a subject in one registry. `file` is a path in the folder; `guid` 32 hexadecimal digits with
    hyphens, where the registry gives one. `latest`: the newest version of its subject when it was pulled."""

    subject: str
    version: int
    registry: str
    kind: SchemaKind
    file: str
    id: int | None = None
    guid: str | None = None
    latest: bool = False
    references: tuple[IndexReference, ...] = ()

    def has(self, key: SchemaKey) -> bool:
        """Whether a message names it by this key."""
        return key == self.id if isinstance(key, int) else self.guid is not None and self.guid == key_text(key)


class SchemaFolder:
    """The entries of one folder, and the schemas in its files. `findings` are what is wrong with it; what is wrong is
    left out."""

    def __init__(self, path: Path, tree: FileTree = DISK) -> None:
        self.path = path
        self._tree = tree
        self.findings: tuple[Finding, ...] = ()
        self.entries: tuple[IndexEntry, ...] = ()
        self._texts: dict[str, str | None] = {}
        self._read()

    def whole(self) -> SchemaFolder:
        """This folder, with all its files read: they may go."""
        for each in self.entries:
            self._text(each.file)
        return self

    def subjects(self) -> Mapping[str, tuple[IndexEntry, ...]]:
        """The entries by subject, the oldest version first."""
        found: dict[str, tuple[IndexEntry, ...]] = {}
        for each in sorted(self.entries, key=lambda entry: (entry.subject, entry.version, entry.registry)):
            found[each.subject] = (*found.get(each.subject, ()), each)
        return found

    def latest(self, subject: str) -> IndexEntry | None:
        """The newest version of a subject, None if there is none."""
        entries = self.subjects().get(subject, ())
        return max(entries, key=lambda entry: (entry.latest, entry.version), default=None)

    def named(self, key: SchemaKey) -> list[IndexEntry]:
        """The entries that a key names, in whatever registry."""
        return [each for each in self.entries if each.has(key)]

    def named_in(self, registries: Iterable[str]) -> list[IndexEntry]:
        """The entries of these registries, by their URLs."""
        only = {normal_url(each) for each in registries}
        return [each for each in self.entries if normal_url(each.registry) in only]

    def schema(self, entry: IndexEntry) -> Schema | None:
        """The schema of an entry; None if one of its files can't be read."""
        references: dict[str, str] = {}
        text = self._text(entry.file)
        if text is None or not self._gather(entry, references, set()):
            return None
        return Schema(entry.kind, text, tuple(references.items()), entry.subject, entry.version)

    def _gather(self, entry: IndexEntry, found: dict[str, str], entered: set[tuple[str, int]]) -> bool:
        for each in entry.references:
            key = (each.subject, each.version)
            own = (one for one in self.entries if one.registry == entry.registry)
            at = next((one for one in own if (one.subject, one.version) == key), None)
            text = None if at is None else self._text(at.file)
            if at is None or text is None:
                return False
            if key not in entered:
                entered.add(key)
                if not self._gather(at, found, entered):
                    return False
            found.setdefault(each.name, text)
        return True

    def _text(self, file: str) -> str | None:
        if file not in self._texts:
            path = self.path / file
            try:
                # The index is a file that anybody may have written.
                inside = self._tree.real(path).is_relative_to(self._tree.real(self.path))
                self._texts[file] = self._tree.read(path).decode() if inside else None
            except (OSError, RuntimeError, UnicodeDecodeError, ValueError):
                self._texts[file] = None
        return self._texts[file]

    def _read(self) -> None:
        path = self.path / INDEX
        try:
            document = plain_document(self._tree.read(path), str(path))
        except OSError as error:
            said = f"the file can't be read: {error.strerror or type(error).__name__}"
            self.findings = (Finding(str(path), *NOWHERE, "unreadable", "error", said),)
            return
        value = document.value
        listed = value.get("schemas") if isinstance(value, dict) else None
        found: list[IndexEntry] = []
        wrong = list(document.findings)
        for number, each in enumerate(listed if isinstance(listed, list) else ()):
            try:
                found.append(msgspec.convert(each, IndexEntry))
            except msgspec.ValidationError as error:
                place = document.places.get(("schemas", number), NOWHERE)
                hint = "`greenflash-kafka schemas pull` writes this file"
                wrong.append(Finding(str(path), *place, "bad-value", "error", str(error), hint))
        self.entries, self.findings = tuple(found), tuple(wrong)


class SchemasAtHand:
    """The part of `ports.Schemas` of those that ask nobody: what they have is known at once, or never."""

    def doubt(self, key: SchemaKey) -> None:
        """See `ports.Schemas`: nothing waits here."""

    def poll(self) -> Sequence[SchemaKey]:
        """See `ports.Schemas`."""
        return ()

    def lacks(self, topic: str, key: SchemaKey, fields: Sequence[str]) -> None:
        """See `ports.Schemas`: `lint` says it."""

    def waits(self) -> Mapping[SchemaKey, str]:
        """See `ports.Schemas`."""
        return {}

    @property
    def stalled(self) -> str:
        """See `ports.Schemas`."""
        return ""

    def close(self) -> None:
        """See `ports.Schemas`."""


class FolderSchemas(SchemasAtHand):
    """`ports.Schemas` of a folder alone, for `lint`, `test` and `try`: what isn't there is refused at once, since
    nobody is asked. An id counts whatever its registry, unless two registries have two schemas of it."""

    def __init__(self, folder: SchemaFolder) -> None:
        self.folder = folder
        self._found: dict[SchemaKey, Schema | SchemaRefused] = {}

    def find(self, key: SchemaKey) -> Schema | SchemaRefused | None:
        """See `ports.Schemas`."""
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._look(key)
        return found

    def _look(self, key: SchemaKey) -> Schema | SchemaRefused:
        entries = self.folder.named(key)
        name, index = key_text(key), self.folder.path / INDEX
        schemas = [schema for schema in map(self.folder.schema, entries) if schema is not None]
        if not entries:
            said = f"schema {name} isn't in {index}: `greenflash-kafka schemas pull` writes it"
        elif not schemas:
            said = f"{entries[0].file} of schema {name}, or what it refers to, can't be read in {self.folder.path}"
        elif any(each.text != schemas[0].text for each in schemas):
            said = f"schema {name} is another one in {' and in '.join(each.registry for each in entries)}"
        else:
            return schemas[0]
        return SchemaRefused("unknown-schema", said)


def folder_beside(mappings: Iterable[Path], tree: FileTree = DISK) -> SchemaFolder | None:
    """The folder `schemas` that belongs to mapping files: beside them, or beside a folder that holds them."""
    found = next((each for each in _places(mappings, tree) if tree.is_file(each / INDEX)), None)
    return None if found is None else SchemaFolder(found, tree)


def no_folder(mappings: Iterable[Path], tree: FileTree = DISK) -> str:
    """What to say where `folder_beside` finds none: where it was looked for, and what writes it."""
    places = list(_places(mappings, tree))
    there = next((each for each in places if tree.is_folder(each)), None)
    found = "" if there is None else f" ({there} is there, without {INDEX})"
    looked = ", ".join(str(each / INDEX) for each in places)
    return f"there is no {FOLDER}/{INDEX}{found}: looked for {looked}. `greenflash-kafka schemas pull` writes it"


def _places(mappings: Iterable[Path], tree: FileTree) -> Iterator[Path]:
    """The folders that may be it, each once, the nearest to a mapping file first."""
    seen: set[Path] = set()
    for path in mappings:
        at = path.absolute()
        for parent in (at, *at.parents)[: _UP + 1]:
            if parent not in seen and not tree.is_file(parent):
                seen.add(parent)
                yield parent / FOLDER


def normal_url(url: str) -> str:
    """A registry's URL as it is compared."""
    return url.strip().rstrip("/").lower()
