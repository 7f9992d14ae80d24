"""Descriptors of one Protobuf schema, and the message of it that a body is."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Final

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.runtime_version import VersionError

from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.documents.did_you_mean import did_you_mean

Descriptor = Any
"""A message's descriptor. Protobuf's library has no types that a checker could read."""

_GOOGLE: Final = re.compile(r"google/(?:api|longrunning|protobuf|rpc|type)/\w+\.proto")


class ProtoPool:
    """Descriptors of a schema's files, apart from those of other schemas: two may have a message of one name."""

    def __init__(self, files: Mapping[str, Any], main: str) -> None:
        """`files` are FileDescriptorProtos by name. Raises SchemaError, if they don't belong together."""
        self.pool = DescriptorPool()
        self._given = files
        self._added: dict[str, Any] = {}
        self._lacking: list[str] = []
        self.main = self._add(main, ())
        for name in files:
            # What nothing imports may stand in an Any, or be named. If it is wrong, it is as if it weren't there.
            with suppress(SchemaError):
                self._add(name, ())

    def find(self, message: str | Sequence[int]) -> Descriptor:
        """The message of a full name (or of a last name that only one has), or of the indexes of Confluent's framing.

        Raises SchemaError.
        """
        return self._by_name(message) if isinstance(message, str) else self._by_indexes(list(message))

    def messages(self) -> Iterator[Descriptor]:
        """The messages of the schema's main file, each before those that stand in it."""
        level = list(self.main.message_types_by_name.values())
        while level:
            yield from level
            level = [inner for outer in level for inner in _nested(outer)]

    def _by_name(self, name: str) -> Descriptor:
        try:
            return self.pool.FindMessageTypeByName(name.removeprefix("."))
        except KeyError:
            pass
        known = list(self.messages())
        named = [each for each in known if each.name == name or f"{self.main.package}.{name}" == each.full_name]
        if len(named) == 1:
            return named[0]
        names = [each.full_name for each in known]
        hint = did_you_mean(name, names) or f"it has {', '.join(names[:10])}" if names else "it has none"
        raise SchemaError(f"has no message `{name}`: {hint}")

    def _by_indexes(self, indexes: Sequence[int]) -> Descriptor:
        """Java's serializer counts the messages that are written in a file; Python's, Go's and others count those of
        the descriptor, where each map is a message too."""
        written = self._walk(indexes, maps=False)
        counted = self._walk(indexes, maps=True)
        if counted is None or _is_map(counted):
            found = written
        elif written is None or written == counted:
            found = counted
        else:
            raise SchemaError(
                f"the message's indexes {list(indexes)} are {written.full_name} if a Java program wrote them, and "
                f"{counted.full_name} if a Python or Go program did: write `source: {{message: NAME}}` in the mapping"
            )
        if found is None:
            names = ", ".join(each.full_name for each in list(self.messages())[:10]) or "none"
            raise SchemaError(
                f"has no message with the indexes {list(indexes)[:10]}; its messages: {names}. Some producers write no "
                "indexes (kafkajs, for example): then write `source: {message: NAME}` in the mapping"
            )
        return found

    def _walk(self, indexes: Sequence[int], *, maps: bool) -> Descriptor | None:
        level = list(self.main.message_types_by_name.values())
        found = None
        for index in indexes:
            if not 0 <= index < len(level):
                return None
            found = level[index]
            level = list(found.nested_types) if maps else _nested(found)
        return found

    def _add(self, name: str, importers: tuple[str, ...]) -> Any:
        """A file and those that it imports. An import that isn't there is left out: it may be of options alone."""
        if name in self._added:
            return self._added[name]
        if name in importers or len(importers) > 100:
            raise SchemaError(f"the file {name[:100]!r} imports itself")
        file = self._file(name)
        if file is None:
            self._lacking.append(name)
            return None
        public = {file.dependency[at] for at in file.public_dependency if at < len(file.dependency)}
        found = [each for each in file.dependency if self._add(each, (*importers, name)) is not None]
        del file.dependency[:], file.public_dependency[:], file.weak_dependency[:]
        file.dependency.extend(found)
        file.public_dependency.extend(at for at, each in enumerate(found) if each in public)
        try:
            self._added[name] = self.pool.AddSerializedFile(file.SerializeToString())
        except TypeError as error:
            why = str(error).removeprefix("Couldn't build proto file into descriptor pool: ")[:200]
            lacking = f"; not among its references: {', '.join(self._lacking[:5])[:200]}" if self._lacking else ""
            raise SchemaError(f"{why}{lacking}") from None
        return self._added[name]

    def _file(self, name: str) -> Any:
        given = self._given.get(name)
        if given is not None:
            copy = descriptor_pb2.FileDescriptorProto()
            copy.CopyFrom(given)
            return copy
        if not _GOOGLE.fullmatch(name):
            return None
        try:
            module = importlib.import_module(name.removesuffix(".proto").replace("/", ".") + "_pb2")
        except (ImportError, VersionError):
            # Google's package may be older or newer than the library.
            return None
        return descriptor_pb2.FileDescriptorProto.FromString(module.DESCRIPTOR.serialized_pb)


def _nested(message: Descriptor) -> list[Descriptor]:
    return [inner for inner in message.nested_types if not _is_map(inner)]


def _is_map(message: Descriptor) -> bool:
    return bool(message.has_options and message.GetOptions().map_entry)
