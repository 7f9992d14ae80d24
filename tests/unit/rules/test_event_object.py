"""A JSON object of which only some changes from message to message."""

from __future__ import annotations

import msgspec

from greenflash_kafka.expressions.emitter import Constants, Emitter, load
from greenflash_kafka.rules.event_object import EventObject, is_plain_name


def made(written: EventObject, **values: object) -> bytes:
    constants, emitter = Constants(), Emitter("make", ", ".join(values))
    emitter.line(f"return {written.code(constants)}")
    return msgspec.json.encode(load([emitter], constants)(**values))


def test_constants_and_changing_values_stay_in_their_order() -> None:
    written = EventObject()
    written.constant("a", b"1")
    written.constant("b", b'"x"')
    written.dynamic("c", "value")
    written.constant("d", b"null")
    assert made(written, value=[True]) == b'{"a":1,"b":"x","c":[true],"d":null}'
    assert made(written, value=msgspec.UNSET) == b'{"a":1,"b":"x","d":null}'
    assert written.json is None
    assert written.always


def test_an_object_that_never_changes_is_written_at_once() -> None:
    written = EventObject()
    assert written.json is None
    written.constant("a", b"1")
    written.constant('b "c"', b"2")
    assert written.json == b'{"a":1,"b \\"c\\"":2}'


def test_a_name_that_json_has_as_it_stands_is_plain() -> None:
    assert is_plain_name("\u00e9 \u2603 /")
    assert not any(map(is_plain_name, ['"', "\\", "\n", "\ud800"]))
