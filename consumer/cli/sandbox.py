"""`greenflash-kafka sandbox`: a local Greenflash API."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(name="sandbox")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8787, show_default=True, help="0: any free port.")
@click.option("--api-key", metavar="KEY", envvar="GREENFLASH_SANDBOX_API_KEY",
              help="The key to take (better by GREENFLASH_SANDBOX_API_KEY); any key without it.")  # fmt: skip
@click.option("--faults", "faults_file", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="A script of faults (YAML or JSON): see docs/sandbox.md.")  # fmt: skip
@click.option("--until-stdin-closes", is_flag=True, hidden=True)
def command(host: str, port: int, api_key: str | None, faults_file: Path | None, until_stdin_closes: bool) -> None:
    """Run a local Greenflash API: events are validated, stored once an insert id, and shown on a page at /.

    \b
    Examples:
      greenflash-kafka sandbox
      greenflash-kafka sandbox --port 8787 --api-key test-key --faults faults.yaml
      GREENFLASH_BASE_URL=http://127.0.0.1:8787/api/v1 greenflash-kafka run --config greenflash-kafka.yaml
    """
    import sys
    import threading

    from consumer.sandbox.api import LOOPBACK, Sandbox
    from consumer.sandbox.faults import FaultsInvalid, read
    from consumer.sandbox.running import bind, server

    try:
        faults = [] if faults_file is None else read(_script(faults_file))
    except (FaultsInvalid, ValueError) as error:
        raise click.UsageError(f"{faults_file}: {error}") from None
    try:
        listening = bind(host, port)
    except OSError as error:
        raise click.UsageError(f"can't listen on {host}:{port}: {error.strerror}; choose another --port") from None
    # On another address than this machine's own, whoever set it up answers for the names it is reached by.
    hosts = LOOPBACK if host in ("127.0.0.1", "localhost", "::1") else {"*"}
    uvicorn_server = server(Sandbox(api_key, faults, hosts))
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"http://{shown}:{listening.getsockname()[1]}")
    sys.stdout.flush()
    if until_stdin_closes:

        def watch() -> None:
            sys.stdin.read()
            uvicorn_server.should_exit = True

        threading.Thread(target=watch, daemon=True).start()
    uvicorn_server.run([listening])


def _script(path: Path) -> object:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        return YAML(typ="safe", pure=True).load(path.read_text())
    except YAMLError as error:
        raise ValueError(f"is not YAML: {error}") from None
