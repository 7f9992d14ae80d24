"""Schemas that a test says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaRefused


class KnownSchemas:
    """`Schemas` that knows what is in `known`, and asks nobody for the others."""

    def __init__(self, known: Mapping[SchemaKey, Schema | SchemaRefused]) -> None:
        self.known = dict(known)
        self.asked: dict[SchemaKey, None] = {}
        self.stalled = ""
        self.doubted: set[SchemaKey] = set()
        self.lacking: list[tuple[str, SchemaKey, tuple[str, ...]]] = []

    def find(self, key: SchemaKey) -> Schema | SchemaRefused | None:
        found = self.known.get(key)
        if found is None:
            self.asked[key] = None
        return found

    def doubt(self, key: SchemaKey) -> None:
        self.doubted.add(key)

    def poll(self) -> Sequence[SchemaKey]:
        return [key for key in self.asked if key in self.known]

    def waits(self) -> Mapping[SchemaKey, str]:
        return {key: "nobody was asked" for key in self.asked if key not in self.known}

    def lacks(self, topic: str, key: SchemaKey, fields: Sequence[str]) -> None:
        self.lacking.append((topic, key, tuple(fields)))

    def close(self) -> None:
        pass
