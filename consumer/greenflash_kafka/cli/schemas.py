"""`greenflash-kafka schemas`: the folder of schemas beside the mapping files."""

from __future__ import annotations

from typing import Final

import click

from greenflash_kafka.cli.lazy_verbs import LazyVerbs

VERBS: Final = {
    "pull": "Write the registry's schemas of the topics that rules read into a folder.",
}
"""Each is one module beside this one, named schemas_<verb>."""


@click.group("schemas", cls=LazyVerbs, verbs=VERBS, modules="greenflash_kafka.cli.schemas_")
def command() -> None:
    """Keep the schemas of a registry beside the mapping files.

    \b
    Examples:
      greenflash-kafka schemas pull
      greenflash-kafka schemas pull --topic shop.orders --seen 1000
    """
