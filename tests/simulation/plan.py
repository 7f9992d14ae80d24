"""The faults of a simulation and their times: an explicit list made from a seed, so that it can be shortened."""

from __future__ import annotations

from random import Random
from typing import Literal

import msgspec
from confluent_kafka import KafkaError

from tests.simulation.chats import Linking, choose, choose_table
from tests.simulation.greenflash import FAULTS
from tests.simulation.kafka.cluster import BROKERS
from tests.simulation.points import LINKING_POINTS, POINTS, TABLE_POINTS

SECONDS = 12.0
"""How long messages are produced and faults happen; afterwards everything works, and must come to an end."""

CODES: dict[str, tuple[int | str, ...]] = {
    "OffsetCommit": (
        KafkaError.ILLEGAL_GENERATION,
        KafkaError.REBALANCE_IN_PROGRESS,
        KafkaError.UNKNOWN_MEMBER_ID,
        KafkaError.COORDINATOR_NOT_AVAILABLE,
        KafkaError.NOT_COORDINATOR,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        "lost",
        "unsent",
    ),
    "Metadata": (KafkaError.TOPIC_AUTHORIZATION_FAILED, KafkaError.REQUEST_TIMED_OUT, "unsent"),
    "OffsetFetch": (KafkaError.COORDINATOR_LOAD_IN_PROGRESS, KafkaError.NOT_COORDINATOR),
    "ListOffsets": (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.UNKNOWN_TOPIC_OR_PART),
    "Fetch": (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.UNKNOWN_TOPIC_OR_PART),
    "Heartbeat": (KafkaError.UNKNOWN_MEMBER_ID, KafkaError.ILLEGAL_GENERATION),
    "JoinGroup": (KafkaError.COORDINATOR_LOAD_IN_PROGRESS,),
    "Produce": (
        KafkaError._MSG_TIMED_OUT,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.NOT_ENOUGH_REPLICAS,
        "lost",
        "unsent",
    ),
}
"""What the broker can be made to answer, by request; `lost` is done without an answer, `unsent` never arrives."""

LINKING = 0.2
"""The share of the seeds whose rules link outcomes to conversations."""

TABLES = 0.1
"""The share of the other seeds whose rules look up in a table that a topic tells, and perhaps link too."""


class Setting(msgspec.Struct, frozen=True):
    """How the processes of a run are set up, and what is produced."""

    processes: int
    partitions: int
    messages: int
    in_flight: int
    max_uncommitted: int
    max_uncommitted_seconds: float | None
    give_up_after: float | None
    start: str | float
    """`earliest`, `latest`, or a moment: seconds after the begin."""
    on_missing: Literal["halt", "continue"]
    commit_seconds: float
    revoke_seconds: float
    drain_seconds: float
    lazy_seconds: float
    latency: float
    protocol: Literal["classic", "consumer"]
    eager: bool
    """The assignor is `range`: in a rebalance everybody gives everything back. Only under `classic`."""
    order: Literal["none", "key"]
    max_events_per_second: float | None
    refusal: int
    """The status for an event that the service refuses for good."""
    rules_change: float | None
    """From this second on, new lives of a process load `traffic.CHANGED_RULES`."""
    not_yet: float | None = None
    """Most messages can't be evaluated at once, but after so many seconds at most."""
    max_waiting_bytes: int = 16 * 1024 * 1024
    linking: Linking | None = None
    begins: float = 0.0
    """The second at which processes are started first."""


class Fault(msgspec.Struct, frozen=True):
    """One thing that goes wrong: at second `at`; `who` is a process's, broker's, topic's or partition's number, the
    rest by kind."""

    at: float
    kind: str
    who: int = 0
    seconds: float = 0.0
    name: str = ""
    number: int = 0
    share: float = 1.0

    def __str__(self) -> str:
        said = f"{self.at:7.3f} s  {self.kind}"
        for field in ("who", "seconds", "name", "number", "share"):
            value = getattr(self, field)
            if value not in (0, 0.0, "", 1.0) or (field == "who" and self.kind in PROCESS_KINDS):
                said += f" {field}={value}"
        return said


class Plan(msgspec.Struct, frozen=True):
    """A whole run."""

    seed: int
    setting: Setting
    faults: tuple[Fault, ...]


PROCESS_KINDS = ("crash", "kill", "sigterm", "freeze", "join", "clock", "pr5604")
KINDS = (
    *PROCESS_KINDS, "crash", "crash", "api", "api", "api", "api", "brokers", "silence", "broker", "broker", "answer",
    "answer", "answer", "no ids", "marker", "aborted", "compaction", "retention", "truncation", "recreation",
    "partitions", "no dead letters",
)  # fmt: skip


def make(seed: int) -> Plan:
    """The plan of a seed: always the same one."""
    random = Random(f"plan {seed}")
    # Of its own, so that the seeds of before mean what they meant.
    waiting = Random(f"waiting {seed}")
    one_of = random.choice
    protocol: Literal["classic", "consumer"] = one_of(("classic", "consumer"))
    in_flight, max_uncommitted = one_of((1, 2, 4, 8, 16, 64)), one_of((2, 5, 20, 10_000))
    # Refused for good before anything was accepted, 422 may mean a wrong address, and waits for an operator: fatal
    # for the end of a simulation where such messages alone fill all the room that there is.
    roomy = in_flight >= 16 and max_uncommitted >= 20
    setting = Setting(
        processes=one_of((1, 1, 2, 2, 3)),
        partitions=one_of((1, 2, 3)),
        messages=one_of((20, 40, 60)),
        in_flight=in_flight,
        max_uncommitted=max_uncommitted,
        max_uncommitted_seconds=one_of((None, None, 1.0, 5.0)),
        give_up_after=one_of((None, None, 2.0, 6.0)),
        start=one_of(("earliest", "earliest", "latest", "latest", round(random.random() * 3.0, 3))),
        on_missing=one_of(("halt", "continue")),
        commit_seconds=one_of((0.5, 1.0, 3.0)),
        revoke_seconds=one_of((0.0, 1.0, 5.0)),
        drain_seconds=one_of((0.0, 1.0, 10.0)),
        lazy_seconds=one_of((0.05, 0.2)),
        latency=one_of((0.005, 0.05, 0.3)),
        protocol=protocol,
        eager=protocol == "classic" and random.random() < 0.4,
        order=one_of(("none", "key")),
        max_events_per_second=one_of((None, None, 20.0)),
        refusal=one_of((400, 413, 422)) if roomy else 413,
        rules_change=one_of((None, round(random.random() * SECONDS, 3))),
        not_yet=waiting.choice((None, None, 0.5, 4.0)),
        max_waiting_bytes=waiting.choice((1_500, 5_000, 16 * 1024 * 1024)),
    )
    faults = [_fault(random, setting) for _ in range(one_of((0, 2, 4, 6, 9)))]
    linking = Random(f"linking {seed}")
    if linking.random() < LINKING:
        kinds = linking.choice(LINKING_KINDS)
        refusal = Random(f"unknown {seed}").choice((0, 0, 404, 422))
        chosen = msgspec.structs.replace(choose(linking), refusal=refusal)
        if len(set(kinds)) == 1:
            # What is kept decides, and the order of the stamps.
            chosen = msgspec.structs.replace(chosen, loses=0.0, late=chosen.most_late)
        setting = msgspec.structs.replace(setting, linking=chosen)
        faults += [_linking_fault(linking, setting, each) for each in kinds]
    tables = Random(f"tables {seed}")
    if setting.linking is None and tables.random() < TABLES:
        kinds, table = tables.choice(TABLE_KINDS), choose_table(tables)
        setting = msgspec.structs.replace(setting, linking=table)
        if table.rows is not None and table.rows.compacted and tables.random() < 0.6:
            # What is read of the table first is what compaction has left.
            setting = msgspec.structs.replace(setting, begins=tables.choice((4.0, 8.0)), start="earliest")
            kinds = (*kinds, *("rows compaction",) * 3)
        faults += [_linking_fault(tables, setting, each) for each in kinds]
    return Plan(seed, setting, tuple(sorted(faults, key=lambda each: each.at)))


LINKING_KINDS = (
    (),
    ("crash", "kill", "freeze", "chats hang", "chats partition"),
    ("chats partition", "chats partition", "chats partition", "crash"),
    ("freeze", "chats hang", "chats hang", "chats hang", "chats slow", "chats slow", "chats slow"),
    ("crash",) * 6,
    ("kill",) * 5,
)
"""What else goes wrong in a run that links: everything, or one thing again and again."""


TABLE_KINDS = (
    (),
    ("crash", "kill", "freeze", "rows hang", "rows partition", "rows compaction"),
    ("rows compaction", "rows compaction", "kill", "rows compaction", "kill"),
    ("rows partition", "rows partition", "rows compaction", "crash"),
    ("freeze", "rows hang", "rows hang", "rows slow", "rows slow"),
    ("crash",) * 6,
    ("kill",) * 5,
)
"""The same of a run with a table."""


def _linking_fault(random: Random, setting: Setting, kind: str) -> Fault:
    at, who = round(random.random() * SECONDS, 3), random.randrange(setting.processes)
    match kind:
        case "crash":
            tables = setting.linking is not None and setting.linking.rows is not None
            points = TABLE_POINTS if tables else LINKING_POINTS
            return Fault(at, kind, who, 0.0, random.choice(points), random.choice((1, 1, 2, 5)))
        case "freeze":
            return Fault(at, kind, who, round(1 + random.random() * 4, 3))
        case "rows compaction":
            return Fault(at, kind, number=random.choice((1, 1, 3, 10)))
        case "chats hang" | "rows hang":
            return Fault(at, kind, random.randrange(4), round(3 + random.random() * 5, 3))
        case "chats slow" | "chats partition" | "rows slow" | "rows partition":
            return Fault(at, kind, 0, round(2 + random.random() * 4, 3))
        case _:
            return Fault(at, kind, who)


def _fault(random: Random, setting: Setting) -> Fault:
    at = round(random.random() * SECONDS, 3)
    kind = random.choice(KINDS)
    who = random.randrange(setting.processes)
    seconds = round(random.choice((0.3, 1.0, 4.0, 8.0)) * (0.5 + random.random()), 3)
    match kind:
        case "crash":
            return Fault(at, kind, who, seconds, random.choice(POINTS), random.choice((1, 1, 2, 5, 20)))
        case "api":
            return Fault(at, kind, 0, seconds, random.choice(FAULTS), share=random.choice((0.2, 0.6, 1.0)))
        case "answer":
            name = random.choice(sorted(CODES))
            return Fault(
                at, kind, 0, share=float(random.choice((1, 3, 10))), name=f"{name} {random.choice(CODES[name])}"
            )
        case "clock":
            return Fault(at, kind, who, seconds=random.choice((-3600.0, 3600.0, 31_536_000.0)))
        case "marker" | "aborted" | "compaction" | "retention" | "truncation":
            return Fault(at, kind, random.randrange(2 * setting.partitions), number=random.randint(1, 5))
        case "partitions":
            return Fault(at, kind, number=setting.partitions + random.randint(1, 2))
        case "broker":
            # `number` 1: it isn't gone but silent.
            return Fault(at, kind, random.randrange(BROKERS), seconds, number=random.randrange(2))
        case "recreation":
            # With as many messages at once as there were before, or more, or none; and perhaps nobody tells its id.
            number, share = random.choice((0, 3, 30)), random.choice((1.0, 1.0, 0.0))
            return Fault(at, kind, random.randrange(2), seconds / 4, number=number, share=share)
        case _:
            return Fault(at, kind, who, seconds)
