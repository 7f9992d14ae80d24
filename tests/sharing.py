"""The distribution of the tests of `make test` over its processes, and their order."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler.loadfile import LoadFileScheduling

COSTLY = ("breakable_broker", "freezable_broker", "secured_broker", "apicurio")
"""Fixtures that are made once a process: all files that use one of them run in the same."""

_FIRST = (*COSTLY, "tests/simulation/", "MavenCluster", "tests/chaos/", "tests/scenarios/", "tests/contract/")
"""Parts of a file's path or text: what takes long begins, so that no process is left with it at the end."""


class Files(LoadFileScheduling):  # type: ignore[misc]  # xdist says no types
    """A file's tests in one process, one after the other, as `--dist loadfile`; so those of all files that use the same
    costly fixture. In the order of collection, which `rank` has sorted."""

    def __init__(self, config: pytest.Config, log: Any) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False
        self._root = config.rootpath

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return next((each for each in COSTLY if each in _text(self._root / file)), file)


def rank(item: pytest.Item) -> int:
    """Where an item's file stands in the order; smaller begins."""
    path = item.path.relative_to(item.config.rootpath).as_posix()
    text = _text(item.path)
    return next((number for number, part in enumerate(_FIRST) if part in path or part in text), len(_FIRST))


@cache
def _text(file: Path) -> str:
    return file.read_text()
