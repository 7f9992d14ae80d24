"""`greenflash-kafka presets show`: what a preset takes, which ids it finds, and what it leaves out."""

from __future__ import annotations

import textwrap

import click

from greenflash_kafka.cli.preset_facts import facts_of
from greenflash_kafka.cli.preset_folder import YOURS, preset_named


@click.command("show")
@click.argument("name", metavar="NAME")
@click.option("--mapping", is_flag=True, help="Print its mapping file instead.")
def command(name: str, mapping: bool) -> int:
    """Show the preset NAME: the lines that are yours to change, ids, event types that it takes and leaves out.

    \b
    Examples:
      greenflash-kafka presets show stripe
      greenflash-kafka presets show stripe --mapping
    """
    preset = preset_named(name)
    text = preset.mapping.read_text(encoding="utf-8")
    if mapping:
        click.echo(text, nl=False)
        return 0
    facts = facts_of(preset)
    lines = [f"{name} {preset.stamp.version}: {facts.title}", f"  {preset.stamp.made}", "", *_wrapped(facts.takes)]
    lines += ["", "Yours to change:"]
    lines += [
        f"  {preset.mapping.name}:{number}: {line.strip()}"
        for number, line in enumerate(text.splitlines(), 1)
        if YOURS.search(line)
    ]
    lines += ["", "Ids that the messages carry:"]
    for kind, said in facts.ids.items():
        lines += _wrapped(f"{kind}: {said}")
    lines += ["", "Event types that give something:", *_wrapped(", ".join(facts.mapped))]
    if facts.left_out:
        lines += ["", "Event types that are left out:"]
    for each in facts.left_out:
        lines += _wrapped(f"{', '.join(each.types)}: {each.because}")
    lines += ["", f"Copy it: greenflash-kafka init DIR --preset {name}"]
    click.echo("\n".join(lines))
    return 0


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text, 110, initial_indent="  ", subsequent_indent="    ", break_long_words=False, break_on_hyphens=False
    )
