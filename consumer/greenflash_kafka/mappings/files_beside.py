"""Files that a mapping file names: beside it, or in a folder below."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path, PurePosixPath

from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.file_tree import FileTree
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import Scalar, place


def read_beside(
    named: Scalar, folder: Path, tree: FileTree, report: FileReport, *, code: str, what: str, endings: Collection[str]
) -> bytes | None:
    """The content of the file that is named; None after saying what is wrong with it, under `code`. `what` it is, for
    people; files of these `endings` are proposed."""
    relative = PurePosixPath(named.text)
    if relative.is_absolute():
        report.add(place(named), code, f"{what}'s file is named relative to the mapping file, not absolutely")
        return None
    file = folder / relative
    if not _inside(folder, file, tree):
        said = f"{named.text} lies outside the mapping file's folder (a link counts as where it leads to)"
        report.add(place(named), code, said, "copy the file into that folder, or a folder in it")
        return None
    try:
        return tree.read(file)
    except OSError as error:
        report.add(place(named), code, *_unread(file, named.text, error, endings, tree))
    return None


def _unread(file: Path, written: str, error: OSError, endings: Collection[str], tree: FileTree) -> tuple[str, str]:
    """Message and hint of a file that can't be read; of one that isn't there, where it was looked for."""
    if not isinstance(error, FileNotFoundError):
        return f"{written} can't be read: {error.strerror or error}", ""
    folder = file.parent
    try:
        near = [name for name in tree.names(folder) if Path(name).suffix.lower() in endings]
    except OSError:
        return f"there is no {written}: the folder {folder} isn't there", ""
    hint = did_you_mean(file.name, near) or (f"there is {', '.join(sorted(near)[:5])}" if near else "")
    return f"there is no {written}: it is looked for in {folder}, beside the mapping file", hint


def _inside(folder: Path, file: Path, tree: FileTree) -> bool:
    # Whoever may edit rules may not read the machine: and what a ConfigMap mounts are links, inside its own folder.
    try:
        return tree.real(file).is_relative_to(tree.real(folder))
    except (OSError, RuntimeError):
        return False  # a link that leads in circles
