"""The checks of `doctor` for the consumer group: members, lag, and each partition that can't be read on."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from greenflash_kafka.app.settings import start_at
from greenflash_kafka.cli.check import SECONDS, Check, failed
from greenflash_kafka.config.model import Config
from greenflash_kafka.errors import BrokerUnreachable, GreenflashKafkaError
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.open_transaction import ending
from greenflash_kafka.ports import TopicPartition
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.ends import PartitionEnds
from greenflash_kafka.source.group_state import GroupState, describe_group
from greenflash_kafka.source.plan import InitialOffset, group_at_start, unsaid
from greenflash_kafka.source.samples import written_at
from greenflash_kafka.source.standing import Lag, gap, lag, still_open

AGAIN_SECONDS = 0.5
"""How long a question that failed waits to be asked again."""

LOOK_AGAIN_SECONDS = 3.0
"""A transaction that is open now and ended by then is none to be told of."""

HANGS_SECONDS = 900.0
"""The brokers abort a transaction after so long at the latest (transaction.max.timeout.ms) unless they are told
otherwise, or it hangs."""

MOST = 20
"""So many partitions are named one by one."""

Ends = Mapping[TopicPartition, PartitionEnds]


def group_checks(
    config: Config, cluster: AdminQueries, found: Mapping[str, int], ruleset: Ruleset | None
) -> Iterator[Check]:
    """The group, in the topics that were `found` (by their number of partitions); `ruleset` is that of the mapping
    files here, None if they have mistakes."""
    try:
        if cluster.is_mock():
            yield Check("group", "skipped", "the mock cluster can't be asked about groups")
            return
        partitions = [(topic, partition) for topic, count in found.items() for partition in range(count)]
        # In this order: what is committed meanwhile must not look as if it were past the end.
        state = describe_group(cluster, config.kafka.group, found)
        ends = ends_of(cluster, partitions)
        ids = cluster.ids(sorted({topic for topic, _ in state.committed}))
        starts = _starts(config, cluster, state, ends, unsaid if ruleset is None else ruleset.initial_offset)
    except GreenflashKafkaError as error:
        yield failed("group", error)
        return
    except Exception as error:  # offsets hands the client's own errors on
        todo = "grant this user Describe"
        yield Check("group", "failed", f"the ends of its partitions can't be read: {error}", todo)
        return
    yield Check("group", "ok", _said(config, state, lag(state.committed, ends, starts)))
    yield from _cut(list(_gaps(config, state, ends, ids)), "partitions")
    yield from _cut(list(_uncommitted(state, ends)), "topics")
    yield from _cut(list(transaction_checks(config, cluster, ends)), "transactions")
    yield _rules(state, "-" if ruleset is None else ruleset.version)


def ends_of(cluster: AdminQueries, partitions: Sequence[TopicPartition]) -> Ends:
    """The ends of these partitions. Asked again for a while: a partition whose leader is just changing gives no answer.

    Raises BrokerUnreachable.
    """
    until = time.monotonic() + SECONDS
    while True:
        try:
            return cluster.ask_ends(partitions).require(SECONDS + 1)
        except BrokerUnreachable:
            if time.monotonic() >= until:
                raise
            time.sleep(AGAIN_SECONDS)


def _starts(
    config: Config, cluster: AdminQueries, state: GroupState, ends: Ends, initial_offset: InitialOffset
) -> dict[TopicPartition, int]:
    """Where the partitions without a committed offset would begin."""
    group = group_at_start(ends, state.committed)
    fresh = [each for each in ends if each not in state.committed]
    starts: dict[TopicPartition, int] = {}
    for start, partitions in group.starts(fresh, start_at(config.kafka), initial_offset).items():
        starts |= cluster.offsets(partitions, start)
    # No record is so late: at the end.
    return {each: ends[each].stable if offset < 0 else offset for each, offset in starts.items()}


def _said(config: Config, state: GroupState, behind: Lag) -> str:
    name = config.kafka.group
    if not state.committed:
        said = f"{name} has no offsets yet: it will start at kafka.start: {config.kafka.start}"
        return f"{said}, lag {counted(behind.messages, 'message')}"
    members = counted(state.members, "member") if state.members else "no members: no consumer is running"
    said = f"{name} is {state.state.lower()}, {members}, lag {counted(behind.messages, 'message')}"
    if behind.fresh:
        said += f", {behind.of_fresh} of them in {counted(behind.fresh, 'partition')} without a committed offset"
    return said


def _gaps(config: Config, state: GroupState, ends: Ends, ids: Mapping[str, str | None]) -> Iterator[Check]:
    goes_on = config.kafka.on_missing_offsets == "continue"
    for (topic, partition), each in sorted(ends.items()):
        was = state.committed.get((topic, partition))
        said = None if was is None else gap(was, each, ids.get(topic))
        if said is None:
            continue
        name = f"partition {topic}/{partition}"
        if goes_on:
            todo = f"kafka.on_missing_offsets is continue: it is read on at offset {each.begin}; note what is missing"
            yield Check(name, "warning", said, todo)
        else:
            yield Check(name, "failed", said, _going_on(config, topic, partition, each.begin))


def _rules(state: GroupState, mine: str) -> Check:
    """By which versions of the rules the partitions were last committed; a warning if there are several."""
    name = "rules of the group"
    found = Counter(was.rules for was in state.committed.values() if was.rules)
    if not found:
        return Check(
            name, "ok", f"the mapping files here are version {mine}; nothing is committed that says by which rules"
        )
    parts = [
        f"{counted(count, 'partition')} by version {version}" + (" (the mapping files here)" if version == mine else "")
        for version, count in sorted(found.items())
    ]
    said = f"last committed {' and '.join(parts)}"
    if len(found) > 1:
        todo = (
            "each member judges the messages of its partitions by its own rules: in a rolling deployment, finish it. "
            "Otherwise give all members of the group the same mapping files, or each deployment a kafka.group of its "
            "own. If no member runs, starting all with the same files settles it"
        )
        return Check(name, "warning", said, todo)
    return Check(name, "ok", said if mine in found else f"{said}; the mapping files here are version {mine}")


def _going_on(config: Config, topic: str, partition: int, begin: int) -> str:
    return (
        "it halts there, the others go on. To go on with what there is, stop the group's members, then\n"
        f"  kafka-consumer-groups.sh --bootstrap-server {config.kafka.bootstrap_servers} --group {config.kafka.group} "
        f"--topic {topic}:{partition} --reset-offsets --to-offset {begin} --execute\n"
        "and start them again; or set kafka.on_missing_offsets: continue"
    )


def _uncommitted(state: GroupState, ends: Ends) -> Iterator[Check]:
    """A member commits where a partition begins before it hands on anything of it."""
    if not (state.members and state.committed and state.state == "STABLE"):
        return
    without: dict[str, list[int]] = {}
    for topic, partition in sorted(ends.keys() - state.committed.keys()):
        without.setdefault(topic, []).append(partition)
    for topic, partitions in without.items():
        which = ", ".join(str(each) for each in partitions[:MOST]) + (", ..." if len(partitions) > MOST else "")
        said = f"the group has members, but no offset is committed of partition(s) {which}"
        todo = (
            "nothing if the members have just started. If the topic was deleted and created again under them, they "
            "have halted it (partition_halted in their logs): restart them to read the new topic from its beginning. "
            "Otherwise no member reads it: do all have these mapping files?"
        )
        yield Check(f"offsets of {topic}", "warning", said, todo)


def transaction_checks(config: Config, cluster: AdminQueries, ends: Ends) -> Iterator[Check]:
    """The transactions that stay open in these partitions."""
    open_now = {key: each for key, each in ends.items() if each.transaction is not None}
    if not open_now:
        return
    time.sleep(LOOK_AGAIN_SECONDS)
    try:
        then = ends_of(cluster, list(open_now))
    except GreenflashKafkaError as error:
        yield failed("transactions", error)
        return
    standing = still_open(open_now, then)
    offsets = {key: then[key].stable for key in standing[:MOST]}
    since = written_at(cluster.properties, config.kafka.group, offsets, SECONDS) if offsets else {}
    for topic, partition in standing:
        yield _transaction(config, topic, partition, then[topic, partition], since.get((topic, partition)))


def _transaction(config: Config, topic: str, partition: int, ends: PartitionEnds, since: float | None) -> Check:
    transaction = ends.transaction
    assert transaction is not None
    said = transaction.words
    hangs = False
    if since is not None:
        hangs = time.time() - since >= HANGS_SECONDS
        said += f"; its first record is of {datetime.fromtimestamp(since, UTC):%Y-%m-%dT%H:%M:%SZ}"
    todo = ending(topic, partition, transaction.stable, config.kafka.bootstrap_servers)
    return Check(f"transaction {topic}/{partition}", "failed" if hangs else "warning", said, todo)


def _cut(checks: Sequence[Check], what: str) -> Iterator[Check]:
    yield from checks[:MOST]
    if len(checks) > MOST:
        failing = any(each.status == "failed" for each in checks[MOST:])
        said, todo = f"{len(checks) - MOST} more like these", "see to the first ones, then look again"
        yield Check(what, "failed" if failing else "warning", said, todo)
