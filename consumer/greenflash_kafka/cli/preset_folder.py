"""The shipped presets: rules for messages of well-known systems, to be copied, each with its cases and samples."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import click

from greenflash_kafka.documents.did_you_mean import did_you_mean

PLAN: Final = "events.yaml"
"""The tracking plan of all presets together; `init` takes the event types of the chosen ones."""

YOURS: Final = re.compile(r"# yours: ")
"""The mark of lines at a mapping's top that depend on the company: its topic, its path of the user's id."""

WITH_CONVERSATIONS: Final = "# with conversations"
"""The mark of lines that need a described conversation beside the rules, else lint warns of them."""

_FIRST_LINE: Final = re.compile(r"# preset: (?P<name>[a-z0-9-]+) (?P<version>[0-9]+) \((?P<made>.*)\)\n")


class Stamp(NamedTuple):
    """The first line of a mapping that came from a preset: `# preset: stripe 3 (Stripe's events of ...; ...)`."""

    name: str
    version: int
    made: str


class Preset(NamedTuple):
    """One preset of the shipped folder."""

    stamp: Stamp
    folder: Path

    @property
    def mapping(self) -> Path:
        """Its mapping file."""
        return self.folder / f"{self.stamp.name}.yaml"

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that is copied, relative to its folder: mapping, cases, tables, samples."""
        found = (path for path in self.folder.rglob("*") if path.is_file() and path.name != "preset.yaml")
        return tuple(sorted(path.relative_to(self.folder) for path in found))

    @property
    def describes_conversations(self) -> bool:
        """True if rules can link to what it describes."""
        return describes_conversations(self.mapping.read_text(encoding="utf-8"))


def stamp_of(text: str) -> Stamp | None:
    """The stamp of a mapping file's text; None if it came from no preset."""
    found = _FIRST_LINE.match(text)
    return Stamp(found["name"], int(found["version"]), found["made"]) if found else None


def describes_conversations(text: str) -> bool:
    """True if a mapping file's text has the key `conversations`."""
    return re.search(r"^conversations:", text, re.MULTILINE) is not None


@cache
def shipped_presets() -> Mapping[str, Preset]:
    """Every preset by its name, in the order of their names."""
    presets = {}
    for folder in (file.parent for file in sorted(presets_folder().glob("*/preset.yaml"))):
        stamp = stamp_of((folder / f"{folder.name}.yaml").read_text(encoding="utf-8"))
        if stamp is None or stamp.name != folder.name:
            raise ValueError(f"{folder.name}.yaml doesn't begin with its stamp, `# preset: {folder.name} ...`")
        presets[stamp.name] = Preset(stamp, folder)
    return presets


def preset_named(name: str) -> Preset:
    """The preset of this name. Raises click's usage error, with the nearest name, if there is none."""
    presets = shipped_presets()
    if name not in presets:
        hint = did_you_mean(name, presets) or f"there is {', '.join(presets)}"
        raise click.UsageError(f"there is no preset {name!r}: {hint}")
    return presets[name]


def presets_folder() -> Path:
    """The folder of presets: installed beside this file, or in an editable installation at the checkout's top."""
    here = Path(__file__).resolve().parent
    for folder in (here / "shipped_presets", here.parents[2] / "presets"):
        if (folder / PLAN).is_file():
            return folder
    raise click.UsageError("this installation lacks the presets: install it again")
