"""The last words of `init --preset`: the lines to change, and the commands that follow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from greenflash_kafka.cli.preset_copy import chosen_presets, event_types, plans
from greenflash_kafka.cli.preset_folder import PLAN, YOURS


def next_steps(presets: str, directory: Path) -> str:
    """The lines that are the company's own, what became of the tracking plan, and the next commands."""
    lines = ["", "Yours to change:"]
    for preset in chosen_presets(presets):
        lines += _yours(directory / "mappings" / preset.mapping.name)
    lines += _planned(presets, directory / "mappings")
    lines += [
        "",
        f"Now, in {directory}:",
        "  greenflash-kafka lint      checks the rules",
        "  greenflash-kafka test      runs their cases",
        "  greenflash-kafka doctor    asks the real topics, once .env is filled in",
    ]
    return "\n".join(lines)


def _planned(presets: str, mappings: Path) -> Iterator[str]:
    """What became of the event types of these presets: where they are planned, or that there is no plan."""
    chosen = chosen_presets(presets)
    if event_types(chosen) and not plans(mappings):
        yield ""
        yield "No tracking plan was written: there are rules already, of whose event types the presets' knows nothing."
        return
    own = {preset.stamp.name: mappings / preset.stamp.name / PLAN for preset in chosen}
    added = [path for path in own.values() if path.exists()]
    for path in added:
        types = ", ".join(re.findall(r"^  (\w+):$", path.read_text(encoding="utf-8"), re.MULTILINE))
        yield ""
        yield f"The tracking plan that was there lacks {types}: {path} has them beside it."


def _yours(file: Path) -> Iterator[str]:
    """Each line of a copied mapping that has the mark, with its place."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if YOURS.search(line):
            yield f"  {file}:{number}: {line.strip()}"
