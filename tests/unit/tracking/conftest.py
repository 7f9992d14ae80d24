"""A folder of a mapping file and a tracking plan, and what lint finds in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.documents.findings import Finding

PLAN = """\
version: 1
closed: true
properties:
  app: Where it happened.
events:
  upgrade_purchased:
    meaning: A customer pays for more.
    owner: billing team
    influence: positive
    value: {type: currency, unit: EUR}
    properties:
      currency: {meaning: The value's currency., type: text, required: true}
      seats: {meaning: Seats after it., type: number}
      email: {meaning: Who bought it., personal: true}
  usage_logged:
    meaning: Something that is counted was used.
    influence: neutral
    value: {type: count, unit: tokens}
  order_paid:
    meaning: An order was paid.
    deprecated: {since: 2026-11-01, use: upgrade_purchased, because: It means the same.}
"""
RULES = """\
version: 1
source: {topics: [t]}
tables:
  stages:
    s1: {type: upgrade_purchased, influence: positive}
    s2: {type: usage_logged, influence: neutral}
    s3: {type: "", influence: ""}
rules:
  - name: r
    when: {type: paid}
    event:
      event_type: upgrade_purchased
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      external_user_id: = payload.user
      influence: positive
      value: = money_major(payload.total, "EUR")
      insert_id: = payload.id
      properties: {currency: EUR, app: shop}
"""

Lint = Callable[..., list[Finding]]


@pytest.fixture
def lint_changed(tmp_path: Path) -> Lint:
    """Lint the folder after replacing pairs of texts, each in the one of the two files that has it."""

    def run(*changes: tuple[str, str]) -> list[Finding]:
        texts = {"a.yaml": RULES, "events.yaml": PLAN}
        for old, new in changes:
            (name,) = [name for name, text in texts.items() if old in text]
            texts[name] = texts[name].replace(old, new)
        for name, text in texts.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return list(lint([tmp_path], {}).findings)

    return run
