"""Random records for the generated mapping files: an ordinary payload with some changes, or no payload at all."""

# ruff: noqa: E501 - tables of data
from __future__ import annotations

import json
import random
from typing import Any, Final

from greenflash_kafka.model.message import Message
from tests.oracle.generated_rules import UUID

NOW: Final = 1_795_000_000_000
"""Milliseconds since 1970 of most records' timestamps."""


class Written(str):
    """JSON's own text of a number, or of anything that no Python value stands for."""

    __slots__ = ()


_TEXTS: Final = (
    *("", "u-5", "u-6", "i-1", "a-b", "\u00e9\u2603", '"\\\n', "2026-11-18T10:00:00Z", "12", "-7.50", '{"a": [1, {"b": null}]}'),
    *("red", "order.paid", UUID.upper(), "x" * 300, "1e5", "NaN", "?plan=pro&plan=basic&q=%zz", "aGk=", "\x00", " \u2028 "),
    *("Wed, 18 Nov 2026 11:06:40 GMT", "1999-12-31", "9999-12-31T23:59:59Z", "0x1A", "pro", "17"),
)  # fmt: skip
_NUMBERS: Final = tuple(
    Written(text)
    for text in (
        *(
            "0",
            "1",
            "2",
            "5",
            "99",
            "100",
            "14950",
            "-5",
            "-0",
            "1795000000",
            "946684799",
            "1.5",
            "0.10",
            "149.00",
            "-0.5",
        ),
        *("1E+5", "1e-70", "1E+300", "18446744073709551616", "9" * 34, "9" * 35, "0." + "3" * 40, "1" * 301, "1e400"),
        *(f"{NOW}", "0.1", "2.345", "1e-400"),
    )
)
_SPOILED: Final = (Written('"\\ud800"'), Written("1" + "0" * 4400), Written('{"a":1,"a":2}'), Written("NaN"))
_CURRENCIES: Final = ("EUR", "eur", "usd", "JPY", "KWD", "ISK", "MGA", "XXX", "", "E", None, 978)
_BYTES: Final = (
    *(b"", b" ", b"null", b"[]", b'"text"', b"17", b"{", b'{"a":', b"\xef\xbb\xbf{}", b"\xff\xfe", b'{"type":"\xff"}', b"NaN"),
    *(b"[" * 150 + b"]" * 150, b"[" * 250 + b"]" * 250, b'{"type":"order.paid","n":NaN}', b'{"type":"order.paid",}'),
    *(b'{"n":' + b"9" * 5_000 + b"}", b'{"type":"order.paid","unread":1e999999999,"n":5}', b"[" * 100_000),
)  # fmt: skip


def _payload(chance: random.Random) -> dict[str, Any]:
    """What most messages hold."""
    kind = chance.choice(("order.paid", "order.paid", "order.created", "plan.changed", "customer.created"))
    row = {
        "plan": chance.choice(("pro", "basic", None)),
        "seats": chance.choice((5, 4, 3)),
        "status": chance.choice(("active", "trial")),
        "l": [{"p": chance.choice((10, 9))}],
    }
    before = {**row, "plan": chance.choice(("pro", "basic")), "seats": chance.choice((5, 3)), "l": [{"p": 9}]}
    stripe = {"plan": "pro", "amount": 1900, "l": [{"p": 10}], "status": "active"}
    earlier: dict[str, Any] = chance.choice(
        ({}, {"plan": "basic"}, {"amount": 900, "plan": None}, {"l": [{"p": 9}]}, {"amount": 2900})
    )
    items = [
        {
            "id": f"i-{number}",
            "n": number,
            "q": chance.choice((1, 2, Written("0.5"))),
            "kind": chance.choice(("x", "y", None)),
            "new": {"n": 5},
            "old": chance.choice((None, {"n": 3}, {"n": 5})),
            "data": {"object": {"n": 5}, "previous_attributes": {"n": chance.choice((3, None))}},
            "uid": UUID,
        }
        for number in range(1, chance.choice((2, 3, 3, 4, 6)))
    ]
    return {
        "id": f"evt_{chance.randint(1, 99)}",
        "type": kind,
        "t": chance.choice(("some text", "  Ada ", "a-b")),
        "dashed": "a-b-c",
        "user": chance.choice(("u-5", "u-6", "u-7")),
        "email": "ada@acme.test",
        "n": chance.choice((5, 7, 14950, 1, 0)),
        "m": Written(chance.choice(("0.25", "2.50", "1.0"))),
        "small": chance.choice((1, 2, 3)),
        "big": Written("9007199254740993"),
        "amount": chance.choice((14950, 100, 5)),
        "major": chance.choice(("149.5", "20", Written("149.5"))),
        "currency": chance.choice(("EUR", "usd", "JPY")),
        "score": Written(chance.choice(("0.5", "1", "-0.25"))),
        "kind": chance.choice(("positive", "currency", "text")),
        "flag": chance.choice((True, True, False)),
        "s": 1_795_000_000,
        "ms": NOW - 5,
        "iso": chance.choice(("2026-11-18T11:06:40Z", "2026-11-18T12:06:40.5+01:00")),
        "day": "2026-11-01",
        "zoneless": "2026-11-18 11:06:40",
        "rfc": "Wed, 18 Nov 2026 11:06:40 GMT",
        "digits": chance.choice(("12", "1.50", "007")),
        "json": chance.choice(('{"total": 29.99}', '{"total": "x"', "[1, 2]")),
        "query": "?plan=pro&page=2",
        "base": chance.choice(("aGk=", "aGk", "?")),
        "uid": UUID,
        "tags": ["red", "green", "red"],
        "nums": [3, 1, 2, Written("0.5")],
        "lists": [[1, 2], [3], []],
        "mixed": [1, "a", None, True],
        "items": items,
        "o": {"k": "v", "flag": True, "deep": {"x": [1, {"y": 2}]}},
        "odd name": chance.choice(("odd", 1)),
        "new": row,
        "old": chance.choice((before, before, None)),
        "data": {"object": stripe, "previous_attributes": earlier},
        "status": "active",
        "changedFields": chance.choice((["status"], ["other"], ["0x1A"], None)),
        "row": {
            "status": "active",
            "deep": {"n": 5},
            "ChangeEventHeader": chance.choice(
                ({"changedFields": ["status", "deep.n"]}, {"changeType": "CREATE"}, {"changed_fields": ["n"]})
            ),
        },
    }


def message(chance: random.Random, topic: str = "t") -> Message:
    """One record."""
    kind = chance.choice(("create",) * 6 + ("append", "none"))
    stamp = chance.choice((NOW,) * 8 + (NOW + 1, NOW - 90_000, 0, -1, 2**62, -(2**62), 253_402_300_799_000))
    headers = chance.choice(
        (
            *((), (), (("kind", b"order.paid"),), (("kind", b"x"), ("other", b"y"), ("kind", b"order.paid"))),
            *((("kind", b"\xff"),), (("kind", b"x"), ("kind", None)), (("other", b""),)),
        )
    )
    key = chance.choice((None, b"cus_9", b"u-5", b"17", b'{"id": 7}', b"\xff", b""))
    where = (chance.choice((1, 1, 2)), chance.randint(0, 50))
    return Message(topic, *where, stamp, key, _value(chance), headers, kind)


def _value(chance: random.Random) -> bytes | None:
    drawn = chance.random()
    if drawn < 0.02:
        return None
    if drawn < 0.05:
        return chance.choice(_BYTES)
    payload: Any = _payload(chance)
    for _ in range(chance.choice((0, 0, 0, 0, 1, 1, 2, 3, 6))):
        _change(chance, payload)
    if drawn < 0.09:
        payload = chance.choice(([payload], [payload, payload], payload.get("items", []), {}, {"o": 1}))
    return _json(payload).encode("utf-8", "surrogatepass")


def _change(chance: random.Random, payload: dict[str, Any]) -> None:
    """Drop a part, or put something else in its place."""
    holder: Any = payload
    if not payload:
        return
    name: Any = chance.choice(sorted(payload))
    for _ in range(2):
        inner = holder[name]
        if isinstance(inner, dict) and inner and chance.random() < 0.7:
            holder, name = inner, chance.choice(sorted(inner))
        elif isinstance(inner, list) and inner and chance.random() < 0.7:
            holder, name = inner, chance.randrange(len(inner))
    drawn = chance.random()
    if drawn < 0.3 and isinstance(holder, dict):
        del holder[name]
    elif drawn < 0.4:
        holder[name] = None
    elif name == "currency":
        holder[name] = chance.choice(_CURRENCIES)
    else:
        holder[name] = odd(chance, 2)


def odd(chance: random.Random, depth: int) -> Any:
    """Any JSON value."""
    drawn = chance.random()
    if drawn < 0.4:
        return chance.choice(_NUMBERS)
    if drawn < 0.7:
        return chance.choice(_TEXTS)
    if drawn < 0.78 or depth == 0:
        return chance.choice((None, True, False))
    if drawn < 0.86:
        return [odd(chance, depth - 1) for _ in range(chance.randint(0, 3))]
    if drawn < 0.94:
        return {chance.choice("knid"): odd(chance, depth - 1) for _ in range(chance.randint(0, 3))}
    if drawn < 0.955:
        return chance.choice(_SPOILED)
    if drawn < 0.965:
        return "y\u00e4" * chance.choice((10_000, 20_000))
    if drawn < 0.975:
        return list(range(400))
    if drawn < 0.985:
        return Written("[" * 196 + "]" * 196)
    return [{"id": f"i-{number % 30}", "n": number} for number in range(40)]


def _json(value: Any) -> str:
    """JSON of a payload; `Written` stands as it is."""
    if value.__class__ is Written:
        return str(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{_json(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_json(inner) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=False)
