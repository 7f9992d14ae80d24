"""A mapping file with one mistake, and what lint, as users run it, says about it."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.documents.findings import Finding

FILE = """\
version: 1
source: {topics: [shop.orders]}
rules:
  - name: paid
    when:
      type: order.paid
    event:
      event_type: purchase
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: positive
      insert_id: = payload.id
      value: = number(payload.amount)
      external_user_id: = payload.customer.id
      properties:
        country: = payload.country
"""
"""It has no findings."""

WHEN = "type: order.paid"
VALUE = "value: = number(payload.amount)"


def changed(old: str, new: str) -> str:
    """The file with one part written otherwise; a line feed in `new` keeps the indentation of `old`."""
    assert FILE.count(old) == 1, old
    before = FILE[: FILE.index(old)]
    indent = " " * (len(before) - before.rfind("\n") - 1)
    return FILE.replace(old, new.replace("\n", f"\n{indent}"))


def findings(folder: Path, text: str) -> tuple[Finding, ...]:
    """What lint says about a file of this text; an error of the same line only once."""
    file = folder / "m.yaml"
    file.write_text(text, encoding="utf-8")
    return lint([file], {}).findings


def said(finding: Finding) -> str:
    """Message and hint."""
    return f"{finding.message} | {finding.hint}"
