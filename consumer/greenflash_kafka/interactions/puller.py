"""The bridge: every interaction that `GET /interactions` lists, written to a topic as it is now.

A page is written and confirmed before the next is requested, and only what was confirmed counts as known. So a process
that ends at any moment loses nothing: the next one reads from the topic what it has, and walks through all pages anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol

import msgspec

from greenflash_kafka.errors import InteractionsUnusable, KeyRefused
from greenflash_kafka.interactions.interaction import Interaction
from greenflash_kafka.interactions.known_interactions import KnownInteractions
from greenflash_kafka.interactions.page_answers import PageAnswer, PageVerdict, judge_page
from greenflash_kafka.interactions.page_order import OrderEvidence, PageOrder
from greenflash_kafka.interactions.page_walk import LIMIT, NewestWalk, OldestWalk, PagesRepeat, PageWalk
from greenflash_kafka.interactions.request_pace import RequestPace
from greenflash_kafka.ports import Clock, Listener

WHOLE_SHARE: Final = 9
"""After a walk through all pages so many times its duration pass before the next, where the order shows what is new."""

WHOLE_SECONDS: Final = 900.0
"""The most that passes then, in seconds."""

LOOK_SECONDS: Final = 0.1
SAY_AGAIN: Final = 60.0


class PullerSettings(msgspec.Struct, frozen=True):
    """`every`: seconds between two looks for what is new; `since`: the least creation, in seconds since 1970; `once`:
    end when all pages were read."""

    every: float = 30.0
    since: float | None = None
    once: bool = False


class PageSource(Protocol):
    """The service's pages."""

    def get(self, offset: int, limit: int) -> PageAnswer:
        """One page; waits for it."""
        ...

    def renew_key(self) -> None:
        """The key was refused: read it again."""
        ...


class PullCounts(msgspec.Struct):
    """What was done: requests that gave a page, records that were confirmed, walks through all pages."""

    requests: int = 0
    written: int = 0
    walks: int = 0


class Puller:
    """Drives the walks. One thread calls all of it. `write` writes items and waits until they are confirmed; it gives
    False if it was asked to stop before. `stopped` is asked between two steps."""

    def __init__(
        self,
        pages: PageSource,
        write: Callable[[Sequence[Interaction]], bool],
        known: KnownInteractions,
        pace: RequestPace,
        clock: Clock,
        listener: Listener,
        settings: PullerSettings,
        stopped: Callable[[], bool],
    ) -> None:
        self._pages, self._write, self._known, self._pace = pages, write, known, pace
        self._clock, self._listener, self._settings, self._stopped = clock, listener, settings, stopped
        self.order: PageOrder | None = None
        """The order that the pages have; None while nothing says so, or they have none."""
        self.pulled = PullCounts()
        self._told: dict[str, float] = {}
        self._failing = ""
        self._whole: PageWalk | None = None
        self._whole_due = clock.monotonic()
        self._look_due = self._whole_due + settings.every
        self._had = len(known)
        self._whole_began = 0.0
        self._evidence = OrderEvidence()
        self._look: PageWalk | None = None
        self._before: PageWalk | None = None
        """The walk that the next look goes on from."""

    def run(self) -> None:
        """Pull until it is stopped, or with `once` until all pages were read. Raises `KeyRefused` and
        `InteractionsUnusable` if the first request is refused."""
        while not self._stopped():
            walk = self._next_walk()
            if walk is None:
                if self._settings.once:
                    return
                self._rest(min(self._whole_due, self._look_due))
                continue
            self._rest(self._pace.due)
            if not self._stopped():
                self._step(walk)

    def _next_walk(self) -> PageWalk | None:
        """The walk whose page is next: what is new comes before the rest of all pages."""
        now = self._clock.monotonic()
        if self._look is None and now >= self._look_due:
            self._look = self._new_look()
            if self._look is None:
                # While nothing shows what is new there is nothing to do before the next walk.
                self._look_due = now + self._settings.every
        if self._look is not None:
            return self._look
        if self._whole is None and now >= self._whole_due and not (self._settings.once and self.pulled.walks):
            self._whole = PageWalk(self._clock.now())
            self._whole_began = now
            self._evidence = OrderEvidence()
        return self._whole

    def _new_look(self) -> PageWalk | None:
        if self.order is None or self._settings.once:
            return None
        # The first walk through all pages may take long, and what is new needn't wait for its end.
        before = self._before or self._whole
        if before is None or not before.requests:
            return None
        if self.order.first == "newest":
            return NewestWalk(self.order, self._clock.now(), before.horizon)
        last = before.last if before is self._before else self._had
        return OldestWalk(self.order, self._clock.now(), before.horizon, last) if last else None

    def _step(self, walk: PageWalk) -> None:
        assert walk.offset is not None
        verdict = judge_page(self._pages.get(walk.offset, LIMIT), self._clock.now())
        if verdict.meaning != "page":
            self._failed(verdict)
            return
        self._pace.answered(self._clock.monotonic())
        self._works(verdict)
        since = self._settings.since
        wanted = [each for each in verdict.items if since is None or each.created is None or each.created >= since]
        unknown = self._known.unknown(wanted)
        if unknown and not self._write(unknown):
            return
        self._known.add(unknown)
        self.pulled.written += len(unknown)
        self._took(walk, verdict.items, len(unknown))

    def _took(self, walk: PageWalk, items: Sequence[Interaction], unknown: int) -> None:
        try:
            walk.took(items, unknown)
        except PagesRepeat:
            raise InteractionsUnusable(
                "GET /interactions gives the same page for every offset, so only the first can be had: it isn't the "
                "API that this version knows"
            ) from None
        if walk is self._whole:
            self._evidence.add(items)
            self.order = self._evidence.order
        elif self.order is not None and not self.order.holds(items):
            # The pages aren't in the order that all of them were in: what is new may be anywhere.
            self.order, self._whole_due = None, self._clock.monotonic()
        if self._is_before_since(items):
            walk.offset = None
        if walk.offset is None:
            self._ended(walk)

    def _is_before_since(self, items: Sequence[Interaction]) -> bool:
        since, order = self._settings.since, self.order
        if since is None or order is None or order.first == "oldest" or not items:
            return False
        last = order.time_of(items[-1])
        return last is not None and last < since

    def _ended(self, walk: PageWalk) -> None:
        now = self._clock.monotonic()
        self._look_due = now + self._settings.every
        if walk is self._look:
            self._look = None
            self._before = walk
            return
        took = now - self._whole_began
        share = WHOLE_SHARE if self.order is not None else 1
        self._whole_due = now + max(self._settings.every, min(WHOLE_SECONDS, share * took))
        self._whole = None
        self.pulled.walks += 1
        if self._before is None or self._before.horizon < walk.horizon:
            self._before = walk
        if walk.written or self.pulled.walks == 1:
            self._listener.notice(
                "interactions_pulled",
                requests=walk.requests,
                written=walk.written,
                known=len(self._known),
                seconds=round(took, 1),
                order=str(self.order or "unordered"),
            )

    def _works(self, verdict: PageVerdict) -> None:
        self.pulled.requests += 1
        if self._failing:
            self._listener.notice("interactions_working", text=self._failing)
            self._failing = ""
            self._told.clear()
        if verdict.unreadable and self._may_say("unreadable"):
            self._listener.notice("interactions_unreadable", count=verdict.unreadable)

    def _failed(self, verdict: PageVerdict) -> None:
        if verdict.meaning == "refused":
            if not self.pulled.requests and not self._failing:
                raise KeyRefused(
                    f"Greenflash refused the API key ({verdict.text}). Check GREENFLASH_API_KEY, or the file that "
                    "greenflash.api_key_file names, and that the key may read interactions. Nothing was written"
                )
            self._pages.renew_key()
        if verdict.meaning == "wrong" and not self.pulled.requests and not self._failing:
            raise InteractionsUnusable(
                f"GET /interactions can't be had ({verdict.text}): check greenflash.base_url. Nothing was written"
            )
        wait = self._pace.failed(self._clock.monotonic(), verdict.wait)
        self._failing = verdict.text
        if self._may_say(verdict.text):
            self._listener.notice("interactions_failing", text=verdict.text, seconds=round(wait, 1))

    def _may_say(self, what: str) -> bool:
        now = self._clock.monotonic()
        if now - self._told.get(what, -SAY_AGAIN) < SAY_AGAIN:
            return False
        self._told[what] = now
        return True

    def _rest(self, until: float) -> None:
        while not self._stopped() and (left := until - self._clock.monotonic()) > 0:
            self._clock.sleep(min(left, LOOK_SECONDS))
