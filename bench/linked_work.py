"""The work of parts that link: chats, the mapping that reads them, and the usual rules with a link."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from bench.work import MAPPING
from tests.brokers.kafka import Record

DELAY_SECONDS: Final = 60
"""How far behind topics that link are read: the default."""

PEOPLE: Final = 5_000
"""Of the outcomes: as in `bench.work`."""

CHATS: Final = f"""\
version: 1
source: {{topics: [CHATS]}}
conversations:
  - name: chat
    when: {{role: user}}
    id: = payload.conversation_id
    at: = time(payload.created_at, "ms")
    keys: {{external_user_id: = payload.user_id}}
    max_delay: {DELAY_SECONDS}s
"""

_OWN: Final = "  external_conversation_id: = payload.data.object.metadata.conversation_id\n"

UNLINKED: Final = MAPPING.replace(_OWN, "")
"""The usual rules; nobody says which conversation an event belongs to."""

LINKED: Final = UNLINKED.replace("when: {livemode: true}\n", "when: {livemode: true}\nlink: {lookback: 24h}\n")
"""The same, linked."""


def chat(number: int, at: int, person: str, size: int) -> bytes:
    """A message of a chat, of about `size` bytes, said at this time (milliseconds since 1970)."""
    body = {
        "conversation_id": f"3f6f0c4e-8f0c-4b7e-{number >> 12 & 0xFFFF:04x}-{number:012x}",
        "user_id": person,
        "role": "user",
        "created_at": at,
        "message": {"id": f"msg_{number:012d}", "type": "text", "text": ""},
    }
    text = json.dumps(body, separators=(",", ":"))
    return text.replace('"text":""', '"text":"' + "x" * max(0, size - len(text)) + '"').encode()


def chats(count: int, end: int, size: int) -> Iterator[Record]:
    """So many chats of the 20 hours before `end` (milliseconds since 1970), each of its own minute and conversation, in
    order of time over 6 partitions."""
    begin = end - 20 * 3_600_000
    for number in range(count):
        at = begin + number * (end - begin) // count
        yield Record(chat(number, at, f"user-{number * 7919 % (count // 5 + 1)}", size), None, (), number % 6, at)
