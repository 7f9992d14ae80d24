"""Topics and patterns that only one side reads, in words."""

from __future__ import annotations

import pytest

from greenflash_kafka.diff.topic_changes import TopicChange


@pytest.mark.parametrize(
    ("change", "said", "unknown"),
    [
        (TopicChange("/a.*/", True, "f:1"), "a recording doesn't tell which topics of the cluster fit", True),
        (TopicChange("/a.*/", True, "f:1", None, "latest"), "begins at the end of each", True),
        (TopicChange("/a.*/", True, "f:1", ("a1", "a2")), "fit and weren't read before: a1, a2", False),
        (TopicChange("/a.*/", True, "f:1", ()), "one that is made later is read from its first message", False),
        (TopicChange("/a.*/", False, "f:1 before", ("a1",)), "are read no longer: a1", False),
        (TopicChange("/a.*/", False, "f:1 before", ()), "each that fits is still read", False),
        (TopicChange("a", False, "f:1 before"), "its messages give no events any longer", False),
    ],
)
def test_a_pattern_says_which_topics_it_means(change: TopicChange, said: str, unknown: bool) -> None:
    assert said in change.words()
    assert change.unknown is unknown
