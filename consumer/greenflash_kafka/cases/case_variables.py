"""Variables as the cases files of a folder say them."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.cases.case_files import find, open_cases
from greenflash_kafka.documents.file_tree import DISK, FileTree
from greenflash_kafka.documents.findings import FileReport


def variables_beside(folder: Path, tree: FileTree = DISK) -> dict[str, str]:
    """The variables by name; of two values the one by which samples of the folder are tested. A new cases file says the
    same, or their snapshots would change with it."""
    found: dict[str, str] = {}
    for path in find([folder], tree) if tree.is_folder(folder) else ():
        opened = open_cases(path, FileReport(str(path)), tree)
        found |= {} if opened is None else opened.env
    return found
