"""A JSON object of an event as code: names and constants are written at load, only the rest for each message."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from greenflash_kafka.expressions.emitter import Constants
from greenflash_kafka.model.body import encode


def is_plain_name(name: str) -> bool:
    """True if JSON has the name as it stands: a type for the encoder takes no name that has to be escaped."""
    try:
        return encode(name) == b'"%b"' % name.encode()
    except UnicodeEncodeError:
        return False


class EventObject:
    """Names with their values, in order: JSON that never changes, or the code of a value that each message decides."""

    def __init__(self) -> None:
        self._parts: list[tuple[str, bytes | str]] = []

    def constant(self, name: str, json: bytes) -> None:
        """Add a value that is the same for every message."""
        match self._parts:
            case [*_, (first, bytes(before))]:
                # The encoder copies raw JSON as it stands, so a run of constants is one value, names and all.
                self._parts[-1] = (first, b"%b,%b:%b" % (before, encode(name), json))
            case _:
                self._parts.append((name, json))

    def dynamic(self, name: str, code: str) -> None:
        """Add a value that `code` names; it is left out where it is UNSET."""
        self._parts.append((name, code))

    @property
    def json(self) -> bytes | None:
        """The whole object if nothing of it changes."""
        match self._parts:
            case [(name, bytes(value))]:
                return b"{%b:%b}" % (encode(name), value)
        return None

    @property
    def always(self) -> bool:
        """Whether something is in it for every message."""
        return any(isinstance(value, bytes) for _, value in self._parts)

    def code(self, constants: Constants) -> str:
        """The code that makes an object for the encoder; all its names must be plain."""
        made = _type(tuple(name for name, _ in self._parts))
        values = [value if isinstance(value, str) else constants.name(msgspec.Raw(value)) for _, value in self._parts]
        return f"{constants.name(made)}({', '.join(values)})"


@lru_cache(1000)
def _type(names: tuple[str, ...]) -> type[msgspec.Struct]:
    """A type for the encoder; most rules of a file have the same names, and a type takes 3 KB."""
    fields = [f"f{number}" for number in range(len(names))]
    rename = dict(zip(fields, names, strict=True))
    return msgspec.defstruct("Written", [(field, object) for field in fields], rename=rename, gc=False)
