"""`greenflash-kafka demo`: see it work, with nothing installed or configured."""

from __future__ import annotations

import os
from pathlib import Path

import click

STAY_SECONDS = 60
"""How long the sandbox's page can still be looked at, on a terminal."""


@click.command(name="demo")
@click.option("--events", "messages", type=click.IntRange(min=1), default=3000, show_default=True, metavar="N",
              help="How many messages the generator writes.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="As fast as it goes; print one JSON object at the end.")
@click.option("--rate", type=click.FloatRange(min=0.1), help="Messages a second (default: 500, with --json no limit).")
@click.option("--bootstrap-servers", envvar="KAFKA_BOOTSTRAP_SERVERS", metavar="HOST:PORT",
              help="A broker to use in place of the embedded one; the demo creates its topics there.")  # fmt: skip
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="The sandbox page's port (default: a free one).")
@click.option("--mappings", type=click.Path(exists=True, path_type=Path), help="Other mappings than the shipped ones.")
def command(
    messages: int, as_json: bool, rate: float | None, bootstrap_servers: str | None, port: int, mappings: Path | None
) -> None:
    """A broker, billing, CRM and workflow traffic, the shipped mappings, the real pipeline, and a local Greenflash.

    \b
    Examples:
      greenflash-kafka demo
      greenflash-kafka demo --events 20000 --json
      KAFKA_BOOTSTRAP_SERVERS=localhost:9092 greenflash-kafka demo
    """
    import sys

    from consumer.demo.runner import Settings, run_demo
    from consumer.model.summary import Summary

    settings = Settings(
        messages=messages,
        broker=bootstrap_servers,
        rate=rate if rate is not None or as_json else 500.0,
        port=port,
        mappings=mappings or _shipped_mappings(),
        environ=dict(os.environ),
        quiet=as_json,
    )
    stays = not as_json and sys.stdin.isatty() and sys.stdout.isatty()

    def after(summary: Summary, url: str) -> None:
        if as_json:
            click.echo(summary.to_json())
            return
        click.echo(
            f"{summary.produced:,} messages: {summary.filtered:,} filtered, {summary.mapped:,} mapped, "
            f"{summary.dead_lettered:,} kept in the dead-letter topic; lag {summary.lag}\n"
            f"{summary.accepted:,} events accepted, {summary.stored:,} stored, {summary.duplicates:,} duplicates"
        )
        if stays and not summary.lag:
            _stay(url)

    run_demo(settings, sys.stdout, after)


def _shipped_mappings() -> Path:
    """The mappings of this project: installed beside the demo, or in an editable installation at the checkout's top."""
    import consumer.demo

    package = Path(consumer.demo.__file__).resolve().parent
    for folder in (package / "mappings", package.parents[1] / "mappings"):
        if (folder / "billing").is_dir():
            return folder
    raise click.UsageError("this installation lacks the shipped mappings: give --mappings, or install it again")


def _stay(url: str) -> None:
    """Leave the page up for those who watch; nobody who doesn't is kept waiting."""
    import contextlib
    import select
    import sys

    click.echo(f"The page stays at {url} for {STAY_SECONDS} s; Enter ends it.")
    with contextlib.suppress(KeyboardInterrupt):
        select.select([sys.stdin], [], [], STAY_SECONDS)
