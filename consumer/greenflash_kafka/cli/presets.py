"""`greenflash-kafka presets`: rules for messages of well-known systems, to be copied by `init --preset`."""

from __future__ import annotations

from typing import Final

import click

from greenflash_kafka.cli.lazy_verbs import LazyVerbs

VERBS: Final = {
    "list": "Which presets there are; the same as `presets` alone.",
    "show": "What a preset takes, which ids it finds, and what it leaves out.",
    "diff": "How a copied preset differs from the shipped version.",
}
"""Each is one module beside this one, named presets_<verb>."""


@click.group(
    "presets", cls=LazyVerbs, verbs=VERBS, modules="greenflash_kafka.cli.presets_", invoke_without_command=True
)
@click.pass_context
def command(context: click.Context) -> int:
    """List the presets: rules, cases and samples for messages of well-known systems.

    A preset is copied, never included: an update of greenflash-kafka changes no rule of yours.

    \b
    Examples:
      greenflash-kafka presets
      greenflash-kafka init metrics --preset stripe,intercom
      greenflash-kafka presets show stripe
      greenflash-kafka presets diff mappings/stripe.yaml
    """
    if context.invoked_subcommand is None:
        listing = command.get_command(context, "list")
        assert listing is not None
        return int(context.invoke(listing))
    return 0
