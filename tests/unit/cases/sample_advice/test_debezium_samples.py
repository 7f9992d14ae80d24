"""Rules on Debezium's rows beside real records of its engine as samples."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.documents.findings import Finding
from tests.debezium.recorded import recorded
from tests.unit.cases.sample_advice.conftest import HEAD

RULE = """\
  - name: created
    when: {envelope.op: [c, u]}
    event:
      external_user_id: = payload.customer
      value: '= VALUE'
      properties: {currency: EUR}
"""
AMOUNT = 'money_major(payload.amount, "EUR")'


def advice(folder: Path, name: str, value: str) -> list[Finding]:
    topic = next(each.topic for each in recorded(name) if each.topic.endswith(".subscriptions"))
    samples = folder / "samples" / topic
    samples.mkdir(parents=True)
    for number, record in enumerate(each for each in recorded(name) if each.topic == topic and each.value):
        (samples / f"{number}.json").write_bytes(record.value or b"")
    file = folder / "rows.yaml"
    file.write_text(HEAD.replace("[shop.orders]", f"[{topic}], envelope: debezium") + RULE.replace("VALUE", value))
    found = lint([file], {}).findings
    assert not [each for each in found if each.severity == "error"], found
    return list(found)


@pytest.mark.parametrize(
    ("name", "value", "codes"),
    [
        ("precise-json", AMOUNT, ["base64-decimal"]),
        ("precise-json", 'money_major(decode_decimal(payload.amount, 2), "EUR")', []),
        ("precise-json", 'money_major(payload.rate, "EUR", round="half_up")', ["base64-decimal"]),
        ("precise-json", 'money_major(decode_decimal(payload.rate), "EUR", round="half_up")', []),
        ("string-json", AMOUNT, []),
        ("double-json", AMOUNT, []),
        ("precise-json-with-schema", AMOUNT, []),
        ("precise-json-with-schema", 'money_major(decode_decimal(payload.amount, 2), "EUR")', []),
        ("string-json", 'money_major(payload.ammount, "EUR")', ["misspelled-path"]),
        ("string-json", "number(payload.features.limit)", ["json-in-text"]),
    ],
)
def test_an_amount_of_a_row(name: str, value: str, codes: list[str], tmp_path: Path) -> None:
    found = [each for each in advice(tmp_path, name, value) if each.code != "fails-on-samples"]
    assert [each.code for each in found] == codes
    assert not any("after." in each.message + each.hint for each in found), "paths are as the rule writes them"
