"""Commands that have to be there at once, and a run that is soon at work."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bench.ground import PRODUCT, Ground
from bench.measure import Sender, SenderFailed, measure, start
from bench.part import Case, Column, Figures, Part, Target, value
from bench.work import messages

MAPPINGS = Path(__file__).parents[2] / "mappings"
HELP, LINT, RUN, JOIN = "`--help`", "`lint mappings`", "`run`, until its first event", "a bare client joins a group"


def cases(ground: Ground) -> list[Case]:
    """Wall time of each, on the sender's core."""
    api = ground.api()
    topic = ground.topic("one", lambda: messages(1))

    def run() -> Figures:
        return {"seconds": measure(ground.product(topic, api), api, 1).first_after}

    def join() -> Figures:
        return {"seconds": float(output(ground.script("joining.py")(topic, api)))}

    return [
        Case(HELP, lambda: _timed([PRODUCT, "--help"])),
        Case(LINT, lambda: _timed([PRODUCT, "lint", str(MAPPINGS)])),
        Case(RUN, run),
        Case(JOIN, join),
    ]


def _timed(command: list[str]) -> Figures:
    began = time.monotonic()
    output(Sender(command, {"GREENFLASH_PRODUCT_ID": "b3f0f9a4-31c8-4b2a-9a39-0f6a7c6f6a0e"}))
    return {"seconds": time.monotonic() - began}


def output(sender: Sender) -> str:
    """What a command prints that ends by itself; raises `SenderFailed` when it fails."""
    with tempfile.TemporaryFile() as written:
        process = start(sender, written)
        status = process.wait()
        written.seek(0)
        text = written.read().decode()
    if status:
        raise SenderFailed(f"{sender.command} ended with {status}:\n{text}")
    return text


PART = Part(
    "startup",
    "Starting",
    "Wall time from the command's start, its core otherwise idle. `run` reads a topic with one message; what its group "
    "takes to give it the partitions is told by a client that does nothing but join.",
    (Column("seconds", "seconds", "{:.2f}"),),
    cases,
    (
        Target("`--help`: at most 0.3 s", value("seconds", of=HELP), most=0.3),
        Target("`lint` of the shipped mappings: at most 1 s", value("seconds", of=LINT), most=1.0),
        Target(
            "`run` ready, besides the group's own join: at most 2 s",
            lambda r: r[RUN]["seconds"] - r[JOIN]["seconds"],
            most=2.0,
        ),
    ),
)
