"""What a tree of files answers, to compare trees."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

from greenflash_kafka.documents.file_tree import FileTree

FOLDERS = ("", "a/", "a/b/", ".hidden/", "c/")
PATHS = [folder + name for folder in FOLDERS for name in ("x.yaml", ".z.yaml", "t.csv", "x_test.yaml")]
LINKS = {"l.yaml": "a/x.yaml", "a/up.yaml": "../c/./x.yaml", "c/folder": "../a/b", "a/gone.yaml": "nothing"}
CONTENT = st.binary(max_size=3)
FILES = st.dictionaries(st.sampled_from(PATHS), CONTENT, max_size=8)


def write(root: Path, files: Mapping[str, bytes], links: Mapping[str, str]) -> None:
    """Have these files and links on disk."""
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    for path, target in links.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).symlink_to(target)


def answers(tree: FileTree, root: Path) -> dict[str, object]:
    """All that a tree says of the paths above, below a root."""
    found: dict[str, object] = {}
    for name in dict.fromkeys([*PATHS, *LINKS, *FOLDERS, "nothing", "c/folder/x.yaml"]):
        path = root / name
        found[f"file {name}"] = tree.is_file(path)
        found[f"folder {name}"] = tree.is_folder(path)
        found[f"real {name}"] = tree.real(path)
        found[f"content {name}"] = _read(tree, path)
    for name in ("", "a", "c", "c/folder", "nothing"):
        found[f"below {name}"] = tree.below(root / name, (".yaml", ".yml"))
        found[f"names {name}"] = names(tree, root / name)
    return found


def names(tree: FileTree, folder: Path) -> object:
    """What is in a folder, or that it can't be said."""
    try:
        return tree.names(folder)
    except OSError:
        return OSError


def _read(tree: FileTree, path: Path) -> object:
    try:
        return tree.read(path)
    except OSError:
        return OSError
