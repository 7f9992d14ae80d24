"""Values gathered from a file, an environment and flags."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.config.layers import Layers


def layers(folder: Path, file: str = "", environ: dict[str, str] | None = None, **flags: object) -> Layers:
    """The layers of a file with this text, these variables and these flags (`kafka__group`)."""
    made = Layers(environ or {})
    if file:
        (folder / "c.yaml").write_text(file)
        assert made.add_file(folder / "c.yaml")
    made.add_environment()
    made.add_flags({name.replace("__", "."): value for name, value in flags.items()})
    return made


def told(gathered: Layers) -> list[tuple[str, str]]:
    """Place and code of each finding."""
    return [(each.where.rpartition("/")[2], each.code) for each in gathered.findings]
