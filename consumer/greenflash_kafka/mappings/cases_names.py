"""Names of cases files: `x_test.yaml` tests `x.yaml`; and the right name for a file of cases that has another one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from greenflash_kafka.documents.file_tree import FileTree

SUFFIXES: Final = (".yaml", ".yml")

_AFFIX: Final = re.compile(
    r"(?:tests?|cases|specs?)[-_. ]+(?P<after>.+)"
    r"|(?P<before>.+?)(?:[-_. ]+(?:tests?|cases|specs?)|tests?|cases)",
    re.IGNORECASE,
)
_CASES: Final = re.compile(rb"^(?:\"cases\"|'cases'|cases)[ \t]*:", re.MULTILINE)
_RULES: Final = re.compile(rb"^(?:\"rules\"|'rules'|rules|conversations|source)[ \t]*:", re.MULTILINE)


def is_cases_file(path: Path) -> bool:
    """Whether a file holds cases (`x_test.yaml`), not rules."""
    return path.suffix in SUFFIXES and path.stem.endswith("_test")


def right_name(path: Path, content: bytes, tree: FileTree) -> str:
    """The name that a file of cases with another name must have, "" for every other file: `shop_tests.yaml`,
    `test_shop.yaml` and `shop.test.yaml` are `shop_test.yaml`."""
    if is_cases_file(path) or not _CASES.search(content) or _RULES.search(content):
        return ""
    found = _AFFIX.fullmatch(path.stem)
    stem = (found["after"] or found["before"]) if found else path.stem
    names = [name for name in tree.names(path.parent) if name != path.name]
    beside = {Path(name).stem for name in names if Path(name).suffix in SUFFIXES}
    mappings = {name for name in beside if not name.endswith("_test")}
    return f"{mappings.pop() if stem not in mappings and len(mappings) == 1 else stem}_test.yaml"
