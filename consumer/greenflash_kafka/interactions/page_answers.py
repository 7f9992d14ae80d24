"""The table of the answers to `GET /interactions`: from what one request gave to what that means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

import msgspec

from greenflash_kafka.interactions.interaction import Interaction, read_interaction
from greenflash_kafka.ports import TransportFault
from greenflash_kafka.web.retry_after import retry_after

MAX_BODY: Final = 32 * 1024 * 1024
"""Most bytes of a page: 100 items, and some of their properties are long."""

Meaning = Literal["page", "slow-down", "refused", "failing", "wrong"]
"""page: here it is. slow-down: later. refused: the key isn't taken. failing: it can't answer now. wrong: there is no
such page at this address, or it doesn't take our question."""

_LATER: Final = frozenset({408, 409, 425})


class PageAnswer(msgspec.Struct, frozen=True):
    """A response (`status` above 0) or a fault, as `ports.Reply` has it."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    fault: TransportFault | None = None
    detail: str = ""


class PageVerdict(msgspec.Struct, frozen=True):
    """What an answer means. `wait`: the seconds that the service asks for; `unreadable`: so many items have no id."""

    meaning: Meaning
    text: str = ""
    items: tuple[Interaction, ...] = ()
    wait: float | None = None
    unreadable: int = 0


_PAGE: Final = msgspec.json.Decoder(list[msgspec.Raw])


def judge_page(answer: PageAnswer, now: float) -> PageVerdict:
    """The verdict on one answer; `now` in seconds since 1970."""
    if answer.fault is not None:
        return PageVerdict("failing", f"{answer.fault}: {answer.detail}")
    if answer.status == 200:
        return _page(answer.body)
    wait = retry_after(answer.headers, now)
    text = f"status {answer.status}"
    if answer.status == 429:
        return PageVerdict("slow-down", text, wait=wait)
    if answer.status in (401, 403):
        return PageVerdict("refused", text, wait=wait)
    if 400 <= answer.status < 500 and answer.status not in _LATER:
        return PageVerdict("wrong", text, wait=wait)
    return PageVerdict("failing", text, wait=wait)


def _page(body: bytes) -> PageVerdict:
    try:
        listed = [bytes(each) for each in _PAGE.decode(body)]
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return PageVerdict("failing", "status 200, but no JSON list: something else answers in Greenflash's place")
    found = [read_interaction(each) for each in listed]
    items = tuple(each for each in found if each is not None)
    return PageVerdict("page", items=items, unreadable=len(found) - len(items))
