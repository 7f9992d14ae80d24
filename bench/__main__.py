"""`python -m bench`: this pipeline beside others on the same work, in one run, on a real Apache Kafka.

Starts what it needs, prints the tables, and writes them to bench/results.md, with a picture in bench/results.svg.
Each part runs its contenders one after another, several times over; medians are shown, and from the least to the most.
Exit status: 0; 1 when something failed to run, or in a full run when a target is missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from bench.ground import Ground
from bench.measure import keep_off_the_senders_core
from bench.parts import (
    compressed,
    diff,
    evaluating,
    filtering,
    formats,
    idle,
    latency,
    linked,
    linking,
    memory,
    processes,
    restoring,
    rules,
    sending,
    sizes,
    startup,
    tables,
    tls,
    waiting,
)
from bench.picture import picture
from bench.report import report, verdicts
from bench.rounds import FAILED, run, say
from tests.brokers.broker import BrokerUnavailable

HERE = Path(__file__).parent
PARTS = {
    module.PART.name: module.PART
    for module in (
        sending,
        processes,
        filtering,
        rules,
        evaluating,
        formats,
        sizes,
        tls,
        latency,
        memory,
        compressed,
        startup,
        idle,
        waiting,
        linking,
        restoring,
        linked,
        tables,
        diff,
    )
}
QUICK = 0.1
"""How much of the messages a quick run sends, in one round."""


def main() -> int:
    """Exit status."""
    given = _arguments()
    keep_off_the_senders_core()
    began = time.monotonic()
    parts = [PARTS[name] for name in given.only or PARTS]
    full = not (given.quick or given.scale or given.rounds)
    try:
        with tempfile.TemporaryDirectory(prefix="greenflash-kafka-bench-") as folder:
            ground = Ground(Path(folder), given.scale or (QUICK if given.quick else 1.0))
            try:
                say(f"broker: {ground.description} at {ground.servers}")
                measured = [run(part, ground, 1 if given.quick else given.rounds or part.rounds) for part in parts]
                about = _about(ground.description, full)
            finally:
                ground.stop()
    except BrokerUnavailable as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        return 130
    page = report(measured, [*about, f"It took {(time.monotonic() - began) / 60:.0f} minutes."])
    print(page)
    if not (given.only or given.no_files):
        (HERE / "results.md").write_text(page)
        (HERE / "results.svg").write_text(picture(measured, about[0]))
    failed = any(FAILED in each.missing.values() for each in measured)
    missed = any("NOT" in word for _, _, _, word in verdicts(measured))
    return 1 if failed or (missed and full) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", type=_names, metavar="PART,...", help=f"only print these of {', '.join(PARTS)}")
    parser.add_argument(
        "--quick", action="store_true", help="one round with fewer messages, in 3 minutes; misses are said"
    )
    parser.add_argument("--rounds", type=int, help="rounds of each part, in place of its own number")
    parser.add_argument("--scale", type=float, help="how many messages, 1 being a full run's")
    parser.add_argument("--no-files", action="store_true", help="only print, as with --only")
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - set(PARTS):
        raise argparse.ArgumentTypeError(f"no part is called {', '.join(sorted(unknown))}")
    return names


def _about(broker: str, full: bool) -> Sequence[str]:
    machine = f"{platform.python_implementation()} {platform.python_version()} on {os.cpu_count()} cores"
    kind = "a full run" if full else "a short run, good for a look only"
    return [
        f"{broker}; {machine}; {datetime.now(UTC):%Y-%m-%d}, {kind}.",
        "The sender is alone on one core, broker and answering server share the others. CPU, memory and time are",
        "taken from outside, from the first request to the last: starting and joining the group don't count unless",
        "it says so. Figures are the median of the rounds, in brackets the least and the most. Written by",
        "`make bench`; what it all means is in [docs/performance.md](../docs/performance.md).",
    ]


if __name__ == "__main__":
    sys.exit(main())
