"""`greenflash-kafka presets list`: which presets there are, and what each takes."""

from __future__ import annotations

import click

from greenflash_kafka.cli.preset_facts import facts_of
from greenflash_kafka.cli.preset_folder import shipped_presets


@click.command("list")
def command() -> int:
    """List the presets: name, version, whether it describes conversations, and what it takes."""
    presets = shipped_presets()
    width = max(map(len, presets))
    for name, preset in presets.items():
        kind = "conversations" if preset.describes_conversations else ""
        click.echo(f"{name:<{width}}  {preset.stamp.version:>2}  {kind:<13}  {facts_of(preset).takes}")
    return 0
