"""The part of `lint` that looks at schemas: of files beside the mapping files, and of the folder `schemas`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from greenflash_kafka.cases.case_schemas import CaseSchemas, schemas_beside
from greenflash_kafka.cases.schema_advice import NamedTree, advise_on_schema
from greenflash_kafka.decoding.format_faults import format_fault
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.decoding.schema_paths import schema_tree
from greenflash_kafka.documents.file_tree import DISK, FileTree
from greenflash_kafka.documents.yaml_nodes import place
from greenflash_kafka.mappings.mapping import Understood
from greenflash_kafka.model.formats import AUTO, DEFAULT, SCHEMA_FORMATS
from greenflash_kafka.model.schema import Schema
from greenflash_kafka.schemas.folder import SchemaFolder

NO_SUBJECT: Final = (
    "if its messages name schemas, check schema_registry.url, or say the subject: source: {subject: NAME}; "
    "if they are plain JSON, say so: source: {format: json}"
)


def lint_schemas(
    files: Sequence[Understood], *, registry: bool | None, folder: SchemaFolder | None = None, tree: FileTree = DISK
) -> None:
    """Report about these files what their schemas show: those of `folder`, else of the folder beside the files.
    `registry`: whether the configuration names one; None: there is no configuration here."""
    schemas = schemas_beside((file.path for file in files), tree) if folder is None else CaseSchemas(folder)
    for file in files:
        if _usable(file, registry):
            if schemas is not None and folder is not None:
                _subjects_there(file, schemas)
            for named in _trees(file, schemas):
                for facts in file.facts:
                    advise_on_schema(facts, named)


def _usable(file: Understood, registry: bool | None) -> bool:
    """Whether the file's messages can be read; a finding says why not."""
    format, source = file.format, file.source
    if source is None:
        return False
    fault = format_fault(format)
    if fault is not None:
        file.report.add(source.at("schema" if format.schema else "format"), "bad-schema-file", fault)
    elif registry is False and format.format in SCHEMA_FORMATS and format.schema is None:
        said = f"{format.format} needs the schemas that messages name, and the configuration has no schema_registry.url"
        hint = "set it" if format.format == "json-schema" else "set it, or add schema: FILE for bare bytes"
        file.report.add(source.at("format"), "no-registry", said, hint)
    return fault is None


def _subjects_there(file: Understood, schemas: CaseSchemas) -> None:
    """Report topics whose subject the registry doesn't have: each message would be invalid, or is plain JSON."""
    if file.source is None or not file.format.may_name_schemas:
        return
    for topic, written in file.topics.items():
        subject = file.format.subject or f"{topic}-value"
        if not schemas.versions(subject):
            file.report.add(place(written), "unknown-subject", f"the registry has no subject {subject}", NO_SUBJECT)


def _trees(file: Understood, schemas: CaseSchemas | None) -> Iterator[NamedTree]:
    """The schemas of a file's topics, each once."""
    format = file.format
    if format.format == DEFAULT:
        return
    if format.schema is not None:
        yield from _tree(format.schema, None, format.message)
        return
    seen: set[str] = set()
    for topic in (*file.topics, *(("",) if format.subject else ())) if schemas is not None else ():
        assert schemas is not None
        versions = schemas.versions(format.subject or f"{topic}-value")
        if versions and versions[-1].subject not in seen and format.format in (AUTO, versions[-1].kind):
            seen.add(versions[-1].subject or "")
            older = next(iter(_tree(versions[-2], None, None)), None) if len(versions) > 1 else None
            yield from _tree(versions[-1], older, None)


def _tree(schema: Schema, older: NamedTree | None, message: str | None) -> Iterator[NamedTree]:
    try:
        tree = schema_tree(schema, message)
    except (SchemaError, ImportError, OSError):
        return
    version = "" if schema.version is None else f" v{schema.version}"
    yield NamedTree(f"{schema.subject or 'the schema'}{version}", tree, older)
