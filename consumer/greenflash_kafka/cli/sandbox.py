"""`greenflash-kafka sandbox`: a local Greenflash API."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("sandbox", epilog="Every fault, condition and control is in docs/sandbox.md.")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0: a free one.")
@click.option("--api-key", metavar="KEY", envvar="GREENFLASH_SANDBOX_API_KEY", show_envvar=True,
              help="The one key that is taken (default: any).")  # fmt: skip
@click.option("--faults", "fault_file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path),
              help="A fault script, YAML or JSON: see docs/sandbox.md.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Say where it listens as one JSON object.")
@click.option("--until-stdin-closes", is_flag=True, hidden=True)
def command(
    host: str, port: int, api_key: str | None, fault_file: Path | None, as_json: bool, until_stdin_closes: bool
) -> int:
    """Run a local Greenflash API: it checks and keeps events, and fails as a script says. Its page shows them arrive.

    Point any client at it: GREENFLASH_BASE_URL=http://127.0.0.1:8787/api/v1

    \b
    Examples:
      greenflash-kafka sandbox
      greenflash-kafka sandbox --port 0 --api-key test --faults faults.yaml
      curl -s http://127.0.0.1:8787/_sandbox/stats
      curl -s http://127.0.0.1:8787/_sandbox/faults -d '[{"kind": "status", "status": 503, "rate": 0.1}]'
    """
    from greenflash_kafka.sandbox.serve import serve

    return serve(host, port, api_key, fault_file, as_json=as_json, until_stdin_closes=until_stdin_closes)
