"""The file `preset.yaml`: what is said of a preset, and which event types of the system it takes and leaves out."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from greenflash_kafka.cli.preset_folder import Preset
from greenflash_kafka.documents.plain_document import plain_document


class LeftOut(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Event types that a preset gives nothing for, and the reason. `account.*` stands for all that begin so."""

    because: str
    types: tuple[str, ...]


class PresetFacts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of a preset: what it takes, the ids that it finds by their kind, event types."""

    title: str
    takes: str
    ids: Mapping[str, str]
    mapped: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()


def facts_of(preset: Preset) -> PresetFacts:
    """The facts of a shipped preset."""
    file = preset.folder / "preset.yaml"
    return msgspec.convert(plain_document(file.read_bytes(), str(file)).value, PresetFacts)
