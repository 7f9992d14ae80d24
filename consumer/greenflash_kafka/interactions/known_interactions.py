"""The interactions that the topic has: of each the content that was confirmed last."""

from __future__ import annotations

from collections.abc import Iterable

from greenflash_kafka.interactions.interaction import Interaction, content_print, id_print


class KnownInteractions:
    """Two prints of 64 bits an interaction, about 200 bytes: 20 MB for 100,000."""

    def __init__(self) -> None:
        self._contents: dict[int, int] = {}

    def __len__(self) -> int:
        return len(self._contents)

    def add_record(self, key: bytes | None, value: bytes | None) -> None:
        """Take what a record of the topic says; a tombstone says that the topic has nothing."""
        if key is None:
            return
        id = id_print(key.decode("utf-8", "replace"))
        if value is None:
            self._contents.pop(id, None)
        else:
            self._contents[id] = content_print(value)

    def add(self, written: Iterable[Interaction]) -> None:
        """Take what was confirmed."""
        for each in written:
            self._contents[id_print(each.id)] = each.content

    def unknown(self, items: Iterable[Interaction]) -> list[Interaction]:
        """Those that the topic doesn't have as they are now."""
        return [each for each in items if self._contents.get(id_print(each.id)) != each.content]
