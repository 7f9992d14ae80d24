from __future__ import annotations

from consumer.workers.news import News
from consumer.workers.protocol import Paused, Resumed, Waiting

KEY, TLS = Paused("status-401", "the key"), Paused("tls", "the certificate")


def test_who_comes_later_is_told_what_is_left_of_the_time() -> None:
    news = News()
    news.hear(1, Waiting(60, "status-429"), 1000)
    news.hear(2, Waiting(10, "status-429"), 1005)
    assert news.so_far(1020) == [Waiting(40, "status-429")]
    assert news.so_far(1060) == []


def test_who_comes_later_is_told_of_a_pause_until_it_is_over() -> None:
    news = News()
    assert news.hear(1, KEY, 0) == KEY
    assert news.so_far(1) == [KEY]
    news.hear(2, Resumed(), 2)
    assert news.so_far(3) == []


def test_a_pause_that_only_the_dead_knew_of_is_looked_at_again() -> None:
    news = News()
    news.hear(1, KEY, 0)
    news.hear(2, TLS, 0)
    assert news.gone(3) is None
    assert news.gone(1) is None
    assert news.gone(2) == Resumed()
    assert news.so_far(1) == []
