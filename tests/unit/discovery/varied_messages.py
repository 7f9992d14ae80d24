"""Messages as a system would send them: samples multiplied, with other ids, times and amounts."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, Final

from greenflash_kafka.model.message import Message

ROOT: Final = Path(__file__).parents[3]
BEGAN: Final = 1_795_000_000_000
_ID: Final = re.compile(r"(^|_|(?<=[a-z]))(id|uuid|key|number|lsn|token)$|^(id|uuid)", re.IGNORECASE)
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")


def samples(*patterns: str) -> list[Any]:
    """The payloads of these files of the repository."""
    return [json.loads(path.read_bytes()) for pattern in patterns for path in sorted(ROOT.glob(pattern))]


def varied(topic: str, payloads: Sequence[Any], count: int = 40, headers: Sequence[str] = ()) -> list[Message]:
    """So many messages made of each payload in turn; `headers` are names and values (`name=value`) of each payload."""
    chance = Random(topic)
    found = []
    for number in range(count * len(payloads)):
        payload = payloads[number % len(payloads)]
        user, seconds = chance.randrange(30), chance.randrange(80_000)
        value = _changed(payload, "", number, user, seconds)
        named = [each.partition("=") for each in headers[number % len(payloads)].split(",")] if headers else []
        found.append(
            Message(
                topic,
                0,
                number,
                BEGAN + seconds * 1000,
                f"u-{user}".encode(),
                json.dumps(value).encode(),
                tuple((name, text.encode()) for name, _, text in named),
            )
        )
    return found


def _changed(value: Any, name: str, number: int, user: int, seconds: int) -> Any:
    """The value with another id, time or amount; users repeat, ids don't."""
    if isinstance(value, dict):
        return {key: _changed(each, key, number, user, seconds) for key, each in value.items()}
    if isinstance(value, list):
        return [_changed(each, name, number, user, seconds) for each in value]
    is_id = _ID.search(name) is not None
    of_user = re.search(r"user|customer|requester|anonymous|account|org|portal|app", name, re.IGNORECASE)
    if isinstance(value, str):
        if _ISO.match(value):
            day, clock = value[:10], f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
            return f"{day}T{clock}{value[19:]}"
        if is_id or (of_user and any(each.isdigit() for each in value)):
            return f"{value}{user if of_user else number}"
        return value
    if isinstance(value, bool) or value is None:
        return value
    if 1_700_000_000 < value < 1_900_000_000:
        return value - value % 100_000 + seconds
    if 1_700_000_000_000 < value < 1_900_000_000_000:
        return value - value % 100_000_000 + seconds * 1000
    if is_id:
        return value + (user if of_user else number)
    if re.search(r"amount|total|price|revenue", name, re.IGNORECASE):
        return value + number % 17 if isinstance(value, int) else round(value + number % 17, 2)
    return value
