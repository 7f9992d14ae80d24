"""The ledger's messages in Avro, with new schema ids in mid-stream, and a registry that goes away again and again."""

from __future__ import annotations

import io
import json
import threading
from random import Random
from typing import Any, Final

import fastavro
import msgspec

from greenflash_kafka.model.message import Message
from tests.chaos.traffic import LEDGER, Meant
from tests.registries.scripted import ScriptedRegistry

IDS_AFTER: Final = 400
"""Messages of the ledger that have one schema's id, before the next version of it has another."""

AWAY_SECONDS: Final = 3.0
"""The registry is away for at most so long at a time, and there for at most twice as long."""


def _optional(kind: object) -> list[object]:
    return ["null", kind]


_LINE: Final = {
    "type": "record",
    "name": "Line",
    "fields": [{"name": "line", "type": "long"}, {"name": "quantity", "type": "long"}],
}
_FIELDS: Final[tuple[dict[str, Any], ...]] = (
    {"name": "type", "type": "string"},
    {"name": "n", "type": _optional("long"), "default": None},
    {"name": "user", "type": _optional("string"), "default": None},
    {"name": "customer", "type": _optional("string"), "default": None},
    {"name": "at", "type": _optional("long"), "default": None},
    {"name": "id", "type": _optional("string"), "default": None},
    {"name": "cents", "type": _optional("long"), "default": None},
    {"name": "currency", "type": _optional("string"), "default": None},
    {"name": "lines", "type": _optional({"type": "array", "items": _LINE}), "default": None},
)


class AvroLedger:
    """One registry for all members of a run; `turn` is called often and does what is due.

    `outages` counts the times that the registry went away, `new_while_away` the schemas that came meanwhile, `asked`
    the requests that it got.
    """

    def __init__(self, seed: int) -> None:
        self._chance = Random(f"{seed} registry")
        self._lock = threading.Lock()
        self._written = 0
        self._schemas: list[Any] = []
        self._texts: list[str] = []
        self._next = 0.0
        self._registry: ScriptedRegistry | None = ScriptedRegistry()
        self._port = self._registry.port
        self.url = self._registry.url
        self.outages = 0
        self.new_while_away = 0
        self.asked = 0

    @property
    def ids(self) -> int:
        """How many schemas the messages have."""
        return len(self._schemas)

    def told(self) -> str:
        """What happened, in words."""
        asked = self.asked + (0 if self._registry is None else len(self._registry.asked))
        return (
            f"{self.ids} schema ids, {self.new_while_away} of them new while the registry was away, {self.outages} "
            f"times; it was asked {asked} times"
        )

    def turn(self, now: float) -> None:
        """Take the registry away, or bring it back; `now` is monotonic."""
        if now < self._next:
            return
        away = self._registry is not None and self._next > 0
        share = self._chance.random()
        self._next = now + AWAY_SECONDS * (share if away else 2 * share)
        if away:
            self._close()
            self.outages += 1
        else:
            self.open()

    def open(self) -> None:
        """Bring it back with all schemas, at its old address."""
        with self._lock:
            if self._registry is None:
                self._registry = ScriptedRegistry(port=self._port)
                for number, text in enumerate(self._texts, 1):
                    self._registry.add(number, text, subject=f"{LEDGER}-value", version=number)

    def close(self) -> None:
        """End it."""
        self._close()

    def in_avro(self, meant: Meant) -> Meant:
        """The same message in Avro, if it is one of the ledger's that isn't broken: broken ones stay JSON, in the same
        topic."""
        message = meant.message
        if message.topic != LEDGER or meant.broken or message.value is None:
            return meant
        with self._lock:
            if self._written % IDS_AFTER == 0:
                self._new_version()
            self._written += 1
            body = io.BytesIO()
            body.write(b"\0" + len(self._schemas).to_bytes(4, "big"))
            fastavro.schemaless_writer(body, self._schemas[-1], msgspec.json.decode(message.value))
        return meant._replace(message=message._replace(value=body.getvalue()))

    def in_json(self, message: Message) -> Message:
        """A record of the ledger's topic as its JSON says it, for who knows nothing of Avro."""
        value = message.value
        if value is None or value[:1] != b"\0":
            return message
        schema = self._schemas[int.from_bytes(value[1:5], "big") - 1]
        read: Any = fastavro.schemaless_reader(io.BytesIO(value[5:]), schema, None)
        plain = {name: each for name, each in read.items() if each is not None}
        return msgspec.structs.replace(message, value=msgspec.json.encode(plain))

    def _new_version(self) -> None:
        number = len(self._schemas) + 1
        # Another field each time: a schema that is the same has the same id.
        added = {"name": f"added_in_{number}", "type": _optional("string"), "default": None}
        text = json.dumps({"type": "record", "name": "Ledger", "namespace": "chaos", "fields": [*_FIELDS, added]})
        self._schemas.append(fastavro.parse_schema(json.loads(text)))
        self._texts.append(text)
        if self._registry is None:
            self.new_while_away += 1
        else:
            self._registry.add(number, text, subject=f"{LEDGER}-value", version=number)

    def _close(self) -> None:
        with self._lock:
            if self._registry is not None:
                self.asked += len(self._registry.asked)
                self._registry.close()
                self._registry = None
