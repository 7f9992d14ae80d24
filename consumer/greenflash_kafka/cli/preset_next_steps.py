"""The last words of `init --preset`: the lines to change, and the commands that follow."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from greenflash_kafka.cli.preset_copy import chosen_presets, event_types
from greenflash_kafka.cli.preset_folder import PLAN, YOURS


def next_steps(presets: str, directory: Path) -> str:
    """The lines that are the company's own, event types that an older tracking plan lacks, and the next commands."""
    lines = ["", "Yours to change:"]
    for preset in chosen_presets(presets):
        lines += _yours(directory / "mappings" / preset.mapping.name)
    missing = _unplanned(presets, directory / "mappings" / PLAN)
    if missing:
        lines += [
            "",
            f"mappings/{PLAN} was there, and lacks {', '.join(missing)}: add them; lint names their properties.",
        ]
    lines += [
        "",
        f"Now, in {directory}:",
        "  greenflash-kafka lint      checks the rules",
        "  greenflash-kafka test      runs their cases",
        "  greenflash-kafka doctor    asks the real topics, once .env is filled in",
    ]
    return "\n".join(lines)


def _unplanned(presets: str, plan: Path) -> list[str]:
    """The event types that these presets' rules write and the plan, where there is one, hasn't."""
    text = plan.read_text(encoding="utf-8", errors="replace") if plan.exists() else None
    types = event_types(chosen_presets(presets))
    return [] if text is None else [name for name in types if f"\n  {name}:" not in text]


def _yours(file: Path) -> Iterator[str]:
    """Each line of a copied mapping that has the mark, with its place."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if YOURS.search(line):
            yield f"  {file}:{number}: {line.strip()}"
