"""docs/sandbox.md: its scripts load, and it leaves nothing out."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from greenflash_kafka.sandbox.fault_files import parse
from greenflash_kafka.sandbox.faults import KINDS, Fault
from greenflash_kafka.sandbox.store import Store

PAGE = (Path(__file__).parents[3] / "docs" / "sandbox.md").read_text(encoding="utf-8")
SCRIPTS = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_on_the_page_loads(script: str) -> None:
    assert len(parse(script.encode(), "page").faults) == len(re.findall(r"^ *- \{", script, re.MULTILINE))


@pytest.mark.parametrize("word", sorted({*KINDS, *Fault.model_fields, *Store().stats()} - {"kind"}))
def test_every_word_is_on_the_page(word: str) -> None:
    assert re.search(rf"`{word}\b", PAGE)


@pytest.mark.parametrize("kind", KINDS)
def test_every_setting_of_a_kind_is_in_its_row(kind: str) -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{kind}` |"))
    own = set(KINDS[kind].model_fields) - set(Fault.model_fields)
    assert not [name for name in own if f"`{name}`" not in row]
