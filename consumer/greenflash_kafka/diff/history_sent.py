"""Messages of the past that `run` would send, or leave out, whatever the rules make of them: topics that are new to its
group, and messages that are too old."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.topic_format import TopicFormat
from greenflash_kafka.rules.durations import duration_text


class NewTopic(msgspec.Struct, frozen=True):
    """A topic that only the new rules read. `begins`: what their `initial_offset` says, "" if nothing; `alone`: the old
    rules read no topic at all, so that the group may be new, too. `events` are those of the messages that were read;
    `file` reads it."""

    topic: str
    begins: str
    max_age: str
    file: str
    alone: bool
    events: int = 0

    @property
    def sends_history(self) -> bool:
        """Whether messages that are there already are sent."""
        return self.begins != "latest"

    @property
    def before(self) -> str:
        """The part of its history that isn't here, in words."""
        return "what is older" if self.begins in ("", "earliest") else f"all that is there since {self.begins}"

    def words(self) -> str:
        """What `run` does with its history, and what to write if that isn't wanted."""
        kept = f" (none older than {self.max_age}, by max_age)" if self.max_age else ""
        here = f"{counted(self.events, 'event')} of the messages here"
        line = f"write `initial_offset: latest` under `source` in {self.file} to send new messages only"
        if self.begins == "latest":
            return f"{self.topic} is new: `run` begins at its end (initial_offset: latest); {here} aren't sent"
        if self.begins not in ("", "earliest"):
            return f"{self.topic} is new: `run` sends its history from {self.begins} on{kept}; {line}"
        said = f"{self.topic} is new: `run` sends ALL of its history{kept}, {here} and what is older; {line}"
        if self.alone and not self.begins:
            said += ". A group that has read nothing at all begins where `kafka.start` says"
        return said


def new_topic(topic: str, format: TopicFormat, file: str, *, alone: bool) -> NewTopic:
    """A topic that only the new rules read, as they say it in `file`."""
    start = format.initial_offset
    begins = datetime.fromtimestamp(start / 1000, UTC).isoformat() if isinstance(start, int) else start or ""
    return NewTopic(topic, begins, duration_text(format.max_age) if format.max_age else "", file, alone)


class TooOld(msgspec.Struct, frozen=True):
    """Events of a topic whose `max_age` differs that are older than it allows, counted back from the newest message
    that was read (milliseconds since 1970), under the old rules and the new ones."""

    topic: str
    newest_ms: int
    old: int
    new: int

    def words(self) -> str:
        """What is counted, and from when on."""
        newest = datetime.fromtimestamp(self.newest_ms / 1000, UTC).isoformat(timespec="seconds")
        return (
            f"max_age: had `run` read {self.topic} when its newest message here was written ({newest}), "
            f"{counted(self.old, 'event')} before and {self.new:,} now would have been too old to be sent"
        )
