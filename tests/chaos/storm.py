"""The storm: members of one group that are killed, stopped and frozen while the traffic runs and the API fails."""

from __future__ import annotations

import heapq
import itertools
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Sequence
from random import Random

import msgspec

from greenflash_kafka.sandbox.running import sandbox_process
from tests.brokers.broker import BrokerUnavailable
from tests.brokers.maven import MavenBroker
from tests.chaos.chats import Chat
from tests.chaos.compare import Again, Rows, Verdict, compare, compare_again, customers
from tests.chaos.customers import CUSTOMERS
from tests.chaos.feeder import Feeder
from tests.chaos.ground import KEY, Ground
from tests.chaos.member import Life
from tests.chaos.schedule import Cycle, draw
from tests.chaos.traffic import endless
from tests.chaos.weather import Weather

MOST_BEHIND = 20_000
"""Events: when the members are further behind, blows and traffic wait for them, so that none hits idle processes."""

START_WITHIN = 2.0
"""A `kill at start` comes within half of these seconds after the start, or after the member has begun to join."""

DRAIN_WITHIN = 0.4
"""Seconds after SIGTERM within which a `kill while draining` comes."""

SETTLE_SECONDS = 900.0
"""How long everything may take to be settled after the last blow."""

AGAIN_SECONDS = 3600.0
"""How long a second run over the same topics may take."""

LOSES_ITS_TABLE = 0.3
"""The share of starts that find nothing of what the process before them knew of conversations."""


class Settings(msgspec.Struct, frozen=True):
    """`every` is the time from one blow to the next in seconds, while the members keep up. `ledger`: the share of
    messages that are the ledger's. `rebalances`: so many guests join the group in the middle, one after the other, and
    leave as soon as they have partitions. `outages`: deaths of the broker, if it is ours. `again`: at the end another
    group reads all of it."""

    seed: int = 1
    cycles: int = 200
    messages: int = 1_000_000
    members: int = 3
    protocol: str = "classic"
    every: float = 3.0
    session_ms: int = 2000
    ledger: float = 0.25
    rebalances: int = 0
    outages: int = 0
    again: bool = True


class Chats(msgspec.Struct, frozen=True):
    """What was written of conversations: `too_late` records came to the log later after their stamp than the product
    allows for, `latest_ms` is the longest time that one took."""

    written: int
    transactions: int
    aborted: int
    too_late: int
    latest_ms: int
    customers: int
    """Versions of customers."""
    compacted: int
    """Those that compaction had taken at the end."""


class Outcome(msgspec.Struct):
    """What happened, and what was there at the end."""

    verdict: Verdict
    hits: dict[str, Counter[str]]
    """Phases by kind of blow."""
    messages: int
    filtered: int
    seconds: float
    settled_in: float
    """From the last blow until everything was committed."""
    starts: int
    rejoins: list[float]
    """From each death to the next partitions of that member, sorted."""
    silence: float
    """The longest time without a newly stored event while some were waiting."""
    lost_partitions: int
    ended_themselves: list[str]
    refused_at_start: int
    """Starts that met the moment between a new key in the service and in the file."""
    weather: Counter[str]
    faults: dict[str, int]
    chats: Chats
    guests: int
    outages: int
    registry: str
    """What happened to the registry, in words; empty without one."""
    again: Again | None = None

    @property
    def exact(self) -> bool:
        """The verdict, no process that ended by itself, and a second run that says the same."""
        return self.verdict.exact and not self.ended_themselves and (self.again is None or self.again.exact)


class _Slot:
    """A place in the group."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.life: Life | None = None
        self.busy = False
        """A blow of several steps is under way."""
        self.hurt_at: float | None = None


class Storm:
    """One run, from the first process to the verdict."""

    def __init__(
        self,
        ground: Ground,
        settings: Settings,
        say: Callable[[str], None] = lambda _: None,
        broker: MavenBroker | None = None,
    ) -> None:
        """`broker`: what is killed in an outage."""
        self._ground = ground
        self._broker = broker
        self._outages = 0
        self._settings = settings
        self._say = say
        start_ms = int(time.time() * 1000)
        people = max(50, settings.messages // 200)
        messages = endless(settings.seed, start_ms, ledger=settings.ledger, people=people)
        self._avro = ground.avro
        if ground.avro is not None:
            in_avro = ground.avro.in_avro
            messages = (each if isinstance(each, Chat) else in_avro(each) for each in messages)
        self._feeder = Feeder(ground.kafka.bootstrap_servers, ground.topics, messages)
        self._chance = Random(f"{settings.seed} tables")
        self._guest: Life | None = None
        self._guests = 0
        self._weather = Weather(ground.sandbox, ground.key_file, settings.seed)
        self._cycles: Sequence[Cycle] = draw(settings.seed, settings.cycles, settings.members)
        self._slots = [_Slot(number) for number in range(settings.members)]
        self._due: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count(1)
        self._starts = 0
        self._kills = 0
        self._hits: dict[str, Counter[str]] = {}
        self._rejoins: list[float] = []
        self._lost_partitions = 0
        self._ended: list[str] = []
        self._refused_at_start = 0
        self._stored = 0
        self._stored_at = 0.0
        self._silence = 0.0

    def run(self) -> Outcome:
        """All of it; raises AssertionError when it can't be settled."""
        began = time.monotonic()
        try:
            for slot in self._slots:
                self._start(slot)
            self._feeder.start()
            self._join()
            self._blows()
            ended = time.monotonic()
            self._settle()
            settled_in = time.monotonic() - ended
        finally:
            for slot in self._slots:
                if slot.life is not None and slot.life.alive:
                    slot.life.signal(signal.SIGCONT)
                    slot.life.kill()
            if self._guest is not None:
                self._guest.kill()
        self._say("comparing what is stored with what was meant")
        feeder, chats = self._feeder, self._feeder.chats
        left = self._ground.kafka.read(self._ground.topics[CUSTOMERS])
        rows = customers(self._ground, chats.customers, left) if self._ground.links else {}
        outcome = Outcome(
            verdict=compare(self._ground, feeder.values, feeder.told, feeder.broken, rows),
            hits=self._hits,
            messages=feeder.sent,
            filtered=feeder.filtered,
            seconds=time.monotonic() - began,
            settled_in=settled_in,
            starts=self._starts,
            rejoins=sorted(self._rejoins),
            silence=self._silence,
            lost_partitions=self._lost_partitions,
            ended_themselves=self._ended,
            refused_at_start=self._refused_at_start,
            weather=self._weather.seen,
            faults=self._ground.sandbox.stats()["faults"],
            chats=Chats(
                chats.written,
                chats.transactions,
                chats.aborted,
                chats.too_late,
                chats.latest_ms,
                len(chats.customers),
                len(chats.customers) - len(left),
            ),
            guests=self._guests,
            outages=self._outages,
            registry="" if self._avro is None else self._avro.told(),
        )
        if self._settings.again and self._ground.links:
            self._say("another group reads all of it")
            outcome.again = self._again(rows)
        return outcome

    def _again(self, rows: Rows) -> Again:
        """Another group, whose one process reads every topic from its beginning, beside what is stored already."""
        began = time.monotonic()
        with sandbox_process(api_key=KEY) as sandbox:
            other = self._ground.again(sandbox)
            other.key_file = self._ground.folder / "key-again"
            other.key_file.write_text(KEY)
            life = Life("again", other.environ("again"), other.folder, ("--until-idle", "2", "--json"))
            try:
                code = life.process.wait(AGAIN_SECONDS)
            finally:
                life.kill()
            again = Again(time.monotonic() - began, code)
            if code:
                again.examples.append(life.said()[-600:])
            compare_again(self._ground, other, self._feeder.repeated, rows, again)
        return again

    # --- while it blows ------------------------------------------------------------------------------------------

    def _join(self) -> None:
        """The first blow is for a group that works."""
        until = time.monotonic() + SETTLE_SECONDS
        while not all(each.life is not None and each.life.assigned_at is not None for each in self._slots):
            assert time.monotonic() < until, "the members got no partitions"
            for slot in self._slots:
                self._look_at(slot, time.monotonic())
            time.sleep(0.05)

    def _blows(self) -> None:
        settings = self._settings
        whole = len(self._cycles) * settings.every
        waiting = [((number + cycle.after) * settings.every, cycle) for number, cycle in enumerate(self._cycles)]
        waiting.sort(key=lambda each: each[0])
        at, last, done = 0.0, time.monotonic(), 0
        while at < whole or waiting or self._due or self._kills < settings.cycles or self._guest is not None:
            if not waiting and not self._due and at >= whole:
                # A process that had ended by itself took no blow: another one does.
                waiting.append((at, Cycle("kill", 0, 0.0, 0.0)))
            now = time.monotonic()
            behind = self._look(now)
            # This clock stands still while the members are far behind, or none of them can take the next blow: none is
            # spent on a group without work.
            if behind < MOST_BEHIND and not (waiting and waiting[0][0] <= at):
                at = min(whole, at + now - last)
            last = now
            self._feeder.allowed = int(settings.messages * at / whole)
            self._visit(at > whole / 2)
            if self._broker is not None and at >= whole * (self._outages + 1) / (settings.outages + 1) and at < whole:
                self._outage(self._broker)
                last = time.monotonic()
            while waiting and waiting[0][0] <= at and self._blow(waiting[0][1]):
                waiting.pop(0)
                done += 1
                if done % 10 == 0:
                    self._say(f"{done} blows, {self._feeder.sent:,} messages, {self._stored:,} events stored")
            time.sleep(0.02)

    def _visit(self, allowed: bool) -> None:
        """A guest after another joins the group, and leaves once it has partitions: each time all of them move."""
        guest = self._guest
        if guest is None:
            if allowed and self._guests < self._settings.rebalances:
                self._guests += 1
                place = f"guest-{self._guests}"
                self._guest = Life(place, self._ground.environ(place), self._ground.folder)
            return
        guest.look()
        if not guest.alive:
            code = guest.process.returncode
            if code and code != -signal.SIGTERM and not guest.refused_at_start() and not guest.left_work():
                self._ended.append(f"a guest: exit {code}: {guest.said()[-600:]}")
            self._guest = None
        elif guest.assigned_at is not None and not guest.stopping:
            guest.stopping = True
            guest.signal(signal.SIGTERM)

    def _outage(self, broker: MavenBroker) -> None:
        """The broker dies and comes back. Nothing is on its way to it meanwhile: what comes to a log later after its
        stamp than the product allows for may be missed."""
        self._say("the broker dies and comes back")
        self._outages += 1
        self._feeder.stand_still()
        broker.kill()
        try:
            broker.start()
        except BrokerUnavailable:
            broker.start()  # somebody's outgoing connection may have its port for a moment
        self._feeder.go_on()
        self._stored_at = time.monotonic()

    def _look(self, now: float) -> int:
        """Do what is due; returns how many events are still to come."""
        self._weather.turn(now)
        if self._avro is not None:
            self._avro.turn(now)
        while self._due and self._due[0][0] <= now:
            heapq.heappop(self._due)[2]()
        for slot in self._slots:
            self._look_at(slot, now)
        stored: int = self._ground.sandbox.stats()["stored"]
        behind = len(self._feeder.values) - stored
        if stored != self._stored or behind <= 0:
            self._stored, self._stored_at = stored, now
        elif self._stored_at:
            self._silence = max(self._silence, now - self._stored_at)
        return behind

    def _look_at(self, slot: _Slot, now: float) -> None:
        life = slot.life
        if life is None:
            return
        life.look()
        if life.assigned_at is not None and slot.hurt_at is not None:
            self._rejoins.append(life.assigned_at - slot.hurt_at)
            slot.hurt_at = None
        if life.alive:
            return
        code = life.process.returncode
        early = code == -signal.SIGTERM and life.assigned_at is None
        if life.stopping and (code == 0 or early or life.left_work()):
            pass  # told to stop before it had taken over the signal, it ends as any process does
        elif life.refused_at_start():
            self._refused_at_start += 1
        elif code != -signal.SIGKILL:
            self._ended.append(f"exit {code}: {life.said()[-600:]}")
        slot.hurt_at = slot.hurt_at or now
        slot.busy = False
        self._start(slot)

    def _start(self, slot: _Slot) -> None:
        if slot.life is not None:
            self._lost_partitions += slot.life.lost
        self._starts += 1
        place = str(slot.number)
        if self._chance.random() < LOSES_ITS_TABLE:
            shutil.rmtree(self._ground.tables(place), ignore_errors=True)
        slot.life = Life(f"member-{slot.number}-{self._starts}", self._ground.environ(place), self._ground.folder)

    def _later(self, seconds: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._numbers), action))

    # --- blows ---------------------------------------------------------------------------------------------------

    def _blow(self, cycle: Cycle) -> bool:
        """Hit the member that was drawn, or the next one that has partitions and isn't being hit already; False when
        there is none."""
        order = [self._slots[(cycle.slot + step) % len(self._slots)] for step in range(len(self._slots))]
        slot = next((each for each in order if not each.busy and each.life is not None and each.life.working), None)
        if slot is None or slot.life is None:
            return False
        life = slot.life
        match cycle.kind:
            case "kill":
                self._kill(slot, "kill")
            case "kill at start":
                life.kill()
                self._look_at(slot, time.monotonic())
                slot.busy = True
                # One half by the time since its start, the other by that since it began to join.
                if cycle.delay < 0.5:
                    self._later(cycle.delay * START_WITHIN, lambda: self._kill(slot, "kill at start"))
                else:
                    self._once_joining(slot, (cycle.delay - 0.5) * START_WITHIN)
            case "kill while draining":
                self._term(slot, "")
                self._later(cycle.delay * DRAIN_WITHIN, lambda: self._kill(slot, "kill while draining", life))
            case "term":
                self._term(slot, "term")
            case "zombie":
                slot.busy = True
                self._hit("zombie", life)
                life.frozen = True
                life.signal(signal.SIGSTOP)
                self._later((1.2 + cycle.delay) * self._settings.session_ms / 1000, lambda: self._wake(slot))
        return True

    def _once_joining(self, slot: _Slot, seconds: float) -> None:
        assert slot.life is not None
        if not slot.busy:
            return  # it ended by itself, and was replaced
        if slot.life.phase() == "starting":
            self._later(0.05, lambda: self._once_joining(slot, seconds))
        else:
            self._later(seconds, lambda: self._kill(slot, "kill at start"))

    def _kill(self, slot: _Slot, kind: str, wanted: Life | None = None) -> None:
        life = slot.life
        assert life is not None
        if wanted is not None and life is not wanted:
            self._hits.setdefault(kind, Counter())["had ended"] += 1
            return
        self._hit(kind, life)
        self._kills += 1
        life.kill()
        slot.hurt_at = slot.hurt_at or time.monotonic()
        slot.busy = False

    def _term(self, slot: _Slot, kind: str) -> None:
        assert slot.life is not None
        if kind:
            self._hit(kind, slot.life)
        slot.busy = True
        slot.life.stopping = True
        slot.life.signal(signal.SIGTERM)

    def _wake(self, slot: _Slot) -> None:
        assert slot.life is not None
        slot.life.signal(signal.SIGCONT)
        slot.life.frozen = False
        slot.busy = False

    def _hit(self, kind: str, life: Life) -> None:
        self._hits.setdefault(kind, Counter())[life.phase()] += 1

    # --- the end -------------------------------------------------------------------------------------------------

    def _settle(self) -> None:
        self._weather.clear()
        if self._avro is not None:
            self._avro.open()
        while self._feeder.sent < self._settings.messages:
            self._feeder.allowed = self._settings.messages
            time.sleep(0.05)
        self._feeder.finish()
        self._say("the last blow is over; waiting until everything is committed")
        until = time.monotonic() + SETTLE_SECONDS
        while (left := self._ground.behind()) > 0:
            if time.monotonic() > until:
                break
            for slot in self._slots:
                self._look_at(slot, time.monotonic())
            time.sleep(0.3)
        for slot in self._slots:
            assert slot.life is not None
            slot.life.stopping = True
            slot.life.signal(signal.SIGTERM)
        for slot in self._slots:
            assert slot.life is not None
            slot.life.process.wait(120)
            slot.life.look()
            self._lost_partitions += slot.life.lost
            if slot.life.process.returncode:
                self._ended.append(f"exit {slot.life.process.returncode} at the end: {slot.life.said()[-600:]}")
        # A last run to the end of everything: it must find nothing left, and say so by its exit code.
        last = Life("last", self._ground.environ(), self._ground.folder, ("--until-idle", "1", "--json"))
        if last.process.wait(300):
            self._ended.append(
                f"the last run ended with {last.process.returncode}: {last.said()[-600:]} (left: {left})"
            )
