"""Copying presets into a project's folder `mappings`: rules, cases, samples, and their part of the tracking plan."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import click

from greenflash_kafka.cli.preset_folder import (
    PLAN,
    WITH_CONVERSATIONS,
    Preset,
    describes_conversations,
    preset_named,
    presets_folder,
)
from greenflash_kafka.mappings.cases_names import is_cases_file
from greenflash_kafka.mappings.plan_files import plan_files


def chosen_presets(names: str) -> tuple[Preset, ...]:
    """The presets of a list like `stripe,intercom`, each once. Raises click's usage error for an unknown one, and if
    there is none."""
    chosen = tuple(preset_named(name) for name in dict.fromkeys(filter(None, map(str.strip, names.split(",")))))
    if not chosen:
        raise click.UsageError("--preset needs a name; `greenflash-kafka presets` lists them")
    return chosen


def copied_files(presets: Sequence[Preset], mappings: Path) -> Mapping[Path, str]:
    """The files to be written, by their places below `mappings`, with their texts.

    Lines that need a described conversation are commented out if neither a preset nor a file of `mappings` describes
    one: a rule that links to nothing would be a warning of lint, and would wait for nobody. The tracking plan is left
    out if there are conversations alone, and where `mappings` has rules and no plan: it is closed, and knows nothing of
    these. Where there is a plan, each preset gets one of the event types that it lacks, in a folder of its own.
    """
    links = any(preset.describes_conversations for preset in presets) or _described(mappings)
    files: dict[Path, str] = {}
    for preset in presets:
        for name in preset.files:
            text = (preset.folder / name).read_text(encoding="utf-8")
            files[mappings / name] = text if links else without_links(text)
    if plans(mappings):
        for copied, lacking in unplanned(presets, mappings).items():
            files[mappings / copied / PLAN] = _head(closed=False) + "\n".join(
                block for planned, block in _planned() if planned in lacking
            )
    elif event_types(presets) and not has_rules(mappings):
        files[mappings / PLAN] = plan_of(presets)
    return files


def has_rules(mappings: Path) -> bool:
    """True if a mapping file that is there already has rules."""
    found = (path for path in mappings.rglob("*.yaml") if "samples" not in path.parts and not is_cases_file(path))
    texts = (path.read_text(encoding="utf-8", errors="replace") for path in found)
    return any(re.search(r"^rules:", text, re.MULTILINE) is not None for text in texts)


def plans(mappings: Path) -> list[Path]:
    """The tracking plans that lint finds for this folder."""
    return list(plan_files([mappings])) if mappings.is_dir() else []


def unplanned(presets: Sequence[Preset], mappings: Path) -> dict[str, list[str]]:
    """The event types that each preset's rules write and the plans of `mappings` haven't, each once; no preset without
    any."""
    known = "".join(path.read_text(encoding="utf-8", errors="replace") for path in plans(mappings))
    found: dict[str, list[str]] = {}
    for preset in presets:
        taken = [name for names in found.values() for name in names]
        types = [name for name in event_types([preset]) if f"\n  {name}:" not in known and name not in taken]
        if types:
            found[preset.stamp.name] = types
    return found


def without_links(text: str) -> str:
    """A mapping's text with the lines that need a described conversation commented out."""
    return "".join(
        re.sub(r"^(\s*)(?=\S)", r"\1# ", line) if line.rstrip().endswith(WITH_CONVERSATIONS) else line
        for line in text.splitlines(keepends=True)
    )


def with_links(text: str) -> str:
    """The opposite of `without_links`."""
    return "".join(
        re.sub(r"^(\s*)# (?=\S)", r"\1", line) if line.rstrip().endswith(WITH_CONVERSATIONS) else line
        for line in text.splitlines(keepends=True)
    )


def event_types(presets: Sequence[Preset]) -> tuple[str, ...]:
    """The event types that these presets' rules write, in the order of the tracking plan."""
    texts = "\n".join(preset.mapping.read_text(encoding="utf-8") for preset in presets)
    return tuple(name for name, _ in _planned() if re.search(rf"^\s+event_type: {name}\s*$", texts, re.MULTILINE))


def plan_of(presets: Sequence[Preset]) -> str:
    """The text of a tracking plan with the event types of these presets alone."""
    kept = event_types(presets)
    return _head() + "\n".join(block for name, block in _planned() if name in kept)


def _described(mappings: Path) -> bool:
    """True if a mapping file that is there already describes conversations."""
    found = (path for path in mappings.rglob("*.yaml") if "samples" not in path.parts)
    return any(describes_conversations(path.read_text(encoding="utf-8", errors="replace")) for path in found)


def _plan() -> str:
    return (presets_folder() / PLAN).read_text(encoding="utf-8")


def _head(*, closed: bool = True) -> str:
    head = _plan().partition("\nevents:\n")[0] + "\nevents:\n"
    return head if closed else re.sub(r"^closed:.*\n", "", head, flags=re.MULTILINE).replace("=events", "=../events", 1)


def _planned() -> Iterator[tuple[str, str]]:
    """Each event type of the shipped plan with its lines, the last of which ends the line."""
    for block in re.split(r"^(?=  \w+:\n)", _plan().partition("\nevents:\n")[2], flags=re.MULTILINE):
        if block.strip():
            yield block.partition(":")[0].strip(), block.rstrip("\n") + "\n"
