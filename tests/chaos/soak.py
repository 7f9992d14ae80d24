"""`python -m tests.chaos.soak`: steady traffic, while members restart and things fail (`make soak`).

One member is never touched: its memory, descriptors and threads are what must stay flat. The others are restarted
one after another, now and then by kill -9; the API's faults change every few seconds, and once in a while the broker
dies and comes back (only where it is our own). Nothing is written but the report and what is under --folder.
"""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from tests.brokers.broker import Broker, BrokerUnavailable
from tests.brokers.kafka import Kafka
from tests.brokers.maven import MavenBroker
from tests.chaos.compare import Verdict, compare
from tests.chaos.feeder import Feeder
from tests.chaos.ground import Ground, ground, own_broker
from tests.chaos.member import Life
from tests.chaos.report import verdict_lines
from tests.chaos.traffic import endless
from tests.chaos.weather import Weather

SAMPLE_SECONDS = 2.0
WARM_UP = 0.25
"""The share of a life that doesn't count for the slope: caches fill, the allocator finds its size."""

LEAK_MB_AN_HOUR = 30.0
"""More than this in the member that lives for the whole time, over at least 200 s without a death of the broker, is
called a leak."""

GROWN_MB, GROWN_FILES, GROWN_THREADS = 20.0, 10, 3
"""So much more at the end of its life than in its second quarter, deaths of the broker and all, is one too: the steps
that those make have to come to an end, and files (connections come and go) to go down as far as they were."""


class Sample(msgspec.Struct):
    """A process at a moment: seconds since the soak began, resident megabytes, open files, threads."""

    at: float
    rss: float
    files: int
    threads: int


class Watched:
    """A member and what was measured of its present process."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.life: Life | None = None
        self.samples: list[Sample] = []


class Soak:
    """One soak."""

    def __init__(self, made: Ground, broker: Broker, options: argparse.Namespace, say: Callable[[str], None]) -> None:
        self._ground = made
        self._broker = broker
        self._options = options
        self._say = say
        self._chance = Random(f"{options.seed} soak")
        start_ms = int(time.time() * 1000)
        messages = endless(options.seed, start_ms, step_ms=1000 / options.rate, chats=False)
        self._feeder = Feeder(made.kafka.bootstrap_servers, made.topics, messages)
        self._weather = Weather(made.sandbox, made.key_file, options.seed)
        self._members = [Watched(number) for number in range(options.members)]
        self._starts = 0
        self._began = time.monotonic()
        self.ended: list[str] = []
        self.lives: list[tuple[str, list[Sample]]] = []
        self.behind: list[int] = []
        self.outages: list[float] = []
        """When the broker died, in seconds since the soak began."""
        self.restarts = {"SIGTERM": 0, "kill -9": 0, "broker": 0}

    def run(self) -> Verdict:
        """Until the minutes are over and everything is settled."""
        options = self._options
        for each in self._members:
            self._start(each)
        self._feeder.start()
        end = self._began + options.minutes * 60
        sample = restart = self._began
        broker_at = self._began + min(120.0, options.broker_every)
        while (now := time.monotonic()) < end:
            self._feeder.allowed = int((now - self._began) * options.rate)
            self._weather.turn(now)
            self._look()
            if now >= sample:
                sample = now + SAMPLE_SECONDS
                self._sample(now)
            if now >= restart + options.restart_every:
                restart = now
                self._restart()
            if now >= broker_at:
                broker_at = now + options.broker_every
                self._restart_broker()
            time.sleep(0.05)
        return self._settle()

    def _start(self, each: Watched) -> None:
        if each.samples:
            self.lives.append((f"member {each.number}", each.samples))
        each.samples = []
        self._starts += 1
        each.life = Life(f"soak-{each.number}-{self._starts}", self._ground.environ(), self._ground.folder)

    def _look(self) -> None:
        for each in self._members:
            assert each.life is not None
            each.life.look()
            if each.life.alive:
                continue
            code = each.life.process.returncode
            # Told to stop before it had taken over the signal, it ends as any process does.
            early = code == -signal.SIGTERM and each.life.assigned_at is None
            if not each.life.stopping or not (early or code in (0, -signal.SIGKILL) or each.life.left_work()):
                said = each.life.said()
                # Both end a start as they should: it met the moment between two keys, or a broker that was down.
                if "refused the API key" not in said and "no broker answered" not in said:
                    self.ended.append(f"member {each.number}: exit {code}: {said[-600:]}")
            self._start(each)

    def _restart(self) -> None:
        # Member 0 is the one that lives for the whole time.
        each = self._members[1 + (self.restarts["SIGTERM"] + self.restarts["kill -9"]) % (len(self._members) - 1)]
        assert each.life is not None
        each.life.stopping = True
        if self._chance.random() < 0.25:
            self.restarts["kill -9"] += 1
            each.life.kill()
        else:
            self.restarts["SIGTERM"] += 1
            each.life.signal(signal.SIGTERM)

    def _restart_broker(self) -> None:
        if isinstance(self._broker, MavenBroker):
            self._say("the broker dies and comes back")
            self.restarts["broker"] += 1
            self.outages.append(time.monotonic() - self._began)
            self._broker.kill()
            try:
                self._broker.start()
            except BrokerUnavailable:
                # Somebody's outgoing connection may have its port for a moment.
                self._broker.start()

    def _sample(self, now: float) -> None:
        for each in self._members:
            assert each.life is not None
            found = sample_of(each.life.process.pid, now - self._began)
            if found is not None and each.life.assigned_at is not None:
                each.samples.append(found)
        # Events, not offsets: asking the broker every two seconds would be load of its own.
        self.behind.append(len(self._feeder.values) - self._ground.sandbox.stats()["stored"])
        if len(self.behind) % 30 == 0:
            first = self._members[0].samples
            self._say(
                f"{self._feeder.sent:,} messages, {self.behind[-1]:,} events behind, {first[-1] if first else ''}"
            )

    def _settle(self) -> Verdict:
        self._weather.clear()
        self._feeder.finish()
        until = time.monotonic() + 300
        while self._ground.behind() > 0 and time.monotonic() < until:
            self._look()
            time.sleep(0.5)
        for each in self._members:
            assert each.life is not None
            self.lives.append((f"member {each.number}", each.samples))
            each.life.stopping = True
            each.life.signal(signal.SIGTERM)
        for each in self._members:
            assert each.life is not None
            if each.life.process.wait(60):
                self.ended.append(f"member {each.number} at the end: {each.life.said()[-600:]}")
        return compare(self._ground, self._feeder.values, self._feeder.told, self._feeder.broken)

    @property
    def sent(self) -> int:
        """Messages written."""
        return self._feeder.sent

    def close(self) -> None:
        """Leave no process behind."""
        for each in self._members:
            if each.life is not None and each.life.alive:
                each.life.kill()

    def latencies(self) -> list[float]:
        """Seconds from a ledger event's message (its time, as it was written) to its acceptance, sorted."""
        found: list[float] = []
        after = 0
        while page := self._ground.sandbox.events(after, 5000):
            after += len(page)
            found += [_latency(event) for event in page if "fact" in event.get("properties", {}) and "eventAt" in event]
        return sorted(found)


def _latency(event: Mapping[str, Any]) -> float:
    received = datetime.fromisoformat(event["receivedAt"])
    return (received - datetime.fromisoformat(event["eventAt"])).total_seconds()


def sample_of(pid: int, at: float) -> Sample | None:
    """What /proc says of a process; None when it has gone or there is no /proc."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines() if ":" in line)
        files = len(os.listdir(f"/proc/{pid}/fd"))
        return Sample(at, int(fields["VmRSS"].split()[0]) / 1024, files, int(fields["Threads"]))
    except (OSError, KeyError):
        return None


def quiet(samples: Sequence[Sample], outages: Sequence[float]) -> Sequence[Sample]:
    """The longest stretch without a death of the broker in it: each of those makes a step in memory."""
    edges = [float("-inf"), *outages, float("inf")]
    stretches = [[each for each in samples if start < each.at < end] for start, end in itertools.pairwise(edges)]
    return max(stretches, key=len)


def slope(samples: Sequence[Sample]) -> float:
    """Megabytes an hour, fitted over the steady part of these samples."""
    steady = samples[int(len(samples) * WARM_UP) :]
    if len(steady) < 10:
        return 0.0
    return statistics.linear_regression([each.at for each in steady], [each.rss for each in steady]).slope * 3600


def grown(samples: Sequence[Sample]) -> list[str]:
    """What the last quarter of a life has too much of, held against the second."""
    quarter = len(samples) // 4
    if quarter < 10:
        return []
    before, after = samples[quarter : 2 * quarter], samples[-quarter:]
    rss = statistics.median(each.rss for each in after) - statistics.median(each.rss for each in before)
    files = min(each.files for each in after) - min(each.files for each in before)
    threads = min(each.threads for each in after) - min(each.threads for each in before)
    found = [(rss, GROWN_MB, "MB"), (files, GROWN_FILES, "open files"), (threads, GROWN_THREADS, "threads")]
    return [f"{more:.0f} {what} more than in its second quarter" for more, most, what in found if more > most]


def report(soak: Soak, options: argparse.Namespace, verdict: Verdict, broker: str) -> tuple[str, bool]:
    """The text, and whether all is well."""
    times = soak.latencies()
    longest = max((life for name, life in soak.lives if name == "member 0"), key=len, default=[])
    lines = [
        f"{options.minutes:g} minutes at {options.rate:g} messages/s, seed {options.seed}, "
        f"{options.members} members of a {options.protocol} group; {broker}",
        f"messages               {soak.sent:,}",
        "restarts               " + ", ".join(f"{name} {number}" for name, number in soak.restarts.items()),
        f"events behind          median {statistics.median(soak.behind):,.0f}, most {max(soak.behind):,}",
    ]
    if times:
        lines.append(
            f"append to accepted     p50 {times[len(times) // 2]:.2f} s, p99 {times[int(len(times) * 0.99)]:.2f} s, "
            f"slowest {times[-1]:.1f} s, over {len(times):,} events, outages included"
        )
    leaks: list[str] = []
    for name, life in soak.lives:
        if len(life) * SAMPLE_SECONDS < 60:
            continue
        rate = slope(quiet(life, soak.outages))
        minutes = (life[-1].at - life[0].at) / 60
        steady = life[int(len(life) * WARM_UP) :]
        lines.append(
            f"{name}, {minutes:4.1f} min     {steady[0].rss:.1f} -> {life[-1].rss:.1f} MB; "
            f"{rate:+.1f} MB/h between deaths of the broker; "
            f"files "
            f"{min(each.files for each in steady)}-{max(each.files for each in steady)}, threads "
            f"{min(each.threads for each in steady)}-{max(each.threads for each in steady)}"
        )
        if life is longest and len(quiet(life, soak.outages)) * SAMPLE_SECONDS >= 200:
            leaks += [f"more than {LEAK_MB_AN_HOUR:g} MB an hour"] if rate > LEAK_MB_AN_HOUR else []
        if life is longest:
            leaks += grown(life)
    lines += verdict_lines(verdict)
    lines += [f"ended by itself: {each}" for each in soak.ended]
    lines += [f"LEAK: {each}" for each in leaks]
    well = verdict.exact and not leaks and not soak.ended
    lines.append("EXACT AND FLAT" if well else "NOT EXACT OR NOT FLAT")
    return "\n".join(lines), well


def main() -> int:
    """Exit status: 0 when nothing is lost or twice and memory is flat."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=float, default=500, help="messages a second (default 500)")
    parser.add_argument("--members", type=int, default=3, help="at least 2 (default 3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--protocol", choices=("classic", "consumer"), default="classic")
    parser.add_argument("--session-ms", type=int, default=6000)
    parser.add_argument("--restart-every", type=float, default=20, help="seconds between restarts (default 20)")
    parser.add_argument("--broker-every", type=float, default=300, help="seconds between its deaths (default 300)")
    parser.add_argument("--folder", type=Path, help="keep the processes' logs here")
    options = parser.parse_args()
    if options.members < 2:
        parser.error("--members must be 2 or more: one lives for the whole time, the others are restarted")
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:6.0f} s  {text}", file=sys.stderr, flush=True)

    broker = own_broker(os.environ, options.session_ms)
    try:
        with tempfile.TemporaryDirectory(prefix="greenflash-kafka-soak-") as temporary:
            folder = options.folder or Path(temporary)
            folder.mkdir(parents=True, exist_ok=True)
            kafka = Kafka(broker.bootstrap_servers)
            with ground(kafka, folder, options.protocol, options.session_ms, links=False) as made:
                soak = Soak(made, broker, options, say)
                try:
                    verdict = soak.run()
                    text, well = report(soak, options, verdict, broker.description)
                finally:
                    soak.close()
            del kafka, soak, made
    finally:
        broker.stop()
    print(text)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
