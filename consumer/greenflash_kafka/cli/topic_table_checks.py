"""The checks of `doctor` for the topics of tables: rights, retention, compaction, and rows of the latest records."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

import msgspec

from greenflash_kafka.cases.link_reasons import duration
from greenflash_kafka.cli.check import SECONDS, Check, failed, missing_topics
from greenflash_kafka.cli.conversation_checks import HOLDS, SAMPLE, UNKNOWN, setting_number
from greenflash_kafka.cli.group_checks import ends_of, transaction_checks
from greenflash_kafka.cli.history_snapshot import compared_snapshot
from greenflash_kafka.config.model import Config
from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.topic_tables import PREFIX
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.rights import grant_command
from greenflash_kafka.source.samples import latest
from greenflash_kafka.source.start_questions import (
    TopicSettings,
    require_access,
    topic_settings,
)


class SampledRows(msgspec.Struct):
    """The rows that a sample of a topic's records gives: numbers of records, rows, deletions and problems, and, of each
    record's key, the keys of its rows; of each problem the coordinates of a record."""

    records: int = 0
    rows: Counter[str] = msgspec.field(default_factory=Counter)
    deleted: int = 0
    problems: Counter[str] = msgspec.field(default_factory=Counter)
    unkeyed: int = 0
    by_record: dict[tuple[str, bytes | None], set[str]] = {}
    examples: dict[str, str] = {}

    @property
    def shared(self) -> int:
        """Rows of which compaction would take some: their record's key is that of other rows, too."""
        return sum(len(keys) for (_, record), keys in self.by_record.items() if record is not None and len(keys) > 1)


def topic_table_checks(
    config: Config,
    cluster: AdminQueries,
    ruleset: Ruleset,
    environ: Mapping[str, str],
    row_keys: dict[str, set[str]],
) -> Iterator[Check]:
    """The topics of tables that a rule uses; `row_keys` is given the keys of rows in a sample, by table."""
    if not ruleset.tables:
        return
    try:
        there = cluster.matching(ruleset.table_topics, ())
        missing = cluster.missing(ruleset.table_topics)
        require_access(cluster, there, "Read")
    except GreenflashKafkaError as error:
        yield failed("topics of tables", error)
        return
    yield from missing_topics("table topic", missing)
    if cluster.is_mock():
        return
    try:
        ids = {name: each for name, each in cluster.ids(sorted(there)).items() if each is not None}
        rules = compared_snapshot(ruleset, config, cluster.cluster_id(), ids, environ)
        ends = ends_of(cluster, [(topic, each) for topic, count in there.items() for each in range(count)])
        yield from transaction_checks(config, cluster, ends)
        for name in sorted(there):
            own = {key: each for key, each in ends.items() if key[0] == name}
            sampled = sampled_rows(latest(cluster.properties, config.kafka.group, own, SAMPLE, SECONDS), rules)
            for (table, _), keys in sampled.by_record.items():
                row_keys.setdefault(table, set()).update(keys)
            settings = topic_settings(cluster, name)
            yield kept_check(name, there[name], settings, cluster.properties)
            yield from row_checks(name, ruleset.tables_in(name), sampled, compacted=_compacted(settings))
    except GreenflashKafkaError as error:
        yield failed("tables", error)


def sampled_rows(messages: Iterable[Message], rules: Snapshot) -> SampledRows:
    """The rows of these records."""
    found, resolver = SampledRows(), Resolver(rules)
    for message in messages:
        found.records += 1
        read = resolver.rows(message)
        for problem in read.problems:
            what = f"{problem.rule.removeprefix(PREFIX)}: {problem.code}" if problem.rule else problem.code
            found.problems[what] += 1
            found.examples.setdefault(what, message.coordinates)
        for row in read.found:
            found.rows[row.rule] += 1
            found.deleted += row.fields is None
            found.unkeyed += message.key is None
            found.by_record.setdefault((row.rule, message.key), set()).add(row.key)
    return found


def kept_check(name: str, partitions: int, settings: TopicSettings, properties: Mapping[str, str]) -> Check:
    """Whether the topic keeps the last row of each key. `properties` are those of the client that asks."""
    title = f"table topic {name}"
    policy = settings.value("cleanup.policy")
    if policy is None:
        said = (
            f"{counted(partitions, 'partition')}; its configuration can't be read, so that it is taken for "
            "compacted. If it has "
            "transactions, a customer who is told of after a message may have no row at first, and one when the "
            "message is read again. How long it keeps rows isn't known here, either"
        )
        todo = f"grant DescribeConfigs: {grant_command(properties, 'DescribeConfigs', topic=name)}"
        return Check(title, "warning", said, todo)
    compact = "set cleanup.policy=compact if a record's key is its row's; else "
    if "delete" in policy:
        retention = setting_number(settings.value("retention.ms"))
        if retention is not None and retention >= 0:
            said = f"it keeps records for {duration(retention)}: a row that isn't written again by then is gone"
            return Check(title, "warning", said, f"{compact}set retention.ms=-1")
        size = setting_number(settings.value("retention.bytes"))
        if size is not None and size >= 0:
            said = f"it keeps {size} bytes of each partition: rows that were written before these are gone"
            return Check(title, "warning", said, f"{compact}set retention.bytes=-1")
    said = counted(partitions, "partition")
    if _compacted(settings):
        said += ", compacted: the last row of each key stays, and stands in for earlier ones (`table_late`)"
    return Check(title, "ok", said)


def row_checks(name: str, tables: Iterable[str], sampled: SampledRows, *, compacted: bool) -> Iterator[Check]:
    """What the latest records of a topic give its tables."""
    title = f"rows in {name}"
    if not sampled.records:
        yield Check(title, "skipped", "it has no records")
        return
    said = ", ".join(f"{sampled.rows[each]} of {each.removeprefix(PREFIX)}" for each in tables)
    records = counted(sampled.records, "latest record gives", "latest records give")
    said = f"the {records} rows: {said}; {sampled.deleted} of them deletions"
    todo = []
    empty = [each.removeprefix(PREFIX) for each in tables if not sampled.rows[each]]
    if empty:
        todo.append(f"no record gives a row of {', '.join(empty)}: see its `when`, `key` and `fields`")
    for what, number in sampled.problems.most_common(3):
        one = sampled.examples.get(what)
        todo.append(f"{number} give no row: {what}" + (f"; see one: greenflash-kafka explain {one}" if one else ""))
    if compacted and sampled.unkeyed:
        rows = counted(sampled.unkeyed, "row stands in a record", "rows stand in records")
        todo.append(f"{rows} without a key, which compaction refuses or loses")
    if compacted and sampled.shared:
        todo.append(
            f"{counted(sampled.shared, 'row shares its', 'rows share their')} record's key with other rows: "
            "compaction keeps one of them. Let the "
            "producer use the row's key, or don't compact"
        )
    unknown = any(UNKNOWN in what for what in sampled.problems)
    if unknown:
        todo.append(HOLDS)
    yield Check(title, "failed" if unknown else "warning" if todo else "ok", said, "\n".join(todo))


def _compacted(settings: TopicSettings) -> bool:
    return "compact" in (settings.value("cleanup.policy") or "")
