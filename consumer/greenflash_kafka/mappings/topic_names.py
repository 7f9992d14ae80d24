"""Topics of a mapping file: exact names, and patterns between slashes."""

from __future__ import annotations

from typing import Final

import re2

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import Scalar, place

_IN_PATTERNS: Final = re2.compile(r"[\^$*+?()|\[\]\\]")
_NOT_POSIX: Final = re2.compile(r"\\[A-Za-z0-9]|\(\?[^)]?|[*+?}][?+]")
"""What RE2 knows and the Kafka client, which takes POSIX expressions, refuses or reads as something else."""


def read_topics(nodes: object, topics: dict[str, Scalar], patterns: dict[str, Scalar], report: FileReport) -> None:
    """Sort what `source.topics` lists into names and patterns (without their slashes), each with its first node."""
    for topic in nodes if isinstance(nodes, list) else ():
        if not isinstance(topic, Scalar):
            continue
        text = topic.text
        if len(text) > 1 and text.startswith("/") and text.endswith("/"):
            if _is_pattern(topic, text[1:-1], report):
                patterns.setdefault(text[1:-1], topic)
        elif _is_topic(text):
            topics.setdefault(text, topic)
        else:
            _no_topic(topic, report)


def _is_pattern(topic: Scalar, pattern: str, report: FileReport) -> bool:
    try:
        re2.compile(pattern, _quiet())
    except (re2.error, UnicodeError):
        report.add(place(topic), "bad-regex", f"{topic.text} isn't a regular expression that RE2 takes")
        return False
    unlike = _NOT_POSIX.search(pattern)
    if unlike is not None:
        said = f"the Kafka client doesn't know {unlike[0]} in a pattern of topics"
        hint = "[0-9] for \\d, [A-Za-z] for letters, (...) for groups, no flags and no lazy repetition"
        report.add(place(topic), "bad-regex", said, hint)
    return unlike is None


def _no_topic(topic: Scalar, report: FileReport) -> None:
    said = f'"{topic.text}" can\'t be a topic: letters, digits, `.`, `_` and `-`, at most 249'
    hint = "a regular expression stands between slashes: /x.*/"
    if _IN_PATTERNS.search(topic.text):
        pattern = topic.text.strip("/").removeprefix("^").removesuffix("$")
        said, hint = f'"{topic.text}" is no topic\'s name', ""
        said += f"; a pattern of topics stands between slashes: /{pattern}/"
    report.add(place(topic), "bad-name", said, hint)


def _is_topic(text: str) -> bool:
    return (
        0 < len(text) <= 249
        and all(c.isascii() and (c.isalnum() or c in "._-") for c in text)
        and text not in (".", "..")
    )


def _quiet() -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    return options
