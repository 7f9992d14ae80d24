"""The notices of pauses, in virtual time."""

from __future__ import annotations

from greenflash_kafka.delivery.pause_notices import NOTICE_SECONDS, Notice, PauseNotices
from greenflash_kafka.delivery.response_table import Verdict

NO_KEY = Verdict("pause", "status-401", "Greenflash doesn't know the API key (401)")
DOWN = Verdict("retry", "connect", "no connection to Greenflash")


def names(*notices: Notice | None) -> list[str]:
    return [notice[0] for notice in notices if notice is not None]


def test_a_pause_and_its_end_are_told_once() -> None:
    pauses = PauseNotices()
    begins = pauses.paused("status-401", NO_KEY, True, 0.0)
    assert begins == ("delivery_paused", {"code": "status-401", "text": NO_KEY.text})
    assert pauses.paused("status-401", NO_KEY, False, 1.0) is None
    assert pauses.tick(300.0) == []
    assert pauses.resumed() == ("delivery_resumed", {"code": "status-401"})
    assert pauses.tick(600.0) == []
    assert not pauses.due


def test_a_pause_that_goes_on_for_another_reason_is_told_again() -> None:
    pauses = PauseNotices()
    pauses.paused("outage", DOWN, True, 0.0)
    assert names(pauses.paused("status-401", NO_KEY, False, 1.0), pauses.resumed()) == [
        "delivery_paused",
        "delivery_resumed",
    ]


def test_a_pause_soon_after_another_is_told_after_a_minute_if_it_lasts() -> None:
    pauses = PauseNotices()
    pauses.paused("outage", DOWN, True, 0.0)
    pauses.resumed()
    assert pauses.paused("outage", DOWN, True, 5.0) is None
    assert min(pauses.due) == NOTICE_SECONDS
    assert pauses.tick(NOTICE_SECONDS - 1) == []
    assert pauses.tick(NOTICE_SECONDS) == [("delivery_paused", {"code": "connect", "text": DOWN.text, "pauses": 1})]
    assert names(pauses.resumed()) == ["delivery_resumed"]


def test_a_service_that_fails_and_recovers_each_second_fills_no_log() -> None:
    pauses = PauseNotices()
    told: list[Notice] = []
    for second in range(round(2 * NOTICE_SECONDS) + 10):
        told += [each for each in (pauses.paused("outage", DOWN, True, second), pauses.resumed()) if each is not None]
        told += pauses.tick(second + 0.5)
    assert len(told) <= 2 * 3
    counted = sum(int(str(facts.get("pauses", 0))) for _, facts in told)
    assert counted >= 2 * NOTICE_SECONDS - 10, f"what isn't told one by one is counted: {told}"
