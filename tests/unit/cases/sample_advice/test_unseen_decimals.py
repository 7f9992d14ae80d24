"""Amounts of Debezium's JSON that no sample shows, or that samples show to be bytes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cases.linting import lint
from tests.debezium.recorded import recorded
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


INVOICE = recorded("precise-json")[43]
"""An update of an invoice whose total is -26588.24, and whose row before isn't known: total is the text 1234."""


def beside(folder: Path, *samples: bytes, value: str = 'money_major(payload.total, "EUR")') -> list[tuple[str, str]]:
    """The findings about an amount of invoices, beside these samples."""
    topic = folder / "samples" / INVOICE.topic
    topic.mkdir(parents=True)
    for number, sample in enumerate(samples):
        (topic / f"{number}.json").write_bytes(sample)
    rule = (
        RULE.replace("op: c", "op: u")
        .replace("VALUE", value)
        .replace("event: {", "event: {properties: {currency: EUR}, ")
    )
    source = f"[{INVOICE.topic}], envelope: debezium"
    head = HEAD.replace("[shop.orders]", source).replace("payload.user.id", "payload.status")
    (folder / "rows.yaml").write_text(head + rule)
    return [(each.code, each.message) for each in lint([folder / "rows.yaml"], {}).findings]


def change(*totals: str | None, op: str = "u") -> bytes:
    before, after = ({"id": 1, "status": "open", "total": total} for total in totals)
    return json.dumps({"op": op, "source": {}, "before": before, "after": after}).encode()


def test_a_text_of_bytes_that_looks_like_a_number_is_doubted(tmp_path: Path) -> None:
    ((code, said),) = beside(tmp_path, INVOICE.value or b"")
    assert code == "unseen-decimal"
    assert '"1234" in the samples may be either' in said


@pytest.mark.parametrize(
    "samples",
    [
        [INVOICE.value or b"", change("1234", "+w==", op="c")],
        [change("AA==", "1234")],
    ],
)
def test_samples_that_the_rule_does_not_take_and_rows_before_show_bytes(samples: list[bytes], tmp_path: Path) -> None:
    assert [code for code, _ in beside(tmp_path, *samples)] == ["base64-decimal"]


@pytest.mark.parametrize(
    ("samples", "codes"),
    [
        ([change("1234", "1234"), change("12.34", "12.34", op="c")], []),
        ([change("149.00", "1234")], []),
        ([change(None, None)], ["unseen-decimal"]),
    ],
)
def test_what_samples_show_to_be_a_number_is_passed_over_and_null_is_not(
    samples: list[bytes], codes: list[str], tmp_path: Path
) -> None:
    assert [code for code, _ in beside(tmp_path, *samples)] == codes


def test_a_message_with_its_schema_is_no_doubt(tmp_path: Path) -> None:
    sample = recorded("precise-json-with-schema")[43]
    assert sample.topic == INVOICE.topic
    assert beside(tmp_path, sample.value or b"") == []
