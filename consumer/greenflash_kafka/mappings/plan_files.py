"""Files of the tracking plan: `events.yaml` in the folders that are loaded, or beside or above them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from greenflash_kafka.documents.file_tree import DISK, FileTree

NAMES: Final = ("events.yaml", "events.yml")

_OF_MAPPINGS: Final = re.compile(rb"""^["']?(source|rules|conversations)["']?[ \t]*:""", re.MULTILINE)
_EVENTS: Final = re.compile(rb"""^["']?events["']?[ \t]*:""", re.MULTILINE)


def is_plan(path: Path, tree: FileTree = DISK) -> bool:
    """Whether a file among the mapping files is a tracking plan: by its name, unless it has keys of a mapping file."""
    return path.name in NAMES and tree.is_file(path) and not _OF_MAPPINGS.search(_content(path, tree))


def plan_files(paths: Sequence[Path], tree: FileTree = DISK) -> Iterator[Path]:
    """The tracking plans in these files and folders, beside these files, and in the folder above; each once."""
    seen: set[Path] = set()
    for path in paths:
        near = (each for each in _near(path, tree) if _has_events(each, tree))
        for found in (*_within(path, tree), *near):
            real = tree.real(found)
            if real not in seen:
                seen.add(real)
                yield found


def _within(path: Path, tree: FileTree) -> Iterator[Path]:
    if not tree.is_folder(path):
        yield from [path] if is_plan(path, tree) else []
        return
    for found in tree.below(path, NAMES):
        if "samples" not in found.relative_to(path).parts and is_plan(found, tree):
            yield found


def _near(path: Path, tree: FileTree) -> Iterator[Path]:
    """Where a plan may lie that nobody named; relative, if the path is and goes no higher than where it begins."""
    folder = tree.is_folder(path)
    if not folder and not tree.is_file(path):
        return
    above = path.parent
    folders = [above] if folder else [above, above.parent]
    yield from (folder / name for folder in dict.fromkeys(folders) for name in NAMES)


def _has_events(path: Path, tree: FileTree) -> bool:
    """Whether a file that nobody named is a tracking plan without doubt."""
    return is_plan(path, tree) and _EVENTS.search(_content(path, tree)) is not None


def _content(path: Path, tree: FileTree) -> bytes:
    try:
        return tree.read(path)
    except OSError:
        return b""
