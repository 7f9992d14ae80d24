"""The config file as plain values, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.config.file import read
from greenflash_kafka.documents.plain_document import PlainDocument


def written(folder: Path, text: str) -> PlainDocument:
    (folder / "c.yaml").write_text(text)
    return read(folder / "c.yaml")


def test_every_key_has_its_value_and_its_line(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """\
kafka:
  bootstrap_servers: a:9092
  properties:
    linger.ms: 5
    ssl.x: yes
mappings: [a, b]
delivery: {max_events_per_second: 0.5, give_up_after: null}
""",
    )
    assert file.findings == ()
    assert file.value == {
        "kafka": {"bootstrap_servers": "a:9092", "properties": {"linger.ms": 5, "ssl.x": "yes"}},
        "mappings": ["a", "b"],
        "delivery": {"max_events_per_second": 0.5, "give_up_after": None},
    }
    assert file.places["kafka",].where == "1:1"
    assert file.places["kafka", "properties", "linger.ms"].where == "4:5"
    assert file.places["mappings", 1].where == "6:15"
    assert file.places["delivery", "give_up_after"].where == "7:40"


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "---\n", "null\n"])
def test_a_file_without_anything_is_no_mistake(tmp_path: Path, text: str) -> None:
    assert (written(tmp_path, text).value, written(tmp_path, text).findings) == ({}, ())


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("kafka: {group: a}\nkafka: {group: b}\n", 2, "duplicate-key"),
        ("# a list\n[1, 2]\n", 2, "not-a-map"),
        ("just text\n", 1, "not-a-map"),
        ("kafka:\n  group: [\n", None, None),
    ],
)
def test_what_is_no_map_of_sections_is_told_with_its_line(
    tmp_path: Path, text: str, line: int | None, code: str | None
) -> None:
    findings = written(tmp_path, text).findings
    assert findings
    if line is not None:
        assert [(each.where, each.code) for each in findings] == [(f"{tmp_path}/c.yaml:{line}:1", code)]


def test_a_file_that_can_not_be_read_is_one_finding(tmp_path: Path) -> None:
    (finding,) = read(tmp_path / "none.yaml").findings
    assert (finding.where, finding.code) == (str(tmp_path / "none.yaml"), "unreadable")
    assert "No such file" in finding.message
    (finding,) = read(tmp_path).findings
    assert "Is a directory" in finding.message
