"""`greenflash-kafka doctor`: checks everything that `run` needs."""

from __future__ import annotations

from pathlib import Path

import click

_MARKS = {"ok": "ok     ", "warning": "WARNING", "failed": "FAILED ", "skipped": "skipped"}


@click.command("doctor")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The config file (YAML) [default: greenflash-kafka.yaml, if it is here].",
)
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects: name status said todo.")
def command(file: Path | None, as_json: bool) -> int:
    """Check configuration, mapping files, broker, topics, dead-letter topic, group, API key and product ids.

    Of a group it says which partitions can't be read on, also beside processes that run. Nothing is changed, no event
    is sent. Exits with 1 when something is not as `run` needs it, and says what to do; a warning alone is no reason.

    \b
    Examples:
      greenflash-kafka doctor --config prod.yaml
      KAFKA_BOOTSTRAP_SERVERS=localhost:9092 greenflash-kafka doctor
      greenflash-kafka doctor --json | jq '.[] | select(.status == "failed")'
    """
    import os

    import msgspec

    from greenflash_kafka.cli.check import Check
    from greenflash_kafka.cli.checks import everything
    from greenflash_kafka.cli.style import mark, show
    from greenflash_kafka.config.location import config_file

    checks: list[Check] = []
    for check in everything(config_file(file, os.environ), os.environ):
        checks.append(check)
        if not as_json:
            # As they come: a broker that doesn't answer takes ten seconds.
            show(f"{mark(_MARKS[check.status], check.status)}  {check.name}: {check.said}")
            if check.todo:
                show("\n".join(f"           {line}" for line in check.todo.splitlines()))
    if as_json:
        click.echo(msgspec.json.format(msgspec.json.encode(checks), indent=2))
    return 1 if any(check.status == "failed" for check in checks) else 0
