"""Presets beside rules that are there already: tried in a copy of the folder, so that nothing breaks."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from greenflash_kafka.cases.linting import lint


def new_errors(directory: Path, texts: Mapping[str, str], environ: Mapping[str, str]) -> list[str]:
    """What `lint` would call errors of `directory`'s mappings with these files beside them, and doesn't without:
    `file:line: message (hint)`."""
    with TemporaryDirectory(prefix="greenflash-kafka-init-") as folder:
        copy = Path(folder) / directory.resolve().name
        shutil.copytree(directory / "mappings", copy / "mappings")
        for plan in directory.glob("events.y*ml"):
            shutil.copy(plan, copy)
        before = _errors(copy, environ)
        for name, text in texts.items():
            if name.startswith("mappings/"):
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                (copy / name).write_text(text, encoding="utf-8")
        return [each for each in _errors(copy, environ) if each not in before]


def _errors(folder: Path, environ: Mapping[str, str]) -> list[str]:
    found = lint([folder / "mappings"], environ).findings
    return [
        f"{Path(each.file).relative_to(folder)}:{each.line}: {each.message}" + (f" ({each.hint})" if each.hint else "")
        for each in found
        if each.severity == "error"
    ]
