"""Events whose link to a conversation the service refuses: they go out once more without it."""

from __future__ import annotations

from typing import Final

import msgspec

from greenflash_kafka.delivery.queue import RefusedLink, Send
from greenflash_kafka.delivery.response_table import Verdict
from greenflash_kafka.delivery.tally import code_label
from greenflash_kafka.model.body import without_link
from greenflash_kafka.ports import Listener

NOTICE_SECONDS: Final = 60.0
"""Seconds between two notices: a source whose conversations the service doesn't know must not fill the log."""

_REFUSALS: Final = frozenset({"status-400", "status-404", "status-422"})
"""Codes that may be about the conversation: the service may not know it (sampled out, not there yet)."""


class LinkFallback:
    """Takes the link off a refused event, and counts the events that were accepted only without it.

    A conversation that we looked up must never cost an event. An id that the rule itself gave is a part of the fact:
    its refusal is the event's.
    """

    def __init__(self, listener: Listener) -> None:
        self._listener = listener
        self._reported_at: float | None = None
        self._left_out = 0

    def may_be_why(self, send: Send, verdict: Verdict) -> bool:
        """True if the event may have been refused because of its link, and may be sent without it."""
        link = send.event.link
        if link is None or link.result != "linked" or verdict.code not in _REFUSALS:
            return False
        return verdict.action == "dead_letter" or send.owner.may_send

    def take_off(self, send: Send, verdict: Verdict) -> None:
        """Let the next attempt be without the link, under the same id; what was answered before doesn't count."""
        event = send.event
        send.refused_link = RefusedLink(event, verdict.code)
        send.event = msgspec.structs.replace(event, body=without_link(event.body), link=None)
        if send.failures is not None:
            send.failures.forget_codes()

    def put_back(self, send: Send) -> None:
        """Let the next attempt be with the link again, if the event has one: nothing was learnt about it."""
        if send.refused_link is not None:
            send.event, send.refused_link = send.refused_link.event, None

    def accepted(self, send: Send, now: float) -> None:
        """Count an event that was accepted without its link, and report it, at most once a minute."""
        refused = send.refused_link
        assert refused is not None
        rule, link = refused.event.rule, refused.event.link
        self._listener.count("links_refused", 1, (rule,))
        if self._reported_at is not None and now - self._reported_at < NOTICE_SECONDS:
            self._left_out += 1
            return
        source = link.source if link is not None else ""
        self._listener.notice(
            "links_refused", rule=rule, source=source, code=code_label(refused.code), left_out=self._left_out
        )
        self._reported_at, self._left_out = now, 0
