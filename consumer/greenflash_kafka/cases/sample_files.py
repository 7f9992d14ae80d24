"""Samples: payloads in `samples/*.json` beside mapping files, each with the topic that it is from.

Lint looks at them, `test` compares what becomes of them with their snapshots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from greenflash_kafka.documents.file_tree import DISK, FileTree

FOLDER: Final = "samples"
"""The name of the folder, beside the mapping files."""

HINT: Final = "name it x_... after its mapping file x.yaml, or move it to samples/x/, or to a folder named as the topic"
"""What to do about a sample whose topic isn't known."""


class SampleFile(msgspec.Struct, frozen=True):
    """A payload in a file, and the topic that it is from; "" if that can't be said."""

    path: Path
    topic: str


def sample_files(root: Path, topics: Mapping[str, Sequence[str]], tree: FileTree = DISK) -> tuple[SampleFile, ...]:
    """The samples in a folder, by path: in `samples` beside mapping files, say.

    `topics` are the exact names of topics that each mapping file reads, by the file's name without its ending.

    A sample in `samples/TOPIC/` is from that topic, one in `samples/x/` from the topic of x.yaml. One in `samples/`
    itself is from the only topic that the mapping files read, else from the topic of x.yaml if its name is x.json or
    begins with `x_` or `x-`.
    """
    found = tree.below(root, (".json",))
    return tuple(SampleFile(path, _topic(path.relative_to(root), topics)) for path in found)


def _topic(path: Path, topics: Mapping[str, Sequence[str]]) -> str:
    known = {topic for each in topics.values() for topic in each}
    if len(path.parts) > 1:
        first = path.parts[0]
        return first if first in known else _only(topics.get(first, ())) or first
    if len(known) == 1:
        return known.pop()
    named = [stem for stem in topics if path.stem == stem or path.stem.startswith((f"{stem}_", f"{stem}-"))]
    return _only(topics[max(named, key=len)]) if named else ""


def _only(topics: Sequence[str]) -> str:
    return topics[0] if len(topics) == 1 else ""
