"""One dead letter in words."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

from greenflash_kafka.cli.try_message import Trial
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.dlq.reader import ParsedDeadLetter
from greenflash_kafka.dlq.topic import StoredDeadLetter
from greenflash_kafka.letter_judge import Judge
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.message import Message
from greenflash_kafka.redaction import visible

LATEST_MS = 253_402_300_799_999
"""The last millisecond of the year 9999."""

SHOWN_KEYS = 60
"""Most fields of a masked object that are named."""


def as_text(record: StoredDeadLetter, kept: ParsedDeadLetter, judge: Judge, *, values: bool) -> str:
    """Why it is here, what became of its events, what it held, and what today's rules make of it."""
    dead_letter, origin, message = kept.dead_letter, kept.origin, kept.dead_letter.message
    snapshot = judge.snapshot(kept)
    lines = [
        f"message      {message.coordinates}, {_stamp(message)}",
        f"dead letter  {record.coordinates}, written {_time(record.written_ms)}",
        f"reason       {dead_letter.code}: {dead_letter.text}",
        f"attempts     {dead_letter.attempts}",
        f"written by   version {origin.version}, rules {dead_letter.rules}"
        + (" (today's)" if dead_letter.rules == snapshot.ruleset.version else ""),
        f"origin       cluster {origin.cluster_id}, topic id {origin.topic_id}",
        "events",
    ]
    for rule, item, insert_id, became in dead_letter.events:
        lines.append(f"  {became}  rule {rule or '-'}{'' if item is None else f' item {item}'}  id {insert_id or '-'}")
    if kept.events_total > len(dead_letter.events):
        lines.append(f"  and {kept.events_total - len(dead_letter.events)} more, which the record has no room for")
    original = judge.message(kept)
    if original is None:
        lines.append(f"the {', '.join(kept.left_out)} was left out, and the original isn't there any more")
        return "\n".join(visible(each) for each in lines)
    lines += [f"value        {_payload(original.value, values)}"]
    trial = Trial(original, snapshot)
    judged = judge.judge(kept)
    if judged.code:
        lines.append(f"today        it would stay: {judged.code}: {judged.text}")
    else:
        lines.append(f"today        it would pass: {counted(len(judged.events), 'event')} to send")
    if values:
        lines += ["", *trial.as_text(color=False).split("\n")]
    return "\n".join(visible(each) for each in lines)


def _payload(value: bytes | None, values: bool) -> str:
    if value is None:
        return "none (a tombstone)"
    if values:
        return value.decode("utf-8", "backslashreplace")
    try:
        payload = decode(value)
    except DecodeError as error:
        return f"{len(value)} bytes, no JSON ({error})"
    return f"{len(value)} bytes, {msgspec.json.encode(_masked(payload)).decode()} (--values shows them)"


def _masked(value: object) -> object:
    """Only its shape: names of fields and kinds of values."""
    if isinstance(value, dict):
        return {str(name): _masked(inner) for name, inner in list(value.items())[:SHOWN_KEYS]}
    if isinstance(value, list):
        return [_masked(value[0]), f"... {len(value)} items"] if len(value) > 1 else [_masked(each) for each in value]
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    return "text" if isinstance(value, str) else "number"


def _stamp(message: Message) -> str:
    ms = message.record_ms
    return "no timestamp" if ms is None else f"{message.timestamp_type} time {_time(ms)}"


def _time(milliseconds: int) -> str:
    if not 0 <= milliseconds <= LATEST_MS:
        return f"{milliseconds} ms, outside the years 1970 to 9999"
    return f"{datetime.fromtimestamp(milliseconds / 1000, UTC):%Y-%m-%dT%H:%M:%S.%fZ}"
