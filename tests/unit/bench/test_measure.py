"""A sender is measured from outside, and one that loses, repeats, dies or stands still has failed and says so."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from bench.answering import STAMP
from bench.api import Api
from bench.measure import Sender, SenderFailed, measure

SENDER = """
import sys, time, http.client
host, count, stamp = sys.argv[1].removeprefix("http://").split("/")[0], int(sys.argv[2]), sys.argv[3]
connection = http.client.HTTPConnection(host)
for number in range(count):
    connection.request("POST", "/api/v1/events", stamp)
    connection.getresponse().read()
    time.sleep(0.004)
print("sent all")
if sys.argv[4:]:
    sys.exit(3)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def api() -> Iterator[Api]:
    api = Api()
    yield api
    api.stop()


def sender(api: Api, count: int, stamp: str = "{}", *more: str) -> Sender:
    return Sender([sys.executable, "-c", SENDER, api.base_url, str(count), stamp, *more])


def test_what_it_sent_is_counted_and_it_is_told_to_end(api: Api) -> None:
    run = measure(sender(api, 50), api, 50)
    assert run.answered.events == 50
    assert run.figures(50)["rate"] == pytest.approx(50 / run.seconds)
    assert run.figures(50)["memory_mb"] > 5


def test_what_counts_begins_when_it_is_ready(api: Api) -> None:
    ready: list[float] = []
    run = measure(sender(api, 200), api, 200, when_ready=lambda: ready.append(time.monotonic()), until=0.9)
    assert len(ready) == 1
    assert 0.1 < run.share < 0.9
    assert run.figures(200)["rate"] < 1 / 0.004


def test_a_sender_that_is_done_before_it_is_ready_has_measured_nothing(api: Api) -> None:
    with pytest.raises(SenderFailed, match="before it was ready: give it more"):
        measure(sender(api, 20), api, 20, when_ready=lambda: time.sleep(1))


def test_the_time_since_the_stamp_is_told(api: Api) -> None:
    second_ago = int((time.monotonic() - 1) * 1e6)
    figures = measure(sender(api, 10, f'{{"insertId": "x:{STAMP.decode()}{second_ago:016d}"}}'), api, 10).figures(10)
    assert 1_000 <= figures["p50_ms"] <= figures["p99_ms"] < 20_000


def test_one_event_too_many_is_a_failure(api: Api) -> None:
    with pytest.raises(SenderFailed, match="after 21 of 20 events"):
        measure(sender(api, 21), api, 20)


def test_a_sender_that_dies_is_a_failure_and_its_last_words_are_shown(api: Api) -> None:
    with pytest.raises(SenderFailed, match=r"(?s)by itself with 3 after 5 of 20 events.*sent all"):
        measure(sender(api, 5, "{}", "die"), api, 20)
