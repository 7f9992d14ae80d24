from __future__ import annotations

from greenflash_kafka.delivery.queue import PartitionQueue, Send
from greenflash_kafka.delivery.tally import Tally
from greenflash_kafka.histogram import DELIVERY_BUCKETS, REQUEST_BUCKETS
from greenflash_kafka.model.event import Event
from greenflash_kafka.ports import Reply, Request
from tests.simulation.world import Notices

NOW = 1_795_000_000.0


class Owner:
    may_send = True
    partition = ("orders", 0)
    key = None

    def __init__(self, record_ms: int | None) -> None:
        self.record_ms = record_ms


def send(record_ms: int | None = int(NOW * 1000), rule: str = "paid") -> Send:
    event = Event(rule, None, "id", b"{}")
    return Send(event, Owner(record_ms), PartitionQueue())  # type: ignore[arg-type]


def reply(status: int = 201, seconds: float = 0.02) -> Reply:
    return Reply(Request(b""), status, seconds=seconds)


def tally() -> tuple[Tally, Notices]:
    notices = Notices()
    made = Tally(notices)
    made.now = NOW
    return made, notices


def test_requests_are_counted_by_code_whatever_came_of_them() -> None:
    made, notices = tally()
    for _ in range(3):
        made.accepted(send(), reply(201))
    made.accepted(send(), reply(200))
    made.answered("status-429", 0.001)
    made.answered("timeout", 30.0)
    made.answered("status-418", 0.001)
    assert notices.counts["http_requests", ("201",)] == 0, "told only when it is asked for"
    made.report({})
    found = {labels[0]: count for (name, labels), count in notices.counts.items() if name == "http_requests" and count}
    assert found == {"201": 3, "200": 1, "429": 1, "timeout": 1, "418": 1}
    assert notices.observed["request_duration_seconds", ("201",)][REQUEST_BUCKETS.index(0.025)] == 3
    assert sum(notices.observed["request_duration_seconds", ("timeout",)]) == 1


def test_codes_that_are_known_beforehand_are_there_at_0() -> None:
    _, notices = tally()
    for code in ("201", "400", "401", "422", "429", "503", "connect", "timeout", "tls", "not-json"):
        assert notices.counts.get(("http_requests", (code,))) == 0
        assert notices.counts.get(("event_retries", (code,))) == 0


def test_events_have_their_rule_type_and_outcome() -> None:
    made, notices = tally()
    made.accepted(send(rule="paid"), reply())
    made.accepted(send(rule="paid"), reply())
    made.refused(send(rule="seen"))
    made.report({"paid": "upgrade_purchased"})
    made.report({"paid": "upgrade_purchased"})
    assert notices.counts["events", ("paid", "upgrade_purchased", "accepted")] == 2
    assert notices.counts["events", ("seen", "", "refused")] == 1


def test_delivery_is_timed_from_the_records_timestamp_where_it_has_one() -> None:
    made, notices = tally()
    made.accepted(send(int((NOW - 10) * 1000)), reply())
    made.accepted(send(int((NOW + 60) * 1000)), reply())
    made.accepted(send(None), reply())
    made.report({})
    counts = notices.observed["event_delivery_seconds", ()]
    assert sum(counts) == 2, "without a timestamp nothing is known"
    assert counts[DELIVERY_BUCKETS.index(15.0)] == 1
    assert counts[0] == 1, "a producer's clock may be ahead"


def test_the_last_acceptance_is_0_before_the_first() -> None:
    made, notices = tally()
    made.report({})
    assert notices.gauges["last_acceptance_timestamp_seconds", ()] == 0
    made.accepted(send(), reply())
    made.report({})
    assert notices.gauges["last_acceptance_timestamp_seconds", ()] == NOW
