"""Messages as samples beside mapping files: one JSON file a message, in a folder named as the topic."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from greenflash_kafka.cases.sample_files import FOLDER
from greenflash_kafka.cli.shown_message import ShownMessage, payload_json
from greenflash_kafka.model.counted import counted


class SavedSamples(msgspec.Struct, frozen=True):
    """The folder, the files that were written, and the numbers of messages that were left out: those without a payload,
    and those that have a file already."""

    folder: Path
    files: tuple[Path, ...]
    without: int
    there: int

    @property
    def lines(self) -> list[str]:
        """What was done, for people."""
        lines = [f"{self.folder}: {counted(len(self.files), 'sample')} written"]
        if self.there:
            lines.append(f"{self.there} were there already, and were left as they are")
        if self.without:
            without = counted(self.without, "message has", "messages have")
            lines.append(f"{without} no payload (tombstones, unreadable or skipped ones): no sample")
        return lines


def save(folder: Path, messages: Sequence[ShownMessage]) -> SavedSamples:
    """Write the payloads as these messages show them: into `samples/TOPIC` of the folder, or into TOPIC if it is named
    `samples` itself. Raises click's usage error for a folder that can't be written."""
    root = folder if folder.name == FOLDER else folder / FOLDER
    written: list[Path] = []
    without = there = 0
    target = root
    for each in messages:
        message = each.message
        if message.value is None or each.read.problem is not None or each.read.skipped is not None:
            without += 1
            continue
        target = root / _safe(message.topic)
        path = target / f"{message.partition}-{message.offset}.json"
        content = msgspec.json.format(payload_json(each.payload), indent=2) + b"\n"
        try:
            target.mkdir(parents=True, exist_ok=True)
            # A sample may hold what wasn't masked: for its owner alone, until somebody decides otherwise.
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
        except FileExistsError:
            there += 1
            continue
        except OSError as error:
            raise click.UsageError(f"--save {path}: {error.strerror or error}") from None
        written.append(path)
    return SavedSamples(target, tuple(written), without, there)


def _safe(topic: str) -> str:
    """The topic as the name of a folder. Kafka's names are safe; those in a recording are what somebody wrote."""
    if not topic or topic in (".", "..") or "/" in topic or "\0" in topic:
        raise click.UsageError(f"--save: the topic {topic!r} can't name a folder")
    return topic
