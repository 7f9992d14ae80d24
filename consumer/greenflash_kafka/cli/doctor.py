"""`greenflash-kafka doctor`: checks everything that `run` needs."""

from __future__ import annotations

import os
from pathlib import Path

import click


@click.command("doctor")
@click.option(
    "--config",
    "file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The config file (YAML) [default: greenflash-kafka.yaml, if it is here].",
)
@click.option(
    "--max-seconds",
    type=click.FloatRange(0, min_open=True),
    default=20.0,
    show_default=True,
    help="So long the latest outcomes of rules that link are read at most, and so long the conversations around them.",
)
@click.option("--values", is_flag=True, help="Show ids that look alike and differ, too; they are personal data.")
@click.option("--json", "as_json", is_flag=True, help="Print a list of objects: name status said todo.")
def command(file: Path | None, max_seconds: float, values: bool, as_json: bool) -> int:
    """Check configuration, mapping files, broker, topics, dead-letter topic, group, API key and product ids.

    Of a group it says which partitions can't be read on, also beside processes that run. Of each rule that links it
    says how many of its last 1,000 outcomes had a key, a conversation and a link, and which expression would join ids
    that look alike. Nothing is changed, no event is sent. Exits with 1 when something is not as `run` needs it, and
    says what to do; a warning alone is no reason.

    \b
    Examples:
      greenflash-kafka doctor --config prod.yaml
      KAFKA_BOOTSTRAP_SERVERS=localhost:9092 greenflash-kafka doctor
      greenflash-kafka doctor --json | jq '.[] | select(.status == "failed")'
    """
    from greenflash_kafka.cli import check_reports, doctor_checks
    from greenflash_kafka.cli.linking_checks import LookSettings

    look = LookSettings(seconds=max_seconds, values=values)
    found = doctor_checks.everything(file, os.environ, look)
    failed = check_reports.as_json(found) if as_json else check_reports.as_they_come(found)
    return 1 if failed else 0
