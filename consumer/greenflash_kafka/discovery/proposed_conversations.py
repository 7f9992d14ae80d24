"""The description of conversations, for a topic that may be a chat's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from greenflash_kafka.discovery.path_values import split_words, words_of
from greenflash_kafka.discovery.proposed_rule import commented, expression
from greenflash_kafka.discovery.study import TopicStudy

_TOPICS: Final = frozenset(
    ("chat", "chats", "message", "messages", "conversation", "conversations", "dialog", "thread")
)
_TEXTS: Final = frozenset(("text", "message", "content", "body", "utterance", "prompt"))
_WHO: Final = frozenset(("role", "sender", "author", "direction", "speaker"))


def is_chat(study: TopicStudy) -> bool:
    """Whether the topic tells of conversations alone: a conversation's id in its messages, and the name of the topic or
    fields of a chat; and no event name says that a message is another fact."""
    if study.documents.root != "payload" or not study.conversations or study.conversations[0].score < 0.7:
        return False
    if not study.times or any(event.word for _, event in study.facts):
        return False
    last = [set(words_of((way[0], way[-1]))) for way in study.table.paths if study.table.share(way) >= 0.5]
    if _TOPICS & set(split_words(study.documents.topic)):
        return True
    return any(_TEXTS & words for words in last) and any(_WHO & words for words in last)


def conversation_lines(study: TopicStudy) -> Iterator[str]:
    """The description of conversations: lines of their own for a chat's topic; comments where it may be one."""
    if is_chat(study):
        yield from _lines(study)
    elif study.conversations and study.conversations[0].score >= 0.7 and study.times:
        yield "# ? If this is the topic of your chat, describe it, and rules can link to it (docs/linking.md):"
        yield from (f"# {line}" for line in _lines(study))


def _lines(study: TopicStudy) -> Iterator[str]:
    best = study.conversations[0]
    key = f"; the record's key in {best.key:.0%}" if best.key >= 0.5 else ""
    yield commented("conversations:", "what rules of other files link to: docs/linking.md")
    yield "  - name: chat"
    yield commented(f"    id: {expression(best.text)}", f"? in {best.share:.0%}, {best.distinct:,} different{key}")
    time = study.times[0]
    near = "" if time.near_ms is None else f", {time.near_ms:,} ms from the record's time (median)"
    yield commented(f"    at: {expression(time.expression)}", f"{time.written_as}{near}")
    if study.users:
        user = study.users[0]
        yield "    keys:"
        said = f"? in {user.share:.0%}, {user.distinct:,} different: the same ids as in the rules?"
        yield commented(f"      external_user_id: {expression(user.text)}", said)
    for other in study.users[1:3]:
        yield commented(f"      # external_user_id: {expression(other.text)}", f"? or this: in {other.share:.0%}")
