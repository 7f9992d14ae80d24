"""Lint names the lines of a proposal that nobody has confirmed, and rules that are sent all the same."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.cases.linting import lint

PROPOSAL = """\
version: 1
source: {topics: [t]}
rules:
  - name: paid
    draft: true
    when: {type: paid}
    event:
      event_type: upgrade_purchased     # ? from "paid"
      value: 1                          # ? how much
      # value: = payload.total          # ? or this
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      insert_id: = payload.id
      external_user_id: "= concat(payload.user, '#', \\"# ?\\")"
"""


def _advice(path: Path, text: str) -> list[tuple[int, str, str]]:
    path.write_text(text)
    findings = lint([path], {}).findings
    return [(each.line, each.severity, each.message) for each in findings if each.code == "open-questions"]


def test_marks_of_guesses_are_named_until_they_are_taken_away(tmp_path: Path) -> None:
    ((line, severity, said),) = _advice(tmp_path / "x.yaml", PROPOSAL)
    assert (line, severity) == (8, "advice")
    assert "3 lines have the mark `# ?`" in said
    assert "8, 9, 10; the rules are drafts" in said
    ((_, _, said),) = _advice(tmp_path / "x.yaml", PROPOSAL.replace("    draft: true\n", ""))
    assert said.endswith("7, 8, 9; the rules are no drafts, so their events are sent as they stand")
    assert not _advice(tmp_path / "x.yaml", PROPOSAL.replace("# ? ", "# "))
