"""Findings of lint about mapping files that came from a preset of which a newer version is shipped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from greenflash_kafka.cli.preset_folder import shipped_presets, stamp_of
from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.mappings.mapping_files import mapping_files


def newer_presets(paths: Sequence[Path]) -> Iterator[Finding]:
    """A finding for each mapping file of these paths whose preset has a newer version. Files that can't be read are
    passed over: they have findings of their own."""
    for path, missing in mapping_files(paths):
        first = "" if missing else _first_line(path)
        stamp = stamp_of(first)
        shipped = shipped_presets().get(stamp.name) if stamp else None
        if stamp is not None and shipped is not None and shipped.stamp.version > stamp.version:
            report = FileReport(str(path))
            said = (
                f"this came from version {stamp.version} of the preset {stamp.name}; {shipped.stamp.version} is shipped"
            )
            report.add(
                Place(1, 1, 1, len(first.rstrip("\n")) + 1),
                "newer-preset",
                said,
                f"greenflash-kafka presets diff {path}",
            )
            yield from report.findings


def _first_line(path: Path) -> str:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline(1000)
    except OSError:
        return ""
