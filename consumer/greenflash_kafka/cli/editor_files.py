"""Files that make an editor complete and check mapping files: the JSON schemas, and VS Code's settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from greenflash_kafka.cli.shipped_mappings import shipped_mappings

MAPPING_SCHEMA: Final = "mappings/schema.json"
CASES_SCHEMA: Final = "mappings/cases.schema.json"
PLAN_SCHEMA: Final = "mappings/events.schema.json"
SETTINGS: Final = ".vscode/settings.json"

_CASES_FILES: Final = "mappings/**/*_test.yaml"
_PLAN: Final = "mappings/**/events.yaml"
_SNAPSHOTS: Final = "mappings/**/*.events.yaml"
_YAML_SCHEMAS: Final = {
    "yaml.schemas": {
        MAPPING_SCHEMA: ["mappings/**/*.yaml", f"!{_CASES_FILES}", f"!{_PLAN}", f"!{_SNAPSHOTS}"],
        CASES_SCHEMA: [_CASES_FILES],
        PLAN_SCHEMA: [_PLAN],
    }
}
"""What the YAML extension of VS Code (redhat.vscode-yaml) reads; a file's own first line wins over it."""


def write_schemas(directory: Path, *, overwrite: bool) -> dict[Path, bool]:
    """Write the schemas; each path, and whether it was written. Without `overwrite` a file that exists stays.
    Raises OSError."""
    shipped = shipped_mappings().parent
    return {
        directory / name: _write(directory / name, (shipped / name).read_text(encoding="utf-8"), overwrite)
        for name in (MAPPING_SCHEMA, CASES_SCHEMA, PLAN_SCHEMA)
    }


def write_settings(directory: Path) -> dict[Path, bool]:
    """Write VS Code's settings unless the file exists; its path, and whether it was written. Raises OSError."""
    target = directory / SETTINGS
    return {target: _write(target, json.dumps(_YAML_SCHEMAS, indent=2) + "\n", overwrite=False)}


def _write(target: Path, text: str, overwrite: bool) -> bool:
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with target.open("w" if overwrite else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True
