"""Dead letters about one message, found in the dead-letter topic."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from greenflash_kafka.cases.link_reasons import moment
from greenflash_kafka.cli.look_back import look_back
from greenflash_kafka.cli.open_history import HistoryFlags, opened
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.config.model import Config
from greenflash_kafka.dlq.reader import NotADeadLetter, ParsedDeadLetter, read
from greenflash_kafka.errors import BrokerUnreachable, TopicMissing
from greenflash_kafka.model.message import Message

MOST = 10
"""Letters about one message that are shown; a replay that fails writes another one."""


class LettersAbout(msgspec.Struct, frozen=True):
    """The letters, each with the record that it is in, the newest first, and what is to be said of the search."""

    found: tuple[tuple[Message, ParsedDeadLetter], ...] = ()
    said: str = ""

    def lines(self) -> list[str]:
        """For people."""
        lines = []
        for record, kept in self.found:
            letter = kept.dead_letter
            lines.append(f"{record.coordinates}, written {_time(record)}: {letter.code}: {letter.text}")
            lines.append(f"  {letter.attempts} attempts, version {kept.origin.version}, rules {letter.rules}")
            for rule, item, insert_id, became in letter.events:
                lines.append(
                    f"  {became}: {rule or '-'}{'' if item is None else f', item {item}'}, id {insert_id or '-'}"
                )
        return [*lines, self.said]

    def as_objects(self) -> Sequence[dict[str, object]]:
        """For programs."""
        return [
            {
                "dead_letter": record.coordinates,
                "written": _time(record),
                "code": kept.dead_letter.code,
                "text": kept.dead_letter.text,
                "attempts": kept.dead_letter.attempts,
                "rules": kept.dead_letter.rules,
                "events": kept.dead_letter.events,
            }
            for record, kept in self.found
        ]


def letters_about(message: Message, config: Config | None, flags: HistoryFlags, seconds: float) -> LettersAbout:
    """The dead letters whose original this message is, searched backwards for so many seconds (0: as long as it
    takes)."""
    topic = None if config is None else config.dead_letter.topic
    if flags.recording is not None or not topic:
        return LettersAbout(said="not looked for: " + ("a recording" if flags.recording else "no dead_letter.topic"))
    parsed: dict[str, ParsedDeadLetter] = {}

    def about(record: Message) -> bool:
        try:
            kept = read(record.key, record.value, record.headers)
        except NotADeadLetter:
            return False
        if kept.dead_letter.message.coordinates != message.coordinates:
            return False
        parsed[record.coordinates] = kept
        return True

    try:
        # A letter is written after its message; a producer's clock may be ahead.
        since = None if message.record_ms is None else max(0, message.record_ms - 86_400_000)
        with opened(HistoryFlags(file=flags.file, since=since), [topic], begin=False) as source:
            looked = look_back(source, MOST, about, SystemClock(), seconds=seconds)
    except (BrokerUnreachable, TopicMissing) as error:
        return LettersAbout(said=f"can't be looked for: {error}")
    found = tuple((record, parsed[record.coordinates]) for record in looked.found)
    return LettersAbout(found, f"{topic}: {len(found) or 'none'} about this message ({looked.words})")


def _time(record: Message) -> str:
    return "at no time" if record.record_ms is None else moment(record.record_ms)
