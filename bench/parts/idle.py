"""The cost of a run that has nothing to do."""

from __future__ import annotations

import tempfile
import time
from functools import partial

from bench.ground import Ground, Make
from bench.measure import SenderFailed, start, stop
from bench.part import Case, Column, Figures, Part, Target, value
from bench.usage import Usage
from bench.work import messages

OURS, HAND = "this pipeline", "by hand"
_SETTLING = 3.0
"""Seconds from the first event until it counts: group and connections are made by then."""


def cases(ground: Ground) -> list[Case]:
    """CPU over 20 s (fewer in a quick run) on a topic to which nobody writes any more."""
    api = ground.api()
    topic = ground.topic("one", lambda: messages(1))
    seconds = ground.count(20, least=5)

    def idle(make: Make) -> Figures:
        sender = make(topic, api)
        api.take()
        with tempfile.TemporaryFile() as written:
            process = start(sender, written)
            try:
                while not api.seen():
                    if process.poll() is not None:
                        raise SenderFailed(f"{sender.command} ended with {process.returncode}")
                    time.sleep(0.1)
                time.sleep(_SETTLING)
                usage = Usage(process.pid)
                before = usage.exact_cpu()
                time.sleep(seconds)
                used = usage.exact_cpu() - before
                usage.sample()
            finally:
                stop(process)
        return {"idle": used / seconds, "memory_mb": usage.samples[0].rss_mb}

    return [Case(OURS, partial(idle, ground.product)), Case(HAND, partial(idle, ground.script("by_hand.py")))]


PART = Part(
    "idle",
    "Waiting",
    "A group member whose topic gets no messages.",
    (Column("idle", "of a core", "{:.2%}"), Column("memory_mb", "memory", "{:.0f} MB")),
    cases,
    (Target("idle: at most 1 % of a core", value("idle", of=OURS), most=0.01),),
    rounds=1,
)
