"""The event types that Greenflash knows, and the words of event names that suggest them."""

from __future__ import annotations

import re
from typing import Final

import msgspec

from greenflash_kafka.discovery.path_values import split_words


class SuggestedEvent(msgspec.Struct, frozen=True):
    """An event type, its influence, what its value is (money, count or word), and the word that suggested it."""

    event_type: str
    influence: str
    value: str
    word: str


_NOT: Final = re.compile(
    r"\b(will|upcoming|reminder|test|draft|preview|undo|reopen\w*|uncancel\w*|reactivat\w*"
    r"|pending|processing|void\w*|payouts?|paid out)\b"
)

_WORDS: Final = tuple(
    (re.compile(words), event_type, influence, value)
    for words, event_type, influence, value in (
        (r"\b(refund\w*|chargeback\w*|disput\w*|money back)\b(?!.*\b(fail|reject|declin|denied)\w*)",
         "refund_requested", "negative", "money"),
        (r"\btrial\w*\b.*\b(start\w*|beg[ai]n\w*|creat\w*|activ\w*)\b|\b(start\w*|beg[ai]n\w*|creat\w*)\b.*\btrial\w*",
         "trial_started", "positive", "count"),
        (r"\b(cancel\w*|churn\w*|unsubscrib\w*|terminat\w*)\b|\bsubscriptions?\b.*\b(delet\w*|ended|expired)\b",
         "cancellation_requested", "negative", "word"),
        (r"\b(abandon\w*|gave up|timed out)\b", "workflow_abandoned", "negative", "word"),
        (r"\b(fail\w*|unsuccess\w*|errors?|declin\w*|denied|refused|reject\w*|incident\w*|crash\w*|exception\w*|timeout)\b",
         "error_encountered", "negative", "word"),
        (r"\b(upgrad\w*|purchas\w*|bought)\b", "upgrade_purchased", "positive", "money"),
        (r"\b(paid|pay\w*|invoices?|charge\w*|orders?|checkouts?|transactions?|sales?)\b.*"
         r"\b(paid|succe\w*|complet\w*|captur\w*|receiv\w*|settled|processed|confirmed|made)\b"
         r"|\b(succe\w*|complet\w*|captur\w*)\b.*\b(pay\w*|charge|order|sale|transaction)\b"
         r"|\bnew subscription\b|^(capture|authori[sz]ation|renewal)$|\bpaid\b"
         r"|\bsubscriptions?\b.*\b(creat\w*|start\w*|activ\w*|renew\w*)\b",
         "upgrade_purchased", "positive", "money"),
        (r"\bsign(ed)? ?ups?\b|\bsignup\w*|\bregister\w*|\bregistration\b"
         r"|\b(users?|accounts?)\b.*\b(creat\w*|confirm\w*|activat\w*)\b",
         "signup_completed", "positive", "word"),
        (r"\b(meeting|demo|appointment|invitee|booking)\b.*\b(book\w*|creat\w*|schedul\w*|confirm\w*)\b",
         "meeting_booked", "positive", "word"),
        (r"\b(leads?|deals?|opportunity|contact)\b.*\b(convert\w*|won|qualif\w*)\b|\bclosed ?won\b",
         "lead_converted", "positive", "word"),
        (r"\b(step|stage|activity)\b.*\b(complet\w*|done|finish\w*|succe\w*)\b|\bprogress\w*\b",
         "step_completed", "neutral", "word"),
        (r"\b(run|task|job|workflow|execution|process|agent|element|call|ticket)\b.*"
         r"\b(succe\w*|complet\w*|done|finish\w*|solv\w*|resolv\w*)\b", "task_success", "positive", "word"),
        (r"\b(usage|used|metered|consum\w*|tokens?|(model|api|tool) called)\b", "usage_logged", "neutral", "count"),
        (r"\b(view\w*|visit\w*)\b|\b(app|page|screen|mail|email|message|feature|link|document|file)s? opened\b"
         r"|^(page|screen)$", "feature_viewed", "neutral", "word"),
    )
)  # fmt: skip


def suggested(name: str) -> SuggestedEvent | None:
    """What an event name suggests; None if none of its words is known."""
    words = " ".join(split_words(name))
    if _NOT.search(words):
        return None
    for pattern, event_type, influence, value in _WORDS:
        found = pattern.search(words)
        if found is not None:
            return SuggestedEvent(event_type, influence, value, found[0][:40])
    return None
