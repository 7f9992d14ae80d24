from __future__ import annotations

from greenflash_kafka.histogram import Histogram


def test_a_bound_belongs_to_its_bucket_and_what_is_above_all_has_one_of_its_own() -> None:
    histogram = Histogram((0.1, 1.0))
    for value in (0.0, 0.1, 0.10001, 1.0, 5.0):
        histogram.add(value)
    counts, total = histogram.take()
    assert counts == [2, 2, 1]
    assert round(total, 5) == 6.20001


def test_what_was_taken_is_not_taken_again() -> None:
    histogram = Histogram((1.0,))
    histogram.add(0.5)
    taken = histogram.take()
    histogram.add(2.0)
    assert taken == ([1, 0], 0.5)
    assert histogram.take() == ([0, 1], 2.0)
