"""The command line: its verbs, and the exit code for every way in which a command can end."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any, Final

import click

from greenflash_kafka.cli.lazy_verbs import LazyVerbs
from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.system_limits import out_of_memory

OK, FAILED, USAGE, INTERNAL = 0, 1, 2, 3
"""All is well; findings or failures; the command, its flags or the configuration are wrong; a fault of ours."""

INTERRUPTED, NO_READER = 130, 141
"""Ctrl-C, and standard output closed by its reader (`... | head`): as shells count, 128 + the signal's number."""

VERBS: Final[dict[str, str]] = {
    "run": "Read the topics and deliver events: production.",
    "demo": "See it work: a broker, traffic, the shipped mappings and a local Greenflash.",
    "init": "Make a starter folder: config, a mapping with cases, compose file, CI.",
    "presets": "Rules for Stripe, Intercom and others, to copy: list, show, compare.",
    "lint": "Check mapping files and their cases files.",
    "test": "Run the cases beside the mapping files.",
    "try": "Show what would become of one message.",
    "catalog": "Write event types and rules for people who never see YAML.",
    "functions": "Show the functions of expressions, or all about one of them.",
    "discover": "Show what is in topics, and propose rules for it.",
    "diff": "Show what a change of the rules does, on messages that are in Kafka.",
    "coverage": "Show which event names in Kafka have no rule, and which rules find nothing.",
    "backfill": "Send events of history that the live group hasn't sent: of a new rule, say.",
    "explain": "Show why a message in Kafka became what it is.",
    "doctor": "Check broker, topics, group, key, products and mapping files.",
    "peek": "Show the newest messages of a topic, as the rules see them.",
    "record": "Write messages of topics into a file, for where Kafka can't be reached.",
    "schemas": "Keep the registry's schemas beside the mapping files.",
    "conversations": "Write Greenflash's conversations into a topic, for companies that have no chat topic.",
    "dlq": "Show dead letters, and send them again once the cause is fixed.",
    "sandbox": "Run a local Greenflash API to test against.",
}
"""Each verb is one module beside this one, of the same name (`try` is try_), with a click command named `command`."""


@click.group(
    cls=LazyVerbs,
    verbs=VERBS,
    modules="greenflash_kafka.cli.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Exit codes: 0 ok, 1 findings or failures, 2 wrong usage or configuration, 3 a fault of greenflash-kafka.",
)
@click.option("--traceback", "show_traceback", is_flag=True, help="Show the whole traceback of an internal error.")
@click.version_option(package_name="greenflash-kafka", message="%(prog)s %(version)s")
def group(show_traceback: bool) -> None:
    """Turn the facts in your Kafka topics into Greenflash business events, by rules that analysts edit.

    \b
    Examples:
      greenflash-kafka demo                         see it work, on this machine alone
      greenflash-kafka init metrics                 start a project of your own
      greenflash-kafka lint mappings                check what was written
      greenflash-kafka test mappings                run its cases
      greenflash-kafka run --config prod.yaml       go live
    """
    del show_traceback  # `run` reads it from the arguments, since it must also work when click itself fails


def run(argv: Sequence[str]) -> int:
    """Run the command line and return the exit code. The one place where endings become codes; never raises."""
    out = sys.stdout
    try:
        result: Any = group.main(args=list(argv), prog_name="greenflash-kafka", standalone_mode=False)
        sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except SystemExit as error:
        # When the reader of standard output has left, click puts a wrapper in its place and exits.
        return _code(error.code) if sys.stdout is out else _silenced()
    except BrokenPipeError:
        return _silenced()
    except GreenflashKafkaError as error:
        click.echo(f"greenflash-kafka: {error}", err=True)
        return error.exit_code
    except MemoryError:
        click.echo(f"greenflash-kafka: {out_of_memory()}", err=True)
        return FAILED
    except Exception as error:
        _explain(error, "--traceback" in argv)
        return INTERNAL
    return result if isinstance(result, int) else OK


def _silenced() -> int:
    # Python flushes standard output once more at exit, and would complain about the same pipe.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return NO_READER


def _code(code: object) -> int:
    if code is None:
        return OK
    return code if isinstance(code, int) else INTERNAL


def _explain(error: Exception, whole: bool) -> None:
    """Name an internal error without its text, which may hold a payload or a key, unless the whole was asked for."""
    if whole:
        traceback.print_exception(error, file=sys.stderr)
        return
    frames = traceback.extract_tb(error.__traceback__)
    last = next((each for each in reversed(frames) if f"{os.sep}consumer{os.sep}" in each.filename), frames[-1])
    place = f"{os.path.basename(last.filename)}:{last.lineno} in {last.name}"
    click.echo(
        f"greenflash-kafka: internal error: {type(error).__name__} at {place}.\n"
        "This is a fault of greenflash-kafka, not of your files. The same command as "
        "`greenflash-kafka --traceback ...` shows everything;\n"
        "read it before you pass it on: it may hold parts of a message.",
        err=True,
    )
