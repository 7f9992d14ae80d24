"""A rule file with ten different mistakes gives ten findings, at the right places, in one run of lint.

This holds for a file that is YAML. Of a file that isn't, the first syntax error is reported, with the line as it must
be written, and nothing else.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

RULES = """\
version: 1
source: {topics: [shop.orders], formt: json}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  insert_id: = payload.id
  influence: positive
rules:
  - name: one
    when: {type: order.paid, total: {gt: 4}}
    event: {event_type: a, value: 1}
  - name: two
    when: {type: "= payload.kind"}
    event: {event_type: b, value: = uper(payload.name)}
  - name: three
    when: {type: c}
    event: {event_type: c, value: = payloat.amount}
  - name: four
    when: {type: d}
    event: {event_type: d, value: 007}
  - name: five
    when: {type: e}
    event: {event_type: e, value: x, influence: postive}
  - name: six
    when: {type: f, type: g}
    event: {event_type: f, value: x}
  - name: seven
    when: {type: h}
    event: {event_type: h}
  - name: seven
    event: {event_type: i, value: x}
"""
EXPECTED = {
    (2, "unknown-key"): "formt",
    (9, "unknown-operator"): "gt",
    (12, "expression-in-when"): '"= payload.kind"',
    (13, "unknown-function"): "uper",
    (16, "unknown-name"): "payloat",
    (19, "bad-number"): "007",
    (22, "not-allowed"): "postive",
    (24, "duplicate-key"): "type: g",
    (28, "missing-field"): None,
    (29, "duplicate-name"): "seven",
    (29, "no-condition"): None,
}


def lint(*arguments: str) -> tuple[int, str]:
    command = [sys.executable, "-m", "greenflash_kafka", "lint", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout


def test_ten_mistakes_are_ten_findings(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    code, said = lint(str(file), "--format", "json")
    found: list[dict[str, Any]] = json.loads(said)
    assert code == 1
    assert {(each["line"], each["code"]) for each in found if each["severity"] == "error"} == set(EXPECTED)
    lines = RULES.splitlines()
    for each in found:
        assert each["file"] == str(file)
        word = EXPECTED.get((each["line"], each["code"]))
        if word is not None:
            assert lines[each["line"] - 1][each["column"] - 1 :].startswith(word), each
    hints = {each["code"]: each["hint"] for each in found}
    for finding, right in {
        "unknown-key": "format",
        "unknown-operator": "above",
        "expression-in-when": "where",
        "unknown-function": "upper",
        "unknown-name": "payload",
        "not-allowed": "positive",
    }.items():
        assert right in hints[finding], (finding, hints[finding])


def test_people_see_the_line_and_a_caret_under_the_place(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    file.write_text(RULES)
    code, said = lint(str(tmp_path))
    lines = said.splitlines()
    at = next(number for number, line in enumerate(lines) if "unknown-function" in line)
    assert code == 1
    assert lines[at].startswith(f"{file}:13:")
    assert lines[at + 1].index("uper(") == lines[at + 2].index("^")


BROKEN = """\
version: 1
source: {topics: [shop.orders], formt: json}
rules:
  - name: one
    when: {type: a}
    event: {event_type: a, value: = concat("order: ", payload.id)}
  - name: two
    when: {type: b}
    event: {event_type: b, value: = join([payload.id, payload.line], "-")}
"""


def test_syntax_errors_are_reported_one_after_the_other_and_then_all_the_rest(tmp_path: Path) -> None:
    file = tmp_path / "rules.yaml"
    text = BROKEN
    for line in (6, 9):
        file.write_text(text)
        code, said = lint(str(file), "--format", "json")
        (finding,) = json.loads(said)
        assert (code, finding["line"], finding["code"]) == (1, line, "yaml-quoting")
        lines = text.splitlines()
        lines[line - 1] = f"    {finding['hint']}"
        text = "\n".join(lines)
    file.write_text(text)
    _, said = lint(str(file), "--format", "json")
    found = [(each["line"], each["code"]) for each in json.loads(said) if each["severity"] == "error"]
    assert found == [(2, "unknown-key"), (6, "missing-field"), (9, "missing-field")]
