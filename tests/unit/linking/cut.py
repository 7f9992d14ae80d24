"""A world of logs, outcomes and a process that dies: each decision is compared with an oracle over the whole logs.

`python -m tests.unit.linking.cut SEEDS` runs more of them.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any

from greenflash_kafka.linking.logged import LoggedConversations
from greenflash_kafka.linking.reader_settings import ReaderSettings
from greenflash_kafka.linking.table import ActivityTable
from greenflash_kafka.linking.topic_reader import ConversationTopicReader
from greenflash_kafka.model.activities import NO_ACTIVITIES, Activities
from greenflash_kafka.model.conversations import Activity, ConversationSource, Question, Touch
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import TopicPartition
from tests.fakes.conversation_log import Entry, FakeConversationLog, FakePartition
from tests.simulation.world import Notices

EPOCH = 1_795_000_000_000
MINUTE = 60_000
MARGIN = 5_000
LATE = 200_000
EARLY = 60_000
PRODUCER_DELAY = 3_000


class CutClock:
    """Time that the world moves; each look at it takes a moment, so that turns end in the middle of something."""

    def __init__(self, rnd: random.Random, skew: int) -> None:
        self._rnd = rnd
        self._skew = skew
        self.wall = EPOCH
        self._spent = 0.0

    def monotonic(self) -> float:
        self._spent += self._rnd.random() * 0.002
        return (self.wall - EPOCH) / 1000 + self._spent

    def now(self) -> float:
        return (self.wall + self._skew) / 1000

    def sleep(self, seconds: float) -> None:
        self.wall += int(seconds * 1000)


class Outcome:
    """A message that links: when it was recorded, and its question."""

    def __init__(self, recorded: int, question: Question) -> None:
        self.recorded = recorded
        self.question = question


class World:
    """Everything that a seed decides. `dense`: many records within each second."""

    def __init__(self, seed: int, regime: str, dense: bool) -> None:
        rnd = self.rnd = random.Random(seed)
        self._odd = random.Random(-seed - 1)
        # So much is told early, or reported late; in the other worlds nothing is.
        self._share = 0.3 if seed % 4 == 3 else 0.0
        self.sources = (
            ConversationSource("chat", ("user",), rnd.choice([0, 5_000, 60_000])),
            ConversationSource("voice", ("user",), rnd.choice([0, 20_000])),
        )
        self.names = rnd.choice([("chat",), ("chat",), ("chat", "voice")])
        self.skew = rnd.randrange(-1500, 1500)
        self.lookback = rnd.choice([30_000, 300_000, 10_000_000])
        span, number, users = (10_000, 200, 2) if dense else (600_000, 70, 4)
        # Where much has the same stamp, and horizons fall on stamps.
        self.grain = 50 if dense else 1
        self.told: dict[tuple[str, int, int], Activities] = {}
        self.partitions = self._logs(regime, span, number, users)
        self.end = EPOCH + span + 200_000
        self.outcomes = [self._outcomes(span, users) for _ in range(2)]

    def _logs(self, regime: str, span: int, number: int, users: int) -> dict[TopicPartition, FakePartition]:
        rnd = self.rnd
        keys = [("chat", 0), ("chat", 1), ("chat", 2), ("voice", 0)]
        made = dict.fromkeys(keys, 0)
        if rnd.random() < 0.5:
            made["chat", 2] = EPOCH + rnd.randrange(span)
        sent = []
        for _ in range(number):
            at = EPOCH + rnd.randrange(span)
            stamp = at + rnd.choice([rnd.randrange(500), rnd.randrange(5_000), rnd.randrange(120_000)])
            user = rnd.randrange(users)
            if self._odd.random() < self._share:
                # Told before it happens; some too early.
                stamp = max(EPOCH, at - self._odd.randrange(EARLY + EARLY // 4))
            stamp -= stamp % self.grain
            sent.append((stamp + rnd.randrange(PRODUCER_DELAY), stamp, at, f"u{user}", f"c{user}-{rnd.randrange(3)}"))
        logs: dict[TopicPartition, list[Entry]] = {key: [] for key in keys}
        silent = rnd.choice([None, *keys])
        open_until: dict[TopicPartition, int] = {}
        for wall, stamp, at, user_id, conversation in sorted(sent):
            key = rnd.choice([each for each in keys if made[each] <= wall])
            if key == silent and rnd.random() < 0.9:
                continue
            log = logs[key]
            if key in open_until and open_until[key] <= wall:
                log.append(Entry(open_until.pop(key), None, 0))
            if key not in open_until and rnd.random() < 0.1:
                open_until[key] = wall + rnd.choice([500, 5_000, 40_000])
            ends = open_until.get(key, wall)
            stamp = wall - wall % self.grain if regime == "append" else stamp
            message = Message(key[0], key[1], len(log), stamp, timestamp_type=regime)
            if rnd.random() < 0.05:
                log.append(Entry(wall, None, ends))
                continue
            log.append(Entry(wall, message, ends))
            if rnd.random() < 0.9:
                activity = Activity(key[0], None, conversation, at, (("user", user_id),))
                self.told[key[0], key[1], message.offset] = Activities((activity,))
        for key, wall in open_until.items():
            logs[key].append(Entry(wall, None, 0))
        return {key: FakePartition(log, made[key]) for key, log in logs.items()}

    def _outcomes(self, span: int, users: int) -> list[Outcome]:
        rnd = self.rnd
        found = []
        for _ in range(15):
            at = EPOCH + rnd.randrange(span)
            recorded = at + rnd.choice([rnd.randrange(2_000), rnd.randrange(2_000), rnd.randrange(LATE)])
            if self._odd.random() < self._share:
                recorded = at + self._odd.randrange(3 * LATE)
            recorded -= recorded % self.grain
            touch: Touch = rnd.choice(["last", "last", "first", "single"])
            keys = (("user", f"u{rnd.randrange(users)}"),)
            found.append(Outcome(recorded, Question(self.names, "p", keys, at, recorded, self.lookback, touch)))
        found.sort(key=lambda each: each.recorded + rnd.choice([0, 0, rnd.randrange(20_000)]))
        return found

    def activities(self, message: Message) -> Activities:
        return self.told.get((message.topic, message.partition, message.offset), NO_ACTIVITIES)

    def truth(self, question: Question) -> tuple[str, str, int]:
        """Definition by definition, over the whole logs."""
        rows: dict[tuple[str, int, str], tuple[int, int]] = {}
        for (topic, _), partition in self.partitions.items():
            if topic not in question.to:
                continue
            horizon = question.recorded + next(each.max_delay_ms for each in self.sources if each.name == topic)
            clock = -1
            for entry in partition.entries:
                if entry.message is None:
                    continue
                clock = max(clock, entry.message.timestamp_ms)
                if clock > horizon:
                    break
                for each in self.activities(entry.message).found:
                    if each.keys == question.keys and each.at <= entry.message.timestamp_ms + EARLY:
                        place = topic, each.at // MINUTE, each.conversation
                        rows[place] = min(rows.get(place, (clock, each.at)), (clock, each.at))
        # An outcome that is recorded too late has a shorter lookback: whatever a process knows, older ones don't count.
        late = question.at < question.recorded - LATE
        low, high = (question.recorded - LATE if late else question.at) - question.lookback, question.at + 5_000
        counted = sorted((at, conversation) for (_, _, conversation), (_, at) in rows.items() if low <= at <= high)
        if not counted:
            return "reported-late" if late else "none", "", 0
        if question.touch == "single" and len({each[1] for each in counted}) > 1:
            return "ambiguous", "", 0
        if late and question.touch != "last":
            return "reported-late", "", 0
        at, conversation = counted[0 if question.touch == "first" else -1]
        return "linked", conversation, at


Make = Callable[..., ConversationTopicReader]
"""Makes a reader of the arguments of ConversationTopicReader."""


class Process:
    """The lives of one process over a world."""

    def __init__(self, world: World, make: Make = ConversationTopicReader, plant: Callable[[Any], None] | None = None):
        self.world = world
        self.rnd = world.rnd
        self.clock = CutClock(world.rnd, world.skew)
        self.counts: Counter[str] = Counter()
        self.listener = Notices()
        self._make = make
        self._plant = plant
        self._table = ActivityTable()
        self._start()

    def _start(self) -> None:
        world, table = self.world, self._table
        self.log = FakeConversationLog(world.partitions, self.rnd, world.skew)
        if self._plant is not None:
            self._plant(self.log)
        self.conversations = LoggedConversations(
            world.sources, table, self.clock, lookback=world.lookback, late=LATE, margin=MARGIN
        )
        settings = ReaderSettings(
            world.lookback,
            MARGIN,
            LATE,
            EARLY,
            spare=self.rnd.choice([0, 20_000]),
            ahead=self.rnd.choice([60_000, 3_600_000]),
            batch=self.rnd.choice([5, 1000]),
            portion=self.rnd.choice([1, 3, 250]),
        )
        sources_of = {each.name: (each.name,) for each in world.sources}
        self.reader = self._make(
            self.log,
            table,
            self.conversations,
            world.sources,
            sources_of.__getitem__,
            world.activities,
            self.clock,
            self.listener,
            settings,
        )

    def _die(self) -> None:
        """Killed: what isn't committed is lost, and sometimes the whole table."""
        self._table.undo()
        if self.rnd.random() < 0.5:
            self._table.close()
            self._table = ActivityTable()
        self.counts["crashes"] += 1
        self._start()

    def run(self) -> Counter[str]:
        """Decide all outcomes, dying now and then."""
        world, rnd = self.world, self.rnd
        committed, at = [0, 0], [0, 0]
        total = [len(each) for each in world.outcomes]
        while committed != total:
            self.clock.wall += rnd.choice([50, 400, 400 if world.grain > 1 else rnd.randrange(4_000)])
            self.log.wall = self.clock.wall
            self._read()
            for line, outcomes in enumerate(world.outcomes):
                while at[line] < total[line] and self._decided(outcomes[at[line]]):
                    at[line] += 1
            self._report(at)
            chance = rnd.random()
            if chance < 0.05 or at == total:
                committed = list(at)
            elif chance < 0.08:
                self._die()
                at = list(committed)
            if self.clock.wall > world.end + 3_000_000:
                self.counts["stuck"] += 1
                break
        self._table.close()
        return self.counts

    def _read(self) -> None:
        for _ in range(self.rnd.randrange(1, 4)):
            self.reader.turn()
            assert self.reader.wait >= 0

    def _decided(self, outcome: Outcome) -> bool:
        # Messages are there once they are recorded, by the clock of whoever writes them.
        if outcome.recorded > self.clock.wall:
            return False
        if not self.conversations.known(self.world.names, outcome.recorded):
            return False
        found = self.conversations.find(outcome.question)
        truth = self.world.truth(outcome.question)
        self.counts["decided"] += 1
        self.counts[truth[0]] += 1
        if (found.result, found.conversation, found.at) != truth:
            self.counts["wrong"] += 1
        return True

    def _report(self, at: list[int]) -> None:
        heads = [
            outcomes[at[line]].recorded
            for line, outcomes in enumerate(self.world.outcomes)
            if at[line] < len(outcomes) and outcomes[at[line]].recorded <= self.clock.wall
        ]
        if heads and self.rnd.random() < 0.5:
            self.reader.progress(min(heads), max(heads))
        self.reader.report()


def run(seeds: int, make: Make = ConversationTopicReader, plant: Callable[[Any], None] | None = None) -> Counter[str]:
    """So many worlds of each kind; what was decided, and how much of it differs from the oracle."""
    counts: Counter[str] = Counter()
    for seed in range(seeds):
        for regime in ("append", "create"):
            for dense in (False, True):
                counts += Process(World(seed, regime, dense), make, plant).run()
    return counts


if __name__ == "__main__":
    print(dict(run(int(sys.argv[1]))))
