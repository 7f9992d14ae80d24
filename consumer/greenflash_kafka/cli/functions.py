"""`greenflash-kafka functions`: the functions of expressions."""

from __future__ import annotations

from types import ModuleType

import click
from click.shell_completion import CompletionItem


def _reference() -> ModuleType:
    from greenflash_kafka.cli import function_reference

    return function_reference


def _completed(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The functions whose names begin so, for a shell that completes words."""
    del context, parameter
    return [CompletionItem(name, help=doc) for name, doc in _reference().beginning(incomplete)]


@click.command("functions")
@click.argument("name", metavar="[NAME]", required=False, shell_complete=_completed)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, or a list of all.")
def command(name: str | None, as_json: bool) -> int:
    """Show the functions of expressions: one line each, or all about NAME.

    \b
    Examples:
      greenflash-kafka functions
      greenflash-kafka functions money_minor
      greenflash-kafka functions --json | jq '.[].signature'
    """
    reference = _reference()
    try:
        click.echo(reference.function_json(name) if as_json else reference.function_text(name))
    except reference.UnknownFunction as unknown:
        raise click.UsageError(str(unknown)) from None
    return 0
