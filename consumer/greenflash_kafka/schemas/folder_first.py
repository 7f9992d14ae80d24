"""`ports.Schemas` of a registry and a folder: what was pulled bridges an outage, and never stands for another schema.

An id belongs to one registry. A folder that was pulled from staging would make production decode by wrong schemas,
mostly in silence; so an entry counts for the registry's own URL alone, and only while that registry doesn't say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaRefused, key_text
from greenflash_kafka.ports import Clock, Listener
from greenflash_kafka.schemas.folder import SchemaFolder
from greenflash_kafka.schemas.schema_registry import SchemaRegistry
from greenflash_kafka.schemas.schema_text import same_schema

PATIENCE: Final = 1.0
"""Seconds that a registry is given to answer, before an entry of the folder is taken."""

DIFFERS: Final = (
    "the registry has another schema of this id than the folder `schemas`: one of the two is wrong, and messages would "
    "be decoded wrong. Pull again if the registry is right (`greenflash-kafka schemas pull`)"
)


class FolderFirst:
    """Entries of the folder are there while the registry isn't; once it answers, both have to be the same schema."""

    def __init__(
        self, registry: SchemaRegistry, folder: SchemaFolder, urls: Sequence[str], clock: Clock, listener: Listener
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._listener = listener
        self._pulled: dict[SchemaKey, Schema] = {}
        for each in folder.named_in(urls):
            schema = folder.schema(each)
            if schema is not None:
                if each.id is not None:
                    self._pulled[each.id] = schema
                if each.guid is not None:
                    self._pulled[bytes.fromhex(each.guid.replace("-", ""))] = schema
        self._asked: dict[SchemaKey, float] = {}
        self._lent: set[SchemaKey] = set()
        self._differ: dict[SchemaKey, None] = {}

    def find(self, key: SchemaKey) -> Schema | SchemaRefused | None:
        """See `ports.Schemas`."""
        found = self._registry.find(key)
        pulled = self._pulled.get(key)
        if pulled is None:
            return found
        if key in self._differ:
            return None
        if isinstance(found, Schema):
            return self._checked(key, found, pulled)
        if found is None and not self._gave_up(key):
            return None
        self._lend(key)
        return pulled

    def doubt(self, key: SchemaKey) -> None:
        """See `ports.Schemas`."""
        self._registry.doubt(key)

    def poll(self) -> Sequence[SchemaKey]:
        """See `ports.Schemas`."""
        answered = list(self._registry.poll())
        for key in answered:
            found = self._registry.find(key) if key in self._lent else None
            if isinstance(found, Schema):
                self._lent.discard(key)
                self._checked(key, found, self._pulled[key])
        # What is used of the folder is asked for until the registry has confirmed it.
        for key in self._lent:
            self._registry.find(key)
        return answered

    def lacks(self, topic: str, key: SchemaKey, fields: Sequence[str]) -> None:
        """See `ports.Schemas`."""
        self._registry.lacks(topic, key, fields)

    def waits(self) -> Mapping[SchemaKey, str]:
        """See `ports.Schemas`."""
        return {**self._registry.waits(), **dict.fromkeys(self._differ, DIFFERS)}

    @property
    def stalled(self) -> str:
        """See `ports.Schemas`."""
        if self._differ:
            return f"schema {key_text(next(iter(self._differ)))}: {DIFFERS}"
        return self._registry.stalled

    def close(self) -> None:
        """See `ports.Schemas`."""
        self._registry.close()

    def _checked(self, key: SchemaKey, found: Schema, pulled: Schema) -> Schema | None:
        text = self._registry.text_of(key)
        if same_schema(text or found, pulled):
            del self._pulled[key]
            return found
        self._differ[key] = None
        self._listener.gauge("schemas_differing", len(self._differ))
        self._listener.notice("schema_differs", schema=key_text(key), text=DIFFERS)
        return None

    def _gave_up(self, key: SchemaKey) -> bool:
        """True once the registry was asked, and failed or didn't answer in time."""
        now = self._clock.monotonic()
        return self._registry.has_failed(key) or now - self._asked.setdefault(key, now) >= PATIENCE

    def _lend(self, key: SchemaKey) -> None:
        if key not in self._lent:
            self._lent.add(key)
            self._listener.notice("schema_of_folder", schema=key_text(key))
