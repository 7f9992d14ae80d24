"""`python -m bench.any -- COMMAND...`: any command at the bench's work, measured like its own contenders beside it.

The command reads the topic BENCH_TOPIC of the brokers BENCH_BROKERS as the group BENCH_GROUP, posts an event for each
message that bench/work.py's mapping matches to BENCH_URL (its `insertId` holds the message's id), and ends on SIGTERM.
These are variables of its environment. Exit status: 0, or 1 when something failed to run.
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path

from bench.ground import Ground
from bench.measure import keep_off_the_senders_core
from bench.part import Case, Part
from bench.parts import filtering, latency, sending
from bench.report import section
from bench.rounds import run, say

THEIRS = "the command"


def main() -> int:
    """Exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.any", description=__doc__)
    parser.add_argument("--work", choices=("sending", "filtering", "latency"), action="append")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--scale", type=float, default=1.0, help="how many messages, 1 being a full run's")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()
    keep_off_the_senders_core()
    failed = False
    with tempfile.TemporaryDirectory(prefix="greenflash-kafka-bench-") as folder:
        ground = Ground(Path(folder), given.scale)
        try:
            say(f"broker: {ground.description} at {ground.servers}")
            for name in given.work or ("sending", "filtering", "latency"):
                measured = run(part(name, given.command), ground, given.rounds)
                print("\n".join(section(measured)) + "\n", flush=True)
                failed = failed or bool(measured.missing)
        finally:
            ground.stop()
    return 1 if failed else 0


def part(name: str, command: list[str]) -> Part:
    """A part of the bench with the command in it, and of its own contenders those that matter beside it."""

    def cases(ground: Ground) -> list[Case]:
        theirs = partial(ground.command, command)
        if name == "sending":
            found = [Case(THEIRS, partial(sending.run, ground, sending.MANY, theirs))]
            return found + [case for case in sending.cases(ground) if case.name in (sending.CURL, sending.HAND)]
        if name == "latency":
            found = [Case(THEIRS, partial(latency.run, ground, theirs))]
            return found + [case for case in latency.cases(ground) if case.name == latency.OURS]
        return [
            Case(f"{THEIRS}: {kind}", partial(filtering.run, ground, kind, theirs)) for kind in filtering.KINDS
        ] + filtering.cases(ground)

    whole = {"sending": sending.PART, "filtering": filtering.PART, "latency": latency.PART}[name]
    columns = [column for column in whole.columns if column.base != sending.HTTPX]
    return whole._replace(cases=cases, columns=columns)


if __name__ == "__main__":
    raise SystemExit(main())
