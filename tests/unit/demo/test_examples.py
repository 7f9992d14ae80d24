from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.demo.examples import rule_text

RULES = """\
version: 1
rules:
  - name: first
    when: {type: a}

    event:
      value: x

  # about the second
  - {name: second}
"""


@pytest.mark.parametrize(
    ("name", "line", "text"),
    [
        ("first", 3, ("- name: first", "  when: {type: a}", "", "  event:", "    value: x")),
        ("second", 10, ("- {name: second}",)),
    ],
)
def test_a_rule_is_shown_as_its_file_has_it(tmp_path: Path, name: str, line: int, text: tuple[str, ...]) -> None:
    (tmp_path / "a.yaml").write_text("version: 1\n")
    (tmp_path / "b.yaml").write_text(RULES)
    found = rule_text([str(tmp_path / "a.yaml"), str(tmp_path / "b.yaml")], name)
    assert found is not None
    assert (found.path.name, found.line, found.lines) == ("b.yaml", line, text)


def test_a_rule_that_no_file_has_is_none(tmp_path: Path) -> None:
    (tmp_path / "b.yaml").write_text(RULES)
    assert rule_text([str(tmp_path / "b.yaml")], "third") is None
