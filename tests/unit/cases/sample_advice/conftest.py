"""Rules beside samples in a folder of their own, and what lint says of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.documents.findings import Finding

HEAD = """\
version: 1
source: {topics: [shop.orders]}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  influence: positive
  external_user_id: = payload.user.id
  insert_id: = payload.id
  event_type: order_paid
  value: "1"
rules:
"""

ORDER = {
    "id": "o-1",
    "type": "order.paid",
    "user": {"id": "u-1", "email": "ada@acme.test", "firstName": "Ada"},
    "amount_cents": 14900,
    "total": "149.00",
    "currency": "EUR",
    "zip": "75001",
    "seats": 5,
    "trial": True,
    "tags": ["vip"],
    "ts_ms": 1795000000000,
    "created": 1795000000,
    "lines": [{"sku": "a", "price": 149}],
    "meta": '{"plan": "pro"}',
    "exact": "dMw=",
}

Advice = Callable[..., list[Finding]]


@pytest.fixture
def advice(tmp_path: Path) -> Advice:
    """What lint says of rules (lines of YAML, below `rules:`) beside these samples, `ORDER` if none is given."""

    def run(rules: str, *samples: object, folder: str = "samples", more: tuple[Path, ...] = ()) -> list[Finding]:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / "orders.yaml").write_text(HEAD + rules)
        for number, sample in enumerate(samples or (ORDER,)):
            (tmp_path / folder / f"orders_{number}.json").write_text(json.dumps(sample))
        found = lint([tmp_path / "orders.yaml"], {}, samples=more).findings
        assert not any(each.severity == "error" for each in found), found
        return list(found)

    return run
