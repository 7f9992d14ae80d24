"""Every example on the analysts' page loads without a finding, every command works, every formula compiles."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from greenflash_kafka.cases.linting import lint
from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.functions.registry import FUNCTIONS
from greenflash_kafka.expressions.names import Names, Table
from greenflash_kafka.loading import load
from greenflash_kafka.model.event import FIELD

ENV = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}
FILE_KEYS = {"source", "defaults", "tables", "first_match"}
EVENT = {
    "event_type": "usage_logged",
    "product_id": "${GREENFLASH_PRODUCT_ID}",
    "influence": "neutral",
    "value": "1",
    "insert_id": "= payload.id",
    "external_user_id": "= payload.user",
}


def test_every_yaml_example_loads_without_a_finding(blocks: list[Any], tmp_path: Path) -> None:
    wrong: list[str] = []
    tables = {block.title: block.text for block in blocks if block.language == "csv"}
    for block in blocks:
        if block.language == "yaml" and not (block.title or "").endswith(("_test.yaml", "events.yaml")):
            found = _findings(_whole_file(block.text), tables, tmp_path)
            wrong += [f"README.md:{block.line}: {finding}" for finding in found]
    assert not wrong, "\n".join(wrong)


def test_the_example_of_a_tracking_plan_has_no_finding(blocks: list[Any], tmp_path: Path) -> None:
    (plan,) = [block for block in blocks if (block.title or "").endswith("events.yaml")]
    (tmp_path / "events.yaml").write_text(plan.text)
    assert lint([tmp_path / "events.yaml"], ENV).findings == ()


def test_every_rule_line_in_running_text_and_tables_loads(page: str, tmp_path: Path) -> None:
    lines = re.findall(r"`((?:insert_id: =|where:|each:|valid:) [^`]+|when`: `[^`]+)`", page)
    assert len(lines) > 12
    wrong: list[str] = []
    for line in lines:
        text = "when: {" + line.removeprefix("when`: `") + "}" if line.startswith("when`") else line
        wrong += [f"{line}: {finding}" for finding in _findings(_whole_file(text), {}, tmp_path)]
    assert not wrong, "\n".join(wrong)


def test_every_formula_in_the_tables_compiles(page: str) -> None:
    formulas = [formula.replace("\\|", "|") for formula in re.findall(r"(?<=[| ,;])`= ([^`]+)`", page)]
    assert len(formulas) > 35
    names = Names(tables={"plans": Table("plans", ("id", "name"), {})})
    for formula in formulas:
        assert compile_expression(formula, names)


def test_every_function_is_named(page: str) -> None:
    for name in FUNCTIONS:
        assert re.search(rf"\b{name}\b", page), f"{name} is missing on the page"


def _findings(text: str, tables: Mapping[str, str], folder: Path) -> list[str]:
    for name, content in tables.items():
        (folder / name).write_text(content, encoding="utf-8")
    file = folder / "example.yaml"
    file.write_text(text, encoding="utf-8")
    return [f"{f.line}:{f.column}: {f.code}: {f.message} {f.hint}" for f in load([file], ENV).findings]


def _whole_file(text: str) -> str:
    """The example in the smallest file that it can stand in."""
    keys = set(re.findall(r"^(\w+):", text, re.MULTILINE))
    if "version" in keys:
        return text
    sides = ", before: payload.old, after: payload.new" if "new." in text else ""
    source = "" if "source" in keys else f"source: {{topics: [shop.orders]{sides}}}\n"
    condition = "    when: {type: order.paid}\n"
    if keys & FILE_KEYS:
        return f"version: 1\n{source}{text}rules:\n  - name: example\n{condition}{_event({})}"
    if keys & set(FIELD):
        each = "    each: payload.records\n" if re.search(r"\bindex\b", text) else ""
        condition = _condition({"each"} if each else keys)
        return f"version: 1\n{source}rules:\n  - name: example\n{each}{condition}{_event(dict.fromkeys(keys), text)}"
    condition = "" if "when" in keys else _condition(keys)
    event = "" if "event" in keys else _event({"insert_id": None} if "each" in keys else {}, _item_id(keys))
    return f"version: 1\n{source}rules:\n  - name: example\n{condition}{textwrap.indent(text, '    ')}\n{event}"


def _condition(keys: set[str]) -> str:
    return "    when: {payload.type: order.paid}\n" if "each" in keys else "    when: {type: order.paid}\n"


def _item_id(keys: set[str]) -> str:
    return "insert_id: = concat(payload.id, index)\n" if "each" in keys else ""


def _event(without: Mapping[str, object], more: str = "") -> str:
    fields = "".join(f"      {name}: {value}\n" for name, value in EVENT.items() if name not in without)
    return "    event:\n" + fields + textwrap.indent(more, "      ")
