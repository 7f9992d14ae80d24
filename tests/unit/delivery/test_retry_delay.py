from __future__ import annotations

from greenflash_kafka.delivery.retry_delay import LONGEST, backoff, delay


def test_backoff_doubles_up_to_its_cap() -> None:
    assert [backoff(attempt, lambda: 1.0) for attempt in (1, 2, 3, 4)] == [0.5, 1, 2, 4]
    assert backoff(10**6, lambda: 1.0) == LONGEST


def test_backoff_has_full_jitter() -> None:
    assert backoff(3, lambda: 0.0) == 0
    assert backoff(3, lambda: 0.5) == 1


def test_the_services_wish_is_kept_to_its_full_length() -> None:
    assert delay(1, 3600.0, lambda: 0.0) == 3600
    assert 3600 < delay(1, 3600.0, lambda: 0.5) < 3601
    assert delay(1, 0.0, lambda: 1.0) == delay(1, None, lambda: 1.0) == 0.5
