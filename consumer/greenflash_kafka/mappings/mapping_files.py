"""Mapping files among others: those that are named, and those in and below a folder."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from greenflash_kafka.documents.file_tree import DISK, FileTree
from greenflash_kafka.mappings.cases_names import SUFFIXES, is_cases_file
from greenflash_kafka.mappings.plan_files import is_plan

_OTHER_FILES: Final = frozenset(("greenflash-kafka", "docker-compose", "compose"))
"""What stands beside the rules in a deployment's folder (`init` writes it): the configuration, and Compose's file."""

_OTHER_FOLDERS: Final = frozenset(("samples", "schemas"))
"""Folders beside mapping files, of messages and of pulled schemas."""


def mapping_files(paths: Sequence[Path], tree: FileTree = DISK) -> Iterator[tuple[Path, str]]:
    """Each mapping file once, in the order of `paths`, folders sorted; with what is wrong with a path, or ""."""
    seen: set[Path] = set()
    for path in paths:
        folder = tree.is_folder(path)
        if not folder and not tree.is_file(path):
            yield path, "there is no such file or folder"
            continue
        found = [path]
        if folder:
            found = [each for each in tree.below(path, SUFFIXES) if _is_mapping(each, path, tree)]
        if is_plan(path, tree):
            continue
        if not found:
            yield path, "this folder holds no mapping file (*.yaml)"
        for file in found:
            real = tree.real(file)
            if real not in seen:
                seen.add(real)
                yield file, ""


def _is_mapping(path: Path, folder: Path, tree: FileTree) -> bool:
    samples = not _OTHER_FOLDERS.isdisjoint(path.relative_to(folder).parts[:-1])
    return not (samples or path.stem in _OTHER_FILES or is_cases_file(path) or is_plan(path, tree))
