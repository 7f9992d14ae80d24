"""Findings for people, programs and GitHub."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cli.finding_reports import FORMATS
from greenflash_kafka.documents.findings import Finding


def some(folder: Path) -> list[Finding]:
    file = folder / "a.yaml"
    file.write_text("version: 1\nsource:\ttopics\n")
    return [
        Finding(str(file), 2, 9, 2, 15, "unknown-key", "error", "`topcis` is no key", "did you mean topics?"),
        Finding(str(folder / "gone.yaml"), 1, 1, 3, 4, "expired", "warning", "100% over: a,b\nsecond line", ""),
    ]


def test_text_has_the_place_the_line_underlined_and_the_hint(tmp_path: Path) -> None:
    said = FORMATS["text"](some(tmp_path)).splitlines()
    assert said[0] == f"{tmp_path}/a.yaml:2:9: error unknown-key: `topcis` is no key"
    assert said[1] == "  2 | source: topics"
    assert said[2] == "    |         ^^^^^^"
    assert said[3] == "  hint: did you mean topics?"
    assert said[-1] == "1 error, 1 warning."
    assert FORMATS["text"]([]) == "No findings."


@pytest.mark.parametrize(
    ("place", "underlined"),
    [((1, 3, 1, 3), "  ^"), ((1, 3, 1, 5), "  ^^"), ((1, 3, 2, 2), "  ^^^^"), ((1, 7, 1, 7), "      ^")],
)
def test_a_stretch_is_underlined_to_its_end_or_that_of_the_line(
    tmp_path: Path, place: tuple[int, int, int, int], underlined: str
) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("a: [b,  \n c]\n")
    said = FORMATS["text"]([Finding(str(file), *place, "bad-literal", "error", "no")]).splitlines()
    assert said[1:3] == ["  1 | a: [b,  ", f"    | {underlined}"]


def test_json_is_a_list_of_objects_with_these_keys(tmp_path: Path) -> None:
    said = json.loads(FORMATS["json"](some(tmp_path)))
    place = {"file", "line", "column", "end_line", "end_column"}
    assert [set(each) for each in said] == [place | {"code", "severity", "message", "hint"}] * 2
    assert [said[0][name] for name in ("line", "column", "end_line", "end_column")] == [2, 9, 2, 15]
    assert json.loads(FORMATS["json"]([])) == []


def test_github_gets_one_escaped_line_a_finding(tmp_path: Path) -> None:
    first, second = FORMATS["github"](some(tmp_path)).splitlines()
    assert first.startswith("::error file=")
    assert ",line=2,col=9,endLine=2,endColumn=15,title=unknown-key::" in first
    assert ",line=1,endLine=3,title=expired::" in second, "columns of several lines are ignored by GitHub"
    assert second.endswith("::100%25 over: a,b%0Asecond line")
