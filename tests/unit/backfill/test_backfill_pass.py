"""A backfill over messages in memory: only named rules, offsets after acceptance, and every way to end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from greenflash_kafka.backfill.backfill_pass import BackfillPass
from greenflash_kafka.backfill.backfill_report import as_json, as_lines
from greenflash_kafka.backfill.ordered_outcomes import OrderedOutcomes
from greenflash_kafka.deadlines import Deadlines
from greenflash_kafka.delivery.dispatcher import Dispatcher, DispatcherSettings
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.snapshot import Snapshot
from tests.simulation.world import Notices, ScriptedApi, VirtualClock, accepted, status
from tests.unit.test_pipeline import RULES

SECOND = """\
  - name: seen
    when: {type: paid}
    event:
      event_type: feature_viewed
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value: = text(payload.id)
      insert_id: = concat("s-", payload.id)
"""


class Recorded:
    """`ports.History` over a list; the partition ends with offsets that have no message."""

    def __init__(self, messages: Sequence[Message]) -> None:
        self._left = list(messages)
        self.missing: Sequence[OffsetRange] = ()

    @property
    def done(self) -> bool:
        return not self._left

    def take(self, limit: int, timeout: float) -> list[Message]:  # noqa: ARG002
        found, self._left = self._left[: min(limit, 10)], self._left[min(limit, 10) :]
        return found

    def close(self) -> None:
        pass


class Past:
    """A pass over so many orders of one partition, up to offset 100."""

    def __init__(self, folder: Path, values: Sequence[bytes], rate: float | None = None, *, send: bool = True) -> None:
        (folder / "m.yaml").write_text(RULES + SECOND)
        ruleset = load([folder], {}).ruleset
        assert ruleset is not None
        self.clock = VirtualClock()
        self.api = ScriptedApi(self.clock)
        self.commits: list[Mapping[TopicPartition, int]] = []
        deadlines = Deadlines(self.clock)
        settings = DispatcherSettings(in_flight=4, max_events_per_second=rate)
        messages = [Message("orders", 0, number, 1, None, value) for number, value in enumerate(values)]
        self.done = BackfillPass(
            Recorded(messages),
            [OffsetRange("orders", 0, 0, 100)],
            OrderedOutcomes(Resolver(Snapshot(ruleset), self.clock).outcome, self.clock),
            ["paid"],
            self.clock,
            deadlines,
            Dispatcher(self.api, deadlines, self.clock, Random(1), Notices(), settings) if send else None,
            self.commits.append,
            4,
        )

    @property
    def committed(self) -> int:
        return next((each["orders", 0] for each in reversed(self.commits) if each), 0)


def _order(number: int, **fields: Any) -> bytes:
    return json.dumps({"type": "paid", "id": f"o{number}", "amount": 2, "currency": "EUR", **fields}).encode()


def test_only_events_of_the_named_rules_are_sent_and_the_end_is_committed(tmp_path: Path) -> None:
    past = Past(tmp_path, [_order(number) for number in range(30)])
    report = past.done.run()
    assert (report.messages, report.events, report.money) == (30, 30, {"EUR": Decimal(60)})
    assert len(past.api.stored) == 30
    assert all(str(each["eventType"]) == "upgrade_purchased" for each in past.api.stored.values())
    assert past.committed == 100


def test_without_a_dispatcher_it_counts(tmp_path: Path) -> None:
    past = Past(tmp_path, [_order(1), b'{"type": "seen"}', _order(2, currency="JPY")], send=False)
    report = past.done.run()
    assert (report.messages, report.events) == (3, 2)
    assert report.money == {"EUR": Decimal(2), "JPY": Decimal(2)}
    assert past.api.requests == []
    shown = list(as_lines(report, sent=False))
    assert shown == ["3 messages read; 2 events would be sent", "  upgrade_purchased  2  EUR 2.00, JPY 2"]
    assert json.loads(as_json(report, sent=False))["event_types"]["upgrade_purchased"]["events"] == 2


def test_invalid_messages_and_refused_events_are_reported(tmp_path: Path) -> None:
    past = Past(tmp_path, [_order(0), b"no JSON", _order(2, amount="x"), _order(3)])
    past.api.answer = lambda event: (
        status(422, body=b'{"error": "no"}') if str(event["insertId"]).endswith("o3") else accepted
    )
    report = past.done.run()
    assert report.events == 1
    assert [(code, rule, each.example) for (code, rule), each in report.invalid.items()] == [
        ("bad-payload", "", "orders/0/1"),
        ("bad-money", "paid", "orders/0/2"),
    ]
    assert [(code, rule, each.example) for (code, rule), each in report.refused.items()] == [
        ("status-422", "paid", "orders/0/3")
    ]
    assert past.committed == 100, "none of them holds the rest"
    assert [line.split(":")[0].strip() for line in list(as_lines(report, sent=True))[2:]] == [
        "1 invalid",
        "1 invalid",
        "1 refused",
    ]


def test_nothing_is_committed_before_it_is_accepted(tmp_path: Path) -> None:
    past = Past(tmp_path, [_order(number) for number in range(40)], rate=10)
    accepted_then: list[tuple[int, int]] = []
    commits = past.done._commits
    past.done._commits = lambda news: (commits(news), accepted_then.append((past.committed, len(past.api.stored))))[0]  # type: ignore[func-returns-value]
    report = past.done.run()
    assert report.events == 40
    assert len(accepted_then) > 3
    assert all(committed <= stored for committed, stored in accepted_then[:-1])


def test_one_that_is_stopped_leaves_the_rest_to_the_next(tmp_path: Path) -> None:
    past = Past(tmp_path, [_order(number) for number in range(40)], rate=10)
    report = past.done.run(lambda: len(past.api.stored) >= 12)
    assert report.stopped_by == "it was asked to stop"
    assert 12 <= report.events < 40
    assert past.committed == report.events == len(past.api.stored)
    assert report.unanswered > 0


def test_a_delivery_that_stays_paused_ends_it(tmp_path: Path) -> None:
    past = Past(tmp_path, [_order(number) for number in range(40)])
    past.api.answer = lambda _: status(401)
    report = past.done.run()
    assert report.events == past.committed == 0
    assert "401" in report.stopped_by


@pytest.mark.parametrize("sent", [True, False])
def test_a_text_of_the_report_has_no_control_characters(tmp_path: Path, sent: bool) -> None:
    report = Past(tmp_path, [b'{"type": "paid", "id": "o\\u001b[2J"}'], send=False).done.run()
    assert not any("\x1b" in line for line in as_lines(report, sent=sent))
