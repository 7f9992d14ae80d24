"""Topics of a mapping file."""

from __future__ import annotations

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import Scalar
from greenflash_kafka.mappings.topic_names import read_topics


def read(*written: str) -> tuple[dict[str, Scalar], dict[str, Scalar], FileReport]:
    topics: dict[str, Scalar] = {}
    patterns: dict[str, Scalar] = {}
    report = FileReport("f.yaml")
    nodes = [Scalar(text, text, "", text, line, 1) for line, text in enumerate(written, 1)]
    read_topics(nodes, topics, patterns, report)
    return topics, patterns, report


def test_names_and_patterns_are_told_apart_by_slashes() -> None:
    topics, patterns, report = read("a.b-c_d", "/x.*/", "a.b-c_d")
    assert (list(topics), list(patterns), report.findings) == (["a.b-c_d"], ["x.*"], ())
    assert topics["a.b-c_d"].line == 1, "the first place"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("a b", "bad-name"),
        ("x" * 250, "bad-name"),
        (".", "bad-name"),
        ("x.*", "bad-name"),
        ("/(/", "bad-regex"),
        (r"/\d+/", "bad-regex"),
        ("/x.*?/", "bad-regex"),
    ],
)
def test_what_no_topic_and_no_pattern_of_the_client_can_be_is_a_finding(written: str, code: str) -> None:
    topics, patterns, report = read(written)
    assert (topics, patterns) == ({}, {})
    assert [(each.code, each.end_column) for each in report.findings] == [(code, len(written) + 1)]
