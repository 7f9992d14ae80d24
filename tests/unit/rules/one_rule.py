"""A mapping file of one rule that has no findings, its changes, and where findings are."""

from __future__ import annotations

from greenflash_kafka.documents.findings import Finding

RULE = """\
version: 1
source: {topics: [t]}
rules:
  - name: r
    when: {type: x}
    event:
      event_type: e
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value: "1"
      insert_id: = payload.id
      external_user_id: = payload.user
"""


def changed(old: str, new: str) -> str:
    assert old in RULE
    return RULE.replace(old, new)


def places(findings: tuple[Finding, ...]) -> list[tuple[int, int, str]]:
    return [(finding.line, finding.column, finding.code) for finding in findings]
