"""`schemas pull`: schemas of a registry as files of the folder, the same files for the same registry."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from greenflash_kafka.model.schema import SchemaKey, SchemaRefused, key_text
from greenflash_kafka.schemas.fetch import KINDS, SchemaFetch, version_path
from greenflash_kafka.schemas.folder import INDEX, IndexEntry, IndexReference, SchemaFolder, normal_url
from greenflash_kafka.schemas.registry_answers import RegisteredSchema
from greenflash_kafka.schemas.registry_questions import RegistryQuestions
from greenflash_kafka.schemas.schema_text import SUFFIXES, file_text

NEWEST: Final = 20
"""Versions of a subject that are pulled; older ones by `--seen`, where messages have them."""

_HEAD: Final = "# Written by `greenflash-kafka schemas pull`. Ids are those of their registry alone.\n"


class Pulled(msgspec.Struct):
    """What was pulled: entries with their texts, by subject and version; subjects that don't exist; and what can't be
    used, with why."""

    found: dict[tuple[str, int], tuple[RegisteredSchema, bool]] = {}
    missing: list[str] = []
    refused: dict[str, str] = {}


def subjects_of_topic(topic: str) -> tuple[str, str]:
    """The subjects of a topic's values and keys by the usual naming (TopicNameStrategy)."""
    return f"{topic}-value", f"{topic}-key"


def pull(questions: RegistryQuestions, subjects: Iterable[str], keys: Iterable[SchemaKey] = ()) -> Pulled:
    """The newest versions of these subjects, and the schemas of these keys. Raises `RegistryUnusable`."""
    pulled = Pulled({}, [], {})
    for subject in dict.fromkeys(subjects):
        versions = questions.versions(subject)[-NEWEST:]
        if not versions:
            pulled.missing.append(subject)
        for version in versions:
            _add(pulled, questions.by_version(subject, version), subject, version, latest=version == versions[-1])
    for key in keys:
        where = questions.subjects_of(key) if isinstance(key, int) else []
        known = next((each for each in where if (each.subject, each.version) in pulled.found), None)
        if known is None and where:
            first = where[0]
            _add(pulled, questions.by_version(first.subject, first.version), first.subject, first.version)
        elif known is None:
            _add(pulled, questions.by_key(key), f"schema-{key_text(key)}", 1, key=key)
    return pulled


def _add(
    pulled: Pulled,
    fetch: SchemaFetch | SchemaRefused | None,
    subject: str,
    version: int,
    *,
    latest: bool = False,
    key: SchemaKey | None = None,
) -> None:
    if fetch is None:
        pulled.missing.append(subject)
        return
    if isinstance(fetch, SchemaRefused):
        pulled.refused[f"{subject} {version}"] = fetch.text
        return
    root = fetch.root
    if key is not None:
        root = msgspec.structs.replace(root, id=key) if isinstance(key, int) else root
        root = root if isinstance(key, int) else msgspec.structs.replace(root, guid=key_text(key))
    pulled.found[subject, version] = (root, latest)
    for schema in fetch.parts.values():
        for each in schema.references or ():
            part = fetch.parts.get(version_path(each.subject, each.version))
            if part is not None:
                pulled.found.setdefault((each.subject, each.version), (part, False))


def write(pulled: Pulled, registry: str, path: Path) -> tuple[list[str], list[str]]:
    """Write what was pulled into a folder, beside what it has of other registries and of other versions; the files that
    are new, and those that have changed. Raises OSError."""
    folder = SchemaFolder(path) if (path / INDEX).is_file() else None
    kept = [] if folder is None else _kept(folder, pulled, registry)
    taken = {each.file for each in kept}
    texts: dict[str, str] = {}
    entries = list(kept)
    for (subject, version), (schema, latest) in sorted(pulled.found.items()):
        kind = KINDS[(schema.schema_type or "AVRO").upper()]
        text = file_text(kind, schema.schema)
        file = _file(subject, version, SUFFIXES[kind], registry, taken)
        texts[file] = text
        entries.append(
            IndexEntry(
                subject=subject,
                version=version,
                registry=registry,
                kind=kind,
                file=file,
                id=schema.id,
                guid=schema.guid,
                latest=latest,
                references=tuple(IndexReference(r.name, r.subject, r.version) for r in schema.references or ()),
            )
        )
    path.mkdir(parents=True, exist_ok=True)
    return _written(path, texts | {INDEX: index_text(entries)})


def _kept(folder: SchemaFolder, pulled: Pulled, registry: str) -> list[IndexEntry]:
    newest = {subject for (subject, _), (_, latest) in pulled.found.items() if latest}
    kept = []
    for each in folder.entries:
        ours = normal_url(each.registry) == normal_url(registry)
        if ours and (each.subject, each.version) in pulled.found:
            continue
        kept.append(msgspec.structs.replace(each, latest=False) if ours and each.subject in newest else each)
    return kept


def _file(subject: str, version: int, suffix: str, registry: str, taken: Collection[str]) -> str:
    name = f"{quote(subject, safe=' .-_@+')}.v{version}"
    if f"{name}{suffix}" not in taken:
        return f"{name}{suffix}"
    # Two registries have a subject of this name.
    return f"{name}.{quote(registry.partition('://')[2], safe='.-_')}{suffix}"


def _written(path: Path, texts: Mapping[str, str]) -> tuple[list[str], list[str]]:
    new: list[str] = []
    changed: list[str] = []
    for name, text in texts.items():
        target = path / name
        before = target.read_text(encoding="utf-8") if target.is_file() else None
        if before != text:
            target.write_text(text, encoding="utf-8")
            (new if before is None else changed).append(name)
    return sorted(new), sorted(changed)


def index_text(entries: Iterable[IndexEntry]) -> str:
    """The text of `index.yaml`: JSON's scalars are YAML's, too."""
    lines = [_HEAD, "schemas:\n"]
    for each in sorted(entries, key=lambda entry: (entry.subject, entry.version, entry.registry)):
        lines += [f"  {'- ' if number == 0 else '  '}{line}\n" for number, line in enumerate(_fields(each))]
    return "".join(lines) if len(lines) > 2 else f"{_HEAD}schemas: []\n"


def _fields(entry: IndexEntry) -> Iterator[str]:
    for name, value in msgspec.structs.asdict(entry).items():
        if value in (None, False, ()):
            continue
        if name == "references":
            listed = [msgspec.structs.asdict(each) for each in entry.references]
            yield f"references: {json.dumps(listed, ensure_ascii=False)}"
        else:
            yield f"{name}: {json.dumps(value, ensure_ascii=False)}"
