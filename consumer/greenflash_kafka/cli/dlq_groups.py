"""Dead letters grouped for people: by reason, rule and topic."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from greenflash_kafka.dlq.reader import NotADeadLetter, ParsedDeadLetter, is_dead_letter, read
from greenflash_kafka.dlq.topic import StoredDeadLetter
from greenflash_kafka.model.counted import counted, in_number
from greenflash_kafka.redaction import visible


class DeadLetterGroup(msgspec.Struct):
    """Letters with one reason, rule and topic. `first` and `last` are when they were written; `example` is a
    coordinate for `show`; `replayed` are the messages of which `dlq replay` has sent what was missing."""

    code: str
    rule: str
    topic: str
    records: int = 0
    messages: int = 0
    replayed: int = 0
    first: datetime | None = None
    last: datetime | None = None
    example: str = ""
    text: str = ""


class DeadLetterGroups:
    """Takes records, and tells the groups; arguments are the filters, None for none."""

    def __init__(self, code: str | None, rule: str | None, topic: str | None, since: datetime | None) -> None:
        self._code, self._rule, self._topic = code, rule, topic
        self._since = None if since is None else since.replace(tzinfo=UTC)
        self._groups: dict[tuple[str, str, str], DeadLetterGroup] = {}
        self._seen: set[tuple[object, ...]] = set()
        self.foreign = 0
        self.unreadable = 0

    def add(self, record: StoredDeadLetter, replayed: bool = False) -> None:
        """Count a record of the dead-letter topic."""
        if not is_dead_letter(record.headers):
            self.foreign += 1
            return
        try:
            kept = read(record.key, record.value, record.headers)
        except NotADeadLetter:
            self.unreadable += 1
            return
        for code, rule in blamed(kept):
            self._count(record, kept, code, rule, replayed)

    def _count(self, record: StoredDeadLetter, kept: ParsedDeadLetter, code: str, rule: str, replayed: bool) -> None:
        message = kept.dead_letter.message
        written = datetime.fromtimestamp(record.written_ms / 1000, UTC)
        wanted = ((self._code, code), (self._rule, rule), (self._topic, message.topic))
        if any(asked is not None and asked != found for asked, found in wanted):
            return
        if self._since is not None and written < self._since:
            return
        key = (code, rule, message.topic)
        group = self._groups.setdefault(key, DeadLetterGroup(*key))
        group.records += 1
        group.first = written if group.first is None else min(group.first, written)
        group.last = written if group.last is None else max(group.last, written)
        if (*key, *identity(kept)) not in self._seen:
            self._seen.add((*key, *identity(kept)))
            group.messages += 1
            group.replayed += replayed
        if not group.example:
            group.example, group.text = record.coordinates, kept.dead_letter.text

    def as_data(self) -> dict[str, object]:
        """Everything, for JSON."""
        return {"groups": self._sorted(), "foreign": self.foreign, "unreadable": self.unreadable}

    def as_text(self) -> str:
        """Everything, for people."""
        lines = [] if self._groups else ["no dead letters"]
        for each in self._sorted():
            twice = f" ({counted(each.records, 'record')})" if each.records != each.messages else ""
            sent = f", {each.replayed} replayed" if each.replayed else ""
            lines.append(f"{each.messages:>7} {each.code}  rule {each.rule or '-'}  topic {each.topic}{twice}{sent}")
            lines.append(f"        {_time(each.first)} to {_time(each.last)}, for example {each.example}")
            lines.append(f"        {each.text}")
        if self.foreign:
            of = in_number(self.foreign, "record is no dead letter", "records are no dead letters")
            lines.append(f"{self.foreign:>7} {of} of greenflash-kafka")
        if self.unreadable:
            of = in_number(self.unreadable, "record")
            lines.append(f"{self.unreadable:>7} {of} can't be read: of a later version, or damaged")
        return "\n".join(visible(each) for each in lines)

    def _sorted(self) -> list[DeadLetterGroup]:
        return sorted(self._groups.values(), key=lambda each: (-each.messages, each.code, each.rule, each.topic))


def identity(kept: ParsedDeadLetter) -> tuple[object, ...]:
    """What is the same in two letters of one message."""
    message, origin = kept.dead_letter.message, kept.origin
    topic = message.topic if origin.topic_id == "-" else origin.topic_id
    return origin.cluster_id, topic, message.partition, message.offset, message.timestamp_ms


def blamed(kept: ParsedDeadLetter) -> list[tuple[str, str]]:
    """Reason and rule of each failed event, each once."""
    found = {(code, rule): None for rule, _, _, code in kept.dead_letter.events if code != "accepted"}
    return list(found) or [(kept.dead_letter.code, "")]


def _time(moment: datetime | None) -> str:
    return "?" if moment is None else f"{moment:%Y-%m-%dT%H:%M:%SZ}"
