"""Chats of the demo, with known outcomes: what a chat led to, what happened by itself, and small talk.

A chat is told in its own topic and names its user; what comes of it is told by another system, which doesn't name the
chat. Which conversation led to what is known here because it was made so.
"""

from __future__ import annotations

from datetime import UTC, datetime

from greenflash_kafka.demo import billing, crm, shop_database
from greenflash_kafka.demo.made import CHATS, DAY_MS, Chat, Made, Maker, Moment, to_json

_TEXTS = {
    "user": ("How do I add three more seats?", "This is not what I paid for.", "Can we talk to somebody?"),
    "assistant": ("Let me look at your plan.", "I am sorry about that.", "Of course, here is a link."),
}


def upgrade_after_chat(moment: Moment) -> Made:
    """A chat about plans leads to an upgrade, minutes to an hour and a half later."""
    return _led_to(moment, billing.upgrade(moment))


def refund_after_chat(moment: Moment) -> Made:
    """A complaint in a chat leads to a refund."""
    return _led_to(moment, billing.refund(moment))


def cancellation_after_chat(moment: Moment) -> Made:
    """A chat that helped nobody leads to a cancellation."""
    return _led_to(moment, billing.cancellation(moment))


def meeting_after_chat(moment: Moment) -> Made:
    """A chat leads to a meeting with sales."""
    return _led_to(moment, crm.meeting(moment))


def credits_after_chat(moment: Moment) -> Made:
    """A chat about limits leads to an order of credits."""
    return _led_to(moment, shop_database.paid(moment))


def upgrade_in_a_chat(moment: Moment) -> Made:
    """An upgrade in the middle of a chat, whose messages reach Kafka after the upgrade's."""
    return _led_to(moment, billing.upgrade(moment))._replace(late=1 + moment.below(12))


def refund_before_chat(moment: Moment) -> Made:
    """A refund, and a chat about it that begins half a minute later: it can't have led to it."""
    return billing.refund(moment)._replace(chats=_talk(moment, moment.ms + 90_000, 60_000), late=4)


def meeting_without_chat(moment: Moment) -> Made:
    """A meeting that no chat led to."""
    return crm.meeting(moment)


def small_talk(moment: Moment) -> Made:
    """A chat of the last sixteen days that led to nothing, beside a message that means nothing."""
    return billing.noise(moment)._replace(chats=_talk(moment, moment.ms - 3_600_000 - moment.below(16 * DAY_MS)))


KINDS: tuple[tuple[int, Maker], ...] = (
    (18, upgrade_after_chat),
    (9, refund_after_chat),
    (6, cancellation_after_chat),
    (7, meeting_after_chat),
    (8, credits_after_chat),
    (5, upgrade_in_a_chat),
    (4, refund_before_chat),
    (3, meeting_without_chat),
    (70, small_talk),
)
"""The kinds of messages that chats have to do with, with how many of 1,000 messages are of each."""


def to_message(chat: Chat, number: int) -> Made:
    """A chat message as the chat service writes it, a message a turn; `number` chooses its text."""
    texts = _TEXTS[chat.role]
    body = {
        "conversation_id": chat.conversation,
        "user_id": chat.user,
        "role": chat.role,
        "text": texts[number % len(texts)],
        "created_at": datetime.fromtimestamp(chat.at / 1000, UTC).isoformat(timespec="milliseconds"),
    }
    return Made(CHATS, chat.conversation, to_json(body))


def _led_to(moment: Moment, outcome: Made) -> Made:
    share = moment.below(1000) / 1000
    minutes = 1 + int(89 * share * share)  # sooner more often than later
    chats = _talk(moment, moment.ms - minutes * 60_000)
    facts = tuple(fact._replace(cause=chats[0].conversation) for fact in outcome.facts)
    return outcome._replace(facts=facts, chats=chats)


def _talk(moment: Moment, end: int, length: int = 300_000) -> tuple[Chat, ...]:
    """A question, an answer and another question at `end`, `length` after the first; all in milliseconds."""
    conversation = f"c-{moment.n}"
    turns = (("user", end - length), ("assistant", end - length + 20_000), ("user", end))
    return tuple(Chat(conversation, moment.user, role, at) for role, at in turns)
