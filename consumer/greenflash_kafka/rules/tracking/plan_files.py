"""Files of the tracking plan: `events.yaml` in the folders that are loaded, or beside or above them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import Map

NAMES: Final = ("events.yaml", "events.yml")

_OF_MAPPINGS: Final = ("source", "rules", "conversations")


def is_plan(path: Path) -> bool:
    """Whether a file among the mapping files is a tracking plan: by its name, unless it has keys of a mapping file."""
    root = _root(path) if path.name in NAMES else None
    if isinstance(root, Map):
        return not any(root.entry(key) is not None for key in _OF_MAPPINGS)
    return path.name in NAMES and path.is_file()


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
    root = _root(path) if path.is_file() else None
    return isinstance(root, Map) and root.entry("events") is not None and is_plan(path)


def _root(path: Path) -> object:
    try:
        return parse(path.read_bytes(), FileReport(str(path)))
    except OSError:
        return None
