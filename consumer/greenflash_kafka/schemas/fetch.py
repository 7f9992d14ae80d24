"""One schema on its way: the questions that it takes, and the whole once they are answered. Pure.

A schema refers to others by subject and version, which never change. Protobuf is asked for a second time, as a
descriptor (`format=serialized`): that needs no compiler. Registries that don't have that form leave us the text.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

import msgspec

from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaKind, SchemaRefused, key_text
from greenflash_kafka.schemas.registry_answers import (
    MAX_BODY,
    AnswerVerdict,
    RegisteredSchema,
    RegistryAnswer,
    judge_answer,
    without_serialized,
)

MAX_REFERENCES: Final = 100

KINDS: Final[dict[str, SchemaKind]] = {"AVRO": "avro", "JSON": "json-schema", "PROTOBUF": "protobuf"}
"""`schemaType`, as registries write it."""


class RegistryQuestion(msgspec.Struct, frozen=True):
    """A GET: the path behind the registry's URL. `serialized` asks for a descriptor."""

    path: str
    serialized: bool = False

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?format=serialized" if self.serialized else self.path


def path_of(key: SchemaKey) -> str:
    """Where a schema is found by its key."""
    return f"/schemas/ids/{key}" if isinstance(key, int) else f"/schemas/guids/{key_text(key)}"


def version_path(subject: str, version: int | str) -> str:
    """Where a subject's version is; `version` may be `latest`."""
    return f"/subjects/{quote(subject, safe='')}/versions/{version}"


class SchemaFetch:
    """The questions of one schema, from the first to the last. `open` are those that wait for their answer."""

    def __init__(self, path: str) -> None:
        self._root = path
        self._text: dict[str, RegisteredSchema] = {}
        self._serialized: dict[str, str] = {}
        self._as_text = False
        self.refused: SchemaRefused | None = None
        """Why nothing can be decoded with it, once that is known."""

    def questions(self) -> list[RegistryQuestion]:
        """What is to be asked for next; empty once everything is there. The same until it is answered."""
        found = [RegistryQuestion(path) for path in self._paths() if path not in self._text]
        if found or self._as_text or self.refused is not None:
            return [] if self.refused is not None else found
        root = self._text[self._root]
        if KINDS.get(_kind_of(root)) != "protobuf":
            return []
        return [RegistryQuestion(path, True) for path in self._paths() if path not in self._serialized]

    def answered(self, question: RegistryQuestion, answer: RegistryAnswer, now: float) -> AnswerVerdict | None:
        """Take the answer to a question, or give the verdict on one that doesn't help. `now`: see `judge_answer`."""
        verdict = judge_answer(answer, now)
        if verdict.schema is None:
            if question.serialized and without_serialized(answer):
                self._as_text = True  # the registry doesn't know this form: the texts will do
                return None
            return verdict
        if question.serialized:
            self._serialized[question.path] = verdict.schema.schema
        else:
            self._text[question.path] = verdict.schema
            self.refused = self._wrong_with(verdict.schema)
        return None

    def whole(self, *, as_text: bool = False) -> Schema:
        """The schema, once there are no more questions; `as_text`: Protobuf as the text that people read."""
        root = self._text[self._root]
        plain = as_text or self._as_text or not self._serialized

        def content(path: str) -> str:
            return self._text[path].schema if plain else self._serialized[path]

        references = tuple((name, content(path)) for name, path in self._in_order().items())
        kind = KINDS[_kind_of(root)]
        return Schema(kind, content(self._root), references, root.subject, root.version)

    @property
    def root(self) -> RegisteredSchema:
        """The schema itself, as the registry wrote it."""
        return self._text[self._root]

    @property
    def parts(self) -> dict[str, RegisteredSchema]:
        """Everything that was answered, by its path."""
        return self._text

    def _paths(self) -> list[str]:
        return [self._root, *self._in_order().values()]

    def _in_order(self) -> dict[str, str]:
        """The references by name, as paths, each after those that it refers to itself, as far as they are known."""
        found: dict[str, str] = {}
        entered: set[str] = set()

        def enter(path: str) -> None:
            schema = self._text.get(path)
            for each in (schema.references or ()) if schema is not None else ():
                to = version_path(each.subject, each.version)
                if to not in entered and len(entered) <= MAX_REFERENCES:
                    entered.add(to)
                    enter(to)
                found.setdefault(each.name, to)

        enter(self._root)
        return found

    def _wrong_with(self, schema: RegisteredSchema) -> SchemaRefused | None:
        kind = _kind_of(schema)
        if kind not in KINDS:
            return SchemaRefused("bad-schema", "its type is none of AVRO, JSON and PROTOBUF")
        for each in schema.references or ():
            # A name becomes a file's name where Protobuf is compiled.
            if each.name.startswith("/") or "\\" in each.name or ".." in each.name.split("/"):
                return SchemaRefused("bad-schema", "a reference has a name that leads out of a folder")
        names = self._in_order()
        if len(names) > MAX_REFERENCES:
            return SchemaRefused("bad-schema", f"it refers to more than {MAX_REFERENCES} other schemas")
        if sum(len(each.schema) for each in self._text.values()) > MAX_BODY:
            return SchemaRefused("bad-schema", f"with all that it refers to it has more than {MAX_BODY:,} characters")
        return None


def _kind_of(schema: RegisteredSchema) -> str:
    return (schema.schema_type or "AVRO").upper()
