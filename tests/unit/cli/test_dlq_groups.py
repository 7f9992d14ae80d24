"""Dead letters grouped by reason, rule and topic."""

from __future__ import annotations

from datetime import datetime

import msgspec

from greenflash_kafka.cli.dlq_groups import DeadLetterGroups
from greenflash_kafka.dlq.letter_record import MARK, DeadLetterOrigin, encode
from greenflash_kafka.dlq.topic import StoredDeadLetter
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter

DAY = 86_400_000
FIRST = 1_795_000_000_000


def stored(
    at: int,
    number: int,
    *events: tuple[str, int | None, str | None, str],
    code: str = "bad-money",
    topic: str = "orders",
    written: int = FIRST,
) -> StoredDeadLetter:
    dead_letter = DeadLetter(Message(topic, 0, number, FIRST, b"k", b"v"), code, f"text of {code}", 1, events)
    record = encode(dead_letter, DeadLetterOrigin("cluster", f"id-of-{topic}"))
    return StoredDeadLetter("dead", 0, at, written, record.key, record.value, record.headers)


def groups(*records: StoredDeadLetter, **filters: object) -> DeadLetterGroups:
    wanted = {"code": None, "rule": None, "topic": None, "since": None, **filters}
    made = DeadLetterGroups(**wanted)  # type: ignore[arg-type]
    for each in records:
        made.add(each)
    return made


def listed(made: DeadLetterGroups) -> list[tuple[str, str, str, int, int]]:
    data = msgspec.json.decode(msgspec.json.encode(made.as_data()))
    return [(each["code"], each["rule"], each["topic"], each["messages"], each["records"]) for each in data["groups"]]


PAID = ("paid", None, "p:1", "bad-money")
SEEN = ("seen", None, "s:1", "accepted")


def test_letters_are_counted_by_the_failed_event_and_the_most_come_first() -> None:
    made = groups(
        stored(0, 1, code="bad-payload"),
        stored(1, 2, PAID, SEEN),
        stored(2, 3, PAID),
        stored(3, 4, ("paid", 0, "a", "status-422"), ("paid", 1, "b", "status-422")),
    )
    assert listed(made) == [
        ("bad-money", "paid", "orders", 2, 2),
        ("bad-payload", "", "orders", 1, 1),
        ("status-422", "paid", "orders", 1, 1),
    ]


def test_a_letter_that_was_written_twice_is_one_message() -> None:
    made = groups(stored(0, 1, PAID), stored(1, 1, PAID), stored(2, 1, PAID, topic="returns"))
    assert listed(made) == [("bad-money", "paid", "orders", 1, 2), ("bad-money", "paid", "returns", 1, 1)]
    assert "(2 records)" in made.as_text()


def test_filters_leave_out_what_is_not_asked_for() -> None:
    records = [
        stored(0, 1, PAID),
        stored(1, 2, ("seen", None, "s:2", "missing"), code="missing"),
        stored(2, 3, PAID, topic="returns"),
        stored(3, 4, PAID, written=FIRST + DAY),
    ]
    assert [each[:3] for each in listed(groups(*records, code="missing"))] == [("missing", "seen", "orders")]
    assert [each[:3] for each in listed(groups(*records, rule="seen"))] == [("missing", "seen", "orders")]
    assert [each[:3] for each in listed(groups(*records, topic="returns"))] == [("bad-money", "paid", "returns")]
    since = datetime.utcfromtimestamp((FIRST + DAY) / 1000)  # noqa: DTZ004 - as click reads it: without a zone
    assert listed(groups(*records, since=since)) == [("bad-money", "paid", "orders", 1, 1)]
    assert groups(*records, code="no-such").as_text() == "no dead letters"


def test_records_of_others_and_those_that_can_not_be_read_are_counted_apart() -> None:
    foreign = StoredDeadLetter("dead", 0, 0, FIRST, b"k", b"v", (("x", b"1"),))
    later = StoredDeadLetter("dead", 0, 1, FIRST, b"k", b"v", ((MARK, b"99"),))
    made = groups(foreign, later, stored(2, 1, PAID))
    assert (made.foreign, made.unreadable, len(listed(made))) == (1, 1, 1)
    assert "1 record is no dead letter of" in made.as_text()
    assert "1 record can't be read" in made.as_text()


def test_what_was_replayed_is_told_and_an_example_for_show() -> None:
    made = DeadLetterGroups(None, None, None, None)
    made.add(stored(7, 1, PAID), replayed=True)
    made.add(stored(8, 2, PAID))
    said = made.as_text()
    assert ", 1 replayed" in said
    assert "for example dead/0/7" in said
    assert "text of bad-money" in said
