"""The pages and help texts that analysts read have the common words, not those that a reader had to guess."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from greenflash_kafka.cli.main import group

ROOT = Path(__file__).parents[3]
PAGES = [
    *(ROOT / name for name in ("README.md", "mappings/README.md")),
    *(
        ROOT / "docs" / f"{name}.md"
        for name in [
            "mapping-files",
            "cases-files",
            "findings",
            "functions",
            "linking",
            "presets",
            "recipes",
            "tracking-plan",
            "operations",
            "linking-operations",
        ]
    ),
    *sorted((ROOT / "consumer/greenflash_kafka/cli/starter").glob("*.*")),
]
GUESSED = re.compile(
    r"""\b(
      told|these\ very\ letters|capital\ letters|small\ letters|written\ small|indent\ with\ blanks|mended|to\ mend
    | asks\ for\ the\ message|worked\ out|delete\ marker|dearer|mail\ address|turn\ back|for\ ever|each\ another
    | doesn't\ hold|what\ must\ be\ there|makes\ one\ of\ a|can't\ stand\ here|doesn't\ work\ yet|nothing\ yet|verbs?
    )\b""",
    re.IGNORECASE | re.VERBOSE,
)


def _guessed(text: str) -> list[str]:
    return [match[0] for match in GUESSED.finditer(" ".join(text.split()))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_common_words(page: Path) -> None:
    assert _guessed(page.read_text(encoding="utf-8")) == []


def test_every_help_text_has_common_words() -> None:
    context = click.Context(group, info_name="greenflash-kafka")
    texts = list(_helps(group, context))
    assert len(texts) > len(group.list_commands(context))
    assert [word for text in texts for word in _guessed(text)] == []


def _helps(command: click.Command, context: click.Context) -> list[str]:
    found = [command.get_help(context)]
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            found += _helps(below, click.Context(below, parent=context, info_name=name))
    return found
