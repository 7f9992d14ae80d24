"""What people write into cases by mistake is answered with the form to copy, as lint says it."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.documents.findings import Finding
from tests.unit.rules.one_mistake import FILE

PAYLOAD = "{type: order.paid, id: o-1, amount: 10, customer: {id: u1, country: DE}}"


def findings(folder: Path, lines: str) -> tuple[Finding, ...]:
    (folder / "m.yaml").write_text(FILE, encoding="utf-8")
    (folder / "order.json").write_text('{"type": "order.paid"}', encoding="utf-8")
    case = f"version: 1\nmessage:\n  payload: {PAYLOAD}\ncases:\n  - name: paid\n    {lines}\n"
    (folder / "m_test.yaml").write_text(case, encoding="utf-8")
    return lint([folder], {}).findings


@pytest.mark.parametrize(
    ("wrong", "form"),
    [
        ("expect: filtered", "expect: nothing"),
        ("expect: none", "expect: nothing"),
        ("expect: null", "expect: nothing"),
        ("expect: false", "expect: nothing"),
        ("expect: no event", "expect: nothing"),
        ("expect: {nothing: true}", "expect: nothing"),
        ("expect: {}", "expect: nothing"),
        ("expect: mapped", "expect: [{event_type: ...}]"),
        ("expect: purchase", "expect: [{event_type: purchase}]"),
        ("expect: {event_type: purchase}", "expect: [{event_type: purchase}]"),
        ("expect: invalid", "expect: {invalid: missing}"),
        ("expect: missing", "expect: {invalid: missing}"),
        ("expect: [{properties: {country: null}}]", "unset: [properties.country]"),
        ("expect: [{properties.country: null}]", "unset: [properties.country]"),
        ("expect: [{unset: [country]}]", "properties.country"),
        ("expect: [{country: DE}]", "properties.country: ..."),
    ],
)
def test_an_expectation_in_other_words_gets_the_form_to_copy(tmp_path: Path, wrong: str, form: str) -> None:
    (told,) = findings(tmp_path, wrong)
    assert (told.line, told.severity) == (6, "error")
    assert form in told.hint
    if form.startswith("expect:") and "..." not in form:
        assert findings(tmp_path, form) == ()


@pytest.mark.parametrize(
    ("wrong", "code", "form"),
    [
        ("unset: customer.country", "wrong-type", "[customer.country]"),
        ("unset: [customer.cuontry]", "unknown-path", "customer.country"),
        ("unset: [country]", "unknown-path", "customer.country"),
        ("unset: [nowhere]", "unknown-path", ""),
        ("set: {typ: x}", "unknown-path", "type"),
        ("set: {customer.contry: x}", "unknown-path", "customer.country"),
        ("message: {payload: {file: order.json}}", "file-as-payload", "message: {file: order.json}"),
        ("message: {payload: order.json}", "file-as-payload", "message: {file: order.json}"),
    ],
)
def test_a_message_that_cannot_be_meant_is_named(tmp_path: Path, wrong: str, code: str, form: str) -> None:
    (told,) = findings(tmp_path, f"expect: nothing\n    {wrong}")
    assert (told.line, told.code) == (7, code)
    assert form in told.hint


@pytest.mark.parametrize("meant", ["set: {note: x}", "set: {customer.plan: x}", "unset: [customer.country]"])
def test_a_new_field_and_one_that_is_there_are_no_slips(tmp_path: Path, meant: str) -> None:
    assert findings(tmp_path, f"expect: nothing\n    {meant}") == ()
