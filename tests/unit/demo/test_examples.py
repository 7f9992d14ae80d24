from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.demo.examples import rule_text
from greenflash_kafka.loading import load

RULES = """\
version: 1
source: {topics: [orders]}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  influence: neutral
rules:
  - name: first
    when: {type: a}

    event:
      event_type: a
      value: x

  # about the second
  - {name: second, when: {type: b}, event: {event_type: b, value: x}}
"""


@pytest.mark.parametrize(
    ("name", "line", "text"),
    [
        (
            "first",
            7,
            ("- name: first", "  when: {type: a}", "", "  event:", "    event_type: a", "    value: x"),
        ),
        ("second", 15, ("- {name: second, when: {type: b}, event: {event_type: b, value: x}}",)),
    ],
)
def test_a_rule_is_shown_as_its_file_has_it(tmp_path: Path, name: str, line: int, text: tuple[str, ...]) -> None:
    (tmp_path / "b.yaml").write_text(RULES)
    ruleset = load([tmp_path], {}).ruleset
    assert ruleset is not None
    found = rule_text(ruleset, name)
    assert (found.path.name, found.line, found.lines) == ("b.yaml", line, text)
