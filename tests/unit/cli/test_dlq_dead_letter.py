"""Text of strangers in a message or a dead letter has no effect on the terminal that shows it."""

from __future__ import annotations

from greenflash_kafka.cli.dlq_dead_letter import as_text
from greenflash_kafka.cli.dlq_groups import DeadLetterGroups
from greenflash_kafka.dlq.letter_record import DeadLetterOrigin, encode
from greenflash_kafka.dlq.reader import read
from greenflash_kafka.dlq.topic import StoredDeadLetter
from greenflash_kafka.letter_judge import Judge
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter
from greenflash_kafka.snapshot import Snapshot
from tests.simulation.life import ruleset

EVIL = "\x1b[2J\x07\x9b31m\u202e"


def stored(value: bytes) -> StoredDeadLetter:
    dead_letter = DeadLetter(Message("orders", 0, 7, 1_795_000_000_000, b"k", value), "bad-payload", "no JSON")
    record = encode(dead_letter, DeadLetterOrigin())
    # As somebody writes it who may write to the topic, and knows our headers.
    forged = [
        (name, f"no JSON\n     1000 forged {EVIL}".encode() if name == "greenflash.text" else header)
        for name, header in record.headers
    ]
    return StoredDeadLetter("dead", 0, 0, 1_795_000_000_000, record.key, record.value, tuple(forged))


def shown(value: bytes, values: bool) -> str:
    record = stored(value)
    kept = read(record.key, record.value, record.headers)
    snapshot = Snapshot(ruleset(None), EvaluationContext(topic_ids={"orders": "-"}))
    return as_text(record, kept, Judge(snapshot, lambda _: None), values=values)


def test_no_control_character_is_written_and_no_line_is_forged() -> None:
    groups = DeadLetterGroups(None, None, None, None)
    groups.add(stored(b"x"))
    evil_name = ('{"' + EVIL.replace("\x1b", "").replace("\x07", "") + '": 1}').encode()
    texts = [groups.as_text(), *(shown(v, values) for v in (EVIL.encode(), evil_name) for values in (True, False))]
    for text in texts:
        assert "no JSON\\n     1000 forged \\u001b[2J" in text
        assert all(character.isprintable() or character == "\n" for character in text), text
