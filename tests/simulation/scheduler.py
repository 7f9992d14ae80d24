"""Virtual time for the real code: members as greenlets, one at a time, in an order that only the seed decides.

Code under simulation runs as it is and blocks where it blocks in life: in `wait`, which is what every client, clock
and transport of the simulation does instead of waiting. Nothing else ever lets time pass.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

from greenlet import getcurrent, greenlet

CALL_SECONDS = 0.000_02
"""What a wait of no time costs, so that a loop that never waits can't stop the world."""

EPOCH = 1_795_000_000.0
"""What the wall clock shows when a simulation begins."""


class Stuck(Exception):
    """So many turns without an end: something goes round without letting time pass."""


class Gone(BaseException):
    """Ends what is left of a member that was killed, once nothing of it matters any more."""


class Timer:
    """An action at a time; `cancel` it, or let it happen."""

    __slots__ = ("action", "at")

    def __init__(self, at: float, action: Callable[[], object]) -> None:
        self.at = at
        self.action: Callable[[], object] | None = action

    def cancel(self) -> None:
        """It won't happen; harmless afterwards."""
        self.action = None


class Member:
    """One process. `alive` until it was killed or came to its end, `frozen` while it is stopped (SIGSTOP)."""

    def __init__(self, scheduler: Scheduler, name: str, run: Callable[[], None]) -> None:
        self.name = name
        self.alive = True
        self.frozen = False
        self.error: BaseException | None = None
        """What it ended with, when it didn't end by itself."""
        self._scheduler = scheduler
        self._run = run
        self._turn = 0
        self._due = False
        self._woken = False
        self._missed: deque[Callable[[], object]] = deque()
        self.greenlet = greenlet(self._life, scheduler.hub)

    def _life(self) -> None:
        try:
            self._run()
        except Gone:
            pass
        except BaseException as error:
            self.error = error
        self.alive = False
        self._scheduler.ended(self)


class Scheduler:
    """The time, and whose turn it is. Everything here happens on one thread, in an order that is always the same."""

    def __init__(self, most_turns: int = 2_000_000) -> None:
        self.now = 0.0
        """Seconds since the simulation began."""
        self.turns = 0
        self.hub = getcurrent()
        self.current: Member | None = None
        """Whose code runs; None while an action of `call_at` does."""
        self.on_end: Callable[[Member], None] = lambda _: None
        """Called when a member comes to its end by itself."""
        self._most_turns = most_turns
        self._order = itertools.count()
        self._heap: list[tuple[float, int, Timer]] = []
        self._ready: deque[tuple[Member, int]] = deque()
        self._waiters: dict[int, list[tuple[Member, int]]] = {}
        self._members: list[Member] = []
        self._over = False

    # --- for whoever is simulated -----------------------------------------------------------------------------------

    def wait(self, until: float, wake_on: Iterable[object] = ()) -> bool:
        """Let the running member wait until that time, or until `notify` is called with one of `wake_on` (objects,
        told apart by identity). True when it was woken by that."""
        member = self.current
        if self._over or member is None or not member.alive:
            # What is left of a killed member unwinds, or somebody waits who mustn't.
            if member is None and not self._over:
                raise AssertionError("only a member may wait, not an action of call_at")
            raise Gone
        member._turn += 1
        turn, member._woken = member._turn, False
        for each in wake_on:
            self._waiters.setdefault(id(each), []).append((member, turn))
        self.call_at(max(until, self.now + CALL_SECONDS), lambda: self._wake(member, turn))
        self._leave(member)
        return member._woken

    def park(self) -> None:
        """The running member never goes on: it has just been killed."""
        member = self.current
        assert member is not None
        member.alive = False
        self._leave(member)

    def _leave(self, member: Member) -> None:
        self.current = None
        self.hub.switch()
        if self._over:
            raise Gone
        self.current = member

    # --- for clients, clocks and faults -----------------------------------------------------------------------------

    def notify(self, obj: object) -> None:
        """Wake every member that waits on `obj`; may be called by anybody, also when nobody waits."""
        for member, turn in self._waiters.pop(id(obj), ()):
            if member._turn == turn:
                member._woken = True
                self._wake(member, turn)

    def call_at(self, when: float, action: Callable[[], object]) -> Timer:
        """Run `action` at that time, outside every member: it must not wait. In the past means: next."""
        timer = Timer(max(when, self.now), action)
        heapq.heappush(self._heap, (timer.at, next(self._order), timer))
        return timer

    def call_for(self, member: Member | None, when: float, action: Callable[[], object]) -> None:
        """Run `action` of that member at that time: never once it is dead, and while it is frozen not before it wakes
        up; then what it missed happens in the order in which it was due, as what waits in a socket does."""

        def act() -> None:
            if member is None:
                action()
            elif member.frozen:
                member._missed.append(action)
            elif member.alive:
                action()

        self.call_at(when, act)

    def spawn(self, name: str, run: Callable[[], None]) -> Member:
        """A new process, whose `run` begins at once, but not before the caller waits."""
        member = Member(self, name, run)
        self._members.append(member)
        self._ready.append((member, 0))
        return member

    def kill(self, member: Member) -> None:
        """kill -9: it does nothing any more, and nobody is told. Its clients have to be cut off by their owner."""
        member.alive = False

    def freeze(self, member: Member) -> None:
        """SIGSTOP."""
        member.frozen = True

    def thaw(self, member: Member) -> None:
        """SIGCONT: it goes on where it was, and finds that time has passed."""
        member.frozen = False
        while member._missed:
            self.call_for(member, self.now, member._missed.popleft())
        if member._due and member.alive:
            member._due = False
            self._ready.append((member, member._turn))

    def ended(self, member: Member) -> None:
        """A member came to its end."""
        self.current = None
        if not self._over:
            self.on_end(member)

    # --- for the run as a whole -------------------------------------------------------------------------------------

    def run(self, until: float, done: Callable[[], bool] = lambda: False) -> None:
        """Let things happen until that time, or until `done` says so (asked whenever time passes)."""
        while True:
            while self._ready:
                self._turn(*self._ready.popleft())
            while self._heap and self._heap[0][2].action is None:
                heapq.heappop(self._heap)
            if not self._heap or self._heap[0][0] > until:
                self.now = max(self.now, until)
                return
            at, _, timer = heapq.heappop(self._heap)
            if at > self.now:
                if done():
                    heapq.heappush(self._heap, (at, -1, timer))
                    return
                self.now = at
            action, timer.action = timer.action, None
            if action is not None:
                action()

    def close(self) -> None:
        """The simulation is over: unwinds what is left of every member, without letting it do anything."""
        self._over = True
        for member in self._members:
            member.alive = False
            for _ in range(100):
                if not member.greenlet:
                    break
                self.current = member
                member.greenlet.throw(Gone)
        self._heap.clear()
        self._waiters.clear()

    def _wake(self, member: Member, turn: int) -> None:
        if member._turn != turn or not member.alive:
            return
        if member.frozen:
            member._due = True
        else:
            self._ready.append((member, turn))

    def _turn(self, member: Member, turn: int) -> None:
        if not member.alive or member._turn != turn:
            return
        if member.frozen:
            member._due = True
            return
        # Both its time and what it waited for may have come: once is enough.
        member._turn += 1
        self.turns += 1
        if self.turns > self._most_turns:
            raise Stuck(f"{member.name} and others took {self.turns} turns until {self.now:.3f} s")
        self.current = member
        member.greenlet.switch()
        self.current = None


class SimulatedClock:
    """`ports.Clock` of one member. `skew` is what its wall clock is off by, in seconds; it may jump."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self.skew = 0.0

    def monotonic(self) -> float:
        """See `ports.Clock`."""
        return self._scheduler.now

    def now(self) -> float:
        """See `ports.Clock`."""
        return EPOCH + self._scheduler.now + self.skew

    def sleep(self, seconds: float) -> None:
        """See `ports.Clock`."""
        self._scheduler.wait(self._scheduler.now + seconds)


def callback(action: Callable[..., Any], *arguments: object) -> Callable[[], None]:
    """`action` with these arguments, for `call_at`."""

    def run() -> None:
        action(*arguments)

    return run
