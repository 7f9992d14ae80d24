"""Amounts of Debezium's JSON without a sample."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cases.linting import lint
from tests.unit.cases.sample_advice.conftest import HEAD

RULE = "  - {name: r, when: {envelope.op: c}, event: {value: '= VALUE', value_type: numeric}}\n"


@pytest.mark.parametrize(
    ("source", "value", "codes"),
    [
        ("envelope: debezium", "number(payload.total)", ["unseen-decimal"]),
        ("envelope: debezium, format: json", "number(payload.total) * 2", ["unseen-decimal"]),
        ("envelope: debezium, format: json", "decode_decimal(payload.total, 2)", []),
        ("envelope: debezium, format: json", 'money_minor(payload.cents, "EUR")', ["money-without-currency"]),
        ("envelope: debezium, format: avro", "number(payload.total)", []),
    ],
)
def test_an_amount_that_no_sample_shows(source: str, value: str, codes: list[str], tmp_path: Path) -> None:
    file = tmp_path / "orders.yaml"
    file.write_text(HEAD.replace("[shop.orders]", f"[shop.orders], {source}") + RULE.replace("VALUE", value))
    assert [each.code for each in lint([file], {}).findings] == codes


def test_a_topic_without_an_envelope_has_no_such_advice(tmp_path: Path) -> None:
    file = tmp_path / "orders.yaml"
    file.write_text(HEAD + RULE.replace("VALUE", "number(payload.total)").replace("envelope.op: c", "op: c"))
    assert lint([file], {}).findings == ()
