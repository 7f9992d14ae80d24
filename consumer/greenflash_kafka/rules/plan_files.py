"""Files of the tracking plan: `events.yaml` in the folders that are loaded, or beside or above them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

NAMES: Final = ("events.yaml", "events.yml")

_OF_MAPPINGS: Final = re.compile(rb"""^["']?(source|rules|conversations)["']?[ \t]*:""", re.MULTILINE)
_EVENTS: Final = re.compile(rb"""^["']?events["']?[ \t]*:""", re.MULTILINE)


def is_plan(path: Path) -> bool:
    """Whether a file among the mapping files is a tracking plan: by its name, unless it has keys of a mapping file."""
    return path.name in NAMES and path.is_file() and not _OF_MAPPINGS.search(_content(path))


def plan_files(paths: Sequence[Path]) -> Iterator[Path]:
    """The tracking plans in these files and folders, beside these files, and in the folder above; each once."""
    seen: set[Path] = set()
    for path in paths:
        near = (each for each in _near(path) if _has_events(each))
        for found in (*_within(path), *near):
            if found.resolve() not in seen:
                seen.add(found.resolve())
                yield found


def _within(path: Path) -> Iterator[Path]:
    if not path.is_dir():
        yield from [path] if is_plan(path) else []
        return
    for found in sorted(each for name in NAMES for each in path.rglob(name)):
        parts = found.relative_to(path).parts
        if not any(part.startswith(".") or part == "samples" for part in parts) and is_plan(found):
            yield found


def _near(path: Path) -> Iterator[Path]:
    """Where a plan may lie that nobody named; relative, if the path is and goes no higher than where it begins."""
    if not path.exists():
        return
    above = path.parent
    folders = [above] if path.is_dir() else [above, above.parent]
    yield from (folder / name for folder in dict.fromkeys(folders) for name in NAMES)


def _has_events(path: Path) -> bool:
    """Whether a file that nobody named is a tracking plan without doubt."""
    return is_plan(path) and _EVENTS.search(_content(path)) is not None


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
