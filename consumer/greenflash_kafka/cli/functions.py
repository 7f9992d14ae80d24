"""`greenflash-kafka functions`: the functions of expressions."""

from __future__ import annotations

import click


@click.command("functions")
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, or a list of all.")
def command(name: str | None, as_json: bool) -> int:
    """Show the functions of expressions: one line each, or all about NAME.

    \b
    Examples:
      greenflash-kafka functions
      greenflash-kafka functions money_minor
      greenflash-kafka functions --json | jq '.[].signature'
    """
    from greenflash_kafka.cli.function_reference import UnknownFunction, function_json, function_text

    try:
        click.echo(function_json(name) if as_json else function_text(name))
    except UnknownFunction as unknown:
        raise click.UsageError(str(unknown)) from None
    return 0
