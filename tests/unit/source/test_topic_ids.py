"""Ids of topics: what is asked and when, what is remembered, and topics and clusters that don't answer."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from greenflash_kafka.source.topic_ids import SILENT_SECONDS, WATCH_SECONDS, TopicIds
from tests.fakes.cluster import KnownCluster
from tests.simulation.world import Notices

P, Q = ("t", 0), ("u", 0)


class Ids(KnownCluster):
    """A watch over two topics, whose ids a test sets; None: no answer."""

    def __init__(self, *, keep: bool = True) -> None:
        super().__init__()
        self.now = 100.0
        self.answer: Mapping[str, str] | None = {"t": "1", "u": "2"}
        self.notices = Notices()
        self.gone: list[set[str]] = []
        self.ids = TopicIds(self, self.notices, lambda: self.now, self.note_gone, keep=keep)
        self.at = {P: 5, Q: 7}

    def note_gone(self, topics: Collection[str]) -> None:
        self.gone.append(set(topics))

    def poll_ids(self, timeout: float) -> Mapping[str, str] | None:  # noqa: ARG002 - answers at once, or not at all
        return self.answer

    def turn(self, seconds: float = WATCH_SECONDS) -> Mapping[str, str]:
        self.now += seconds
        answer = self.ids.poll(["t", "u"])
        self.ids.ask(lambda: self.at, soon=False)
        return answer


@pytest.mark.parametrize("keep", [True, False])
def test_a_changed_id_is_told_and_kept_only_where_the_topic_halts(keep: bool) -> None:
    watched = Ids(keep=keep)
    assert watched.ids.identify(["t", "u"]) == ({"t": "1", "u": "2"}, set())
    assert watched.ids.late() == {"t": "1", "u": "2"}
    assert watched.ids.late() == {}
    watched.answer = {"t": "9", "u": "2"}
    assert watched.ids.identify(["t", "u"]) == (watched.answer, {"t"})
    assert watched.ids.known == {"t": "1" if keep else "9", "u": "2"}


def test_what_was_read_before_a_question_is_certain_once_its_answer_has_the_same_id() -> None:
    watched = Ids()
    watched.turn()
    watched.at = {P: 50, Q: 70}
    assert watched.ids.certain(P, 3) == 3
    watched.turn()
    assert (watched.ids.certain(P, 3), watched.ids.certain(Q, 3)) == (5, 7)
    watched.answer = {"t": "9", "u": "2"}
    watched.turn()
    assert (watched.ids.certain(P, 3), watched.ids.certain(Q, 3)) == (5, 70)
    watched.ids.forget([Q])
    assert watched.ids.certain(Q, 3) == 3


def test_a_topic_is_gone_when_two_answers_leave_it_out() -> None:
    watched = Ids()
    watched.answer = {"t": "1"}
    watched.turn()
    assert watched.gone == []
    watched.turn()
    assert watched.gone == [{"u"}]


def test_a_cluster_that_is_silent_for_too_long_is_told_once_and_so_is_its_recovery() -> None:
    watched = Ids()
    watched.turn()
    answer, watched.answer = watched.answer, None
    for _ in range(3):
        assert watched.turn(SILENT_SECONDS / 2 + 1) == {}
    assert watched.notices.names == ["cluster_silent"]
    watched.answer = answer
    watched.turn()
    watched.turn()
    assert watched.notices.names == ["cluster_silent", "cluster_answers"]
