"""The checks of `doctor` for conversation topics: rights, retention, stamps, delays, and whether ids are the same."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from greenflash_kafka.cases.link_reasons import duration
from greenflash_kafka.cli.check import SECONDS, Check, failed, missing_topics, unmatched
from greenflash_kafka.cli.group_checks import ends_of, transaction_checks
from greenflash_kafka.cli.history_snapshot import compared_snapshot
from greenflash_kafka.cli.link_words import shared_checks
from greenflash_kafka.cli.linted import read_behind_words
from greenflash_kafka.config.model import Config
from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.evaluate import explain
from greenflash_kafka.model.conversations import DAY_MS, LONGEST_DELAY_MS, ConversationSource
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.message import Message
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.rules.durations import duration_text
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.schemas.wanted import WITHOUT_REGISTRY
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.source.admin import AdminQueries
from greenflash_kafka.source.samples import latest
from greenflash_kafka.source.start_questions import TopicSettings, require_access, topic_settings

SAMPLE: Final = 1000
"""So many of the latest records of a topic are looked at."""

MOST: Final = 20
"""So many topics of each side are sampled."""

REASONS: Final = 3
"""So many reasons are named why records give a source nothing, the most frequent first."""

AHEAD_MS: Final = 60_000
"""Clocks differ by less; an activity that is later than its record's stamp by more has a wrong time."""

UNKNOWN: Final = "unknown-schema"

HOLDS: Final = (
    "a record whose schema the registry doesn't know holds all that links to its topic: for "
    "schema_registry.unknown_id_seconds, and without end while the registry knows none of the ids that messages name, "
    "unless others of the topic need no registry. Look whether it is the registry of their producers; if they are "
    f"JSON, {WITHOUT_REGISTRY}"
)
"""What to do about `UNKNOWN` in a topic that is read for others."""

_DELAYS: Final = (0, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400)
"""Delays that people write, in seconds."""


class _Sampled(msgspec.Struct):
    """What a sample of conversation topics gave: milliseconds from activity to record stamp by source, ids by the name
    of their key, numbers of records and problems by topic, why records gave a source nothing, and the coordinates of a
    record of each problem."""

    delays: dict[str, list[int]] = {}
    keys: dict[str, Counter[str]] = {}
    records: Counter[str] = msgspec.field(default_factory=Counter)
    unused: dict[str, Counter[str]] = {}
    problems: dict[str, Counter[str]] = {}
    examples: dict[tuple[str, str], str] = {}


def conversation_checks(
    config: Config, cluster: AdminQueries, ruleset: Ruleset, found: Iterable[str], environ: Mapping[str, str]
) -> Iterator[Check]:
    """The conversation topics, if a rule links to them; `found` are the topics that rules read."""
    if not ruleset.sources:
        return
    if not linking_topics(ruleset, found):
        said = "no rule that is read links to one of its product, so their topics aren't read"
        todo = "nothing, if no rule has a `link`; else compare `product_id` and `to`: `greenflash-kafka lint`"
        yield Check("conversations", "skipped", said, todo)
        return
    yield from _read_behind(ruleset)
    try:
        there = cluster.matching(ruleset.conversation_topics, ruleset.conversation_patterns)
        missing = cluster.missing(ruleset.conversation_topics)
        require_access(cluster, there, "Read")
    except GreenflashKafkaError as error:
        yield failed("conversation topics", error)
        return
    yield from missing_topics("conversation topic", missing)
    yield from unmatched("conversation topics", cluster, ruleset.conversation_patterns, "warning")
    if cluster.is_mock():
        return
    needed = ruleset.longest_lookback + DAY_MS
    for name, partitions in sorted(there.items()):
        yield _kept(name, partitions, topic_settings(cluster, name), needed)
    try:
        ids = {name: each for name, each in cluster.ids(sorted(there)).items() if each is not None}
        rules = compared_snapshot(ruleset, config, cluster.cluster_id(), ids, environ)
        ends = ends_of(cluster, [(topic, each) for topic, count in there.items() for each in range(count)])
        yield from transaction_checks(config, cluster, ends)
        sampled, resolver = _Sampled(), Resolver(rules)
        for name in sorted(there)[:MOST]:
            own = {key: each for key, each in ends.items() if key[0] == name}
            for message in latest(cluster.properties, config.kafka.group, own, SAMPLE, SECONDS):
                _note(sampled, message, rules, resolver)
        yield from _sources(ruleset, sampled, sorted(there), cluster)
        yield from shared_checks("activities", sampled.keys)
    except GreenflashKafkaError as error:
        yield failed("conversations", error)


def linking_topics(ruleset: Ruleset, found: Iterable[str]) -> list[str]:
    """Those of the topics whose rules link to a conversation source, sorted."""
    names = {source.name for source in ruleset.sources}
    return sorted(topic for topic in found if not names.isdisjoint(ruleset.waits_for(topic)))


def _read_behind(ruleset: Ruleset) -> Iterator[Check]:
    """How far behind the topics that link are read, and because of which sources."""
    for each in ruleset.read_behind:
        yield Check(f"delay of {each.topic}", "ok", read_behind_words(each))


def _kept(name: str, partitions: int, settings: TopicSettings, needed: int) -> Check:
    """Whether the topic keeps its records for as long as links look back."""
    title = f"conversation topic {name}"
    why = f"links look back {duration(needed - DAY_MS)}, and outcomes may come a day late"
    set_to = needed + DAY_MS
    policy = settings.value("cleanup.policy") or "delete"
    if "compact" in policy:
        lag = setting_number(settings.value("min.compaction.lag.ms"))
        if lag is not None and lag < needed:
            said = f"it is compacted after {duration(lag)}, and {why}: what is gone can't be linked to again"
            return Check(title, "warning", said, f"set min.compaction.lag.ms={set_to} (a day more, for lag)")
    retention = setting_number(settings.value("retention.ms"))
    if "delete" in policy and retention is not None and 0 <= retention < needed:
        said = f"it keeps records for {duration(retention)}, and {why}: what is gone can't be linked to again"
        return Check(title, "warning", said, f"set retention.ms={set_to} (a day more, for lag)")
    size = setting_number(settings.value("retention.bytes"))
    if "delete" in policy and size is not None and size >= 0:
        said = f"it keeps {size} bytes of each partition; {why}"
        todo = "see that this is enough for that time, or set retention.bytes=-1"
        return Check(title, "warning", said, todo)
    said = counted(partitions, "partition")
    match settings.value("message.timestamp.type"):
        case "LogAppendTime":
            said += ", stamped as they are appended: links are exact"
        case "CreateTime":
            said += (
                ", stamped by producers: links are exact as long as none delivers records more than 5 s after their "
                "stamp (message.timestamp.type=LogAppendTime: always)"
            )
    return Check(title, "ok", said)


def setting_number(text: str | None) -> int | None:
    """The number that a topic's setting is; None if it isn't one, or isn't known."""
    return int(text) if text is not None and text.lstrip("-").isdecimal() else None


def _note(sampled: _Sampled, message: Message, rules: Snapshot, resolver: Resolver) -> None:
    found = resolver.activities(message)
    sampled.records[message.topic] += 1
    for problem in found.problems:
        where = f"{problem.rule}: {problem.code}" if problem.rule else problem.code
        sampled.problems.setdefault(message.topic, Counter())[where] += 1
        sampled.examples.setdefault((message.topic, where), message.coordinates)
    recorded = message.record_ms
    for each in explain(message, rules) if not found.found else ():
        why = "its keys have no value" if each.condition is None else f"`{each.condition}` doesn't hold"
        if each.result != "invalid":
            sampled.unused.setdefault(each.rule, Counter())[why] += 1
    for activity in found.found:
        if recorded is not None:
            sampled.delays.setdefault(activity.rule, []).append(recorded - activity.at)
        for name, value in activity.keys:
            sampled.keys.setdefault(name, Counter())[value] += 1


def _sources(ruleset: Ruleset, sampled: _Sampled, there: Collection[str], cluster: AdminQueries) -> Iterator[Check]:
    append = {
        name for name in there if topic_settings(cluster, name).value("message.timestamp.type") == "LogAppendTime"
    }
    for topic, problems in sorted(sampled.problems.items()):
        example = sampled.examples[topic, problems.most_common(1)[0][0]]
        yield problem_check(topic, problems, sampled.records[topic], example)
    for source in ruleset.sources:
        name = f"conversation source {source.name}"
        delays = sorted(sampled.delays.get(source.name, ()))
        if delays:
            yield delay_check(source, delays, by_broker=append == set(there))
        elif any(sampled.records.values()):
            said = f"none of the {sampled.records.total()} latest records of conversation topics gives it an activity"
            why = sampled.unused.get(source.name, Counter()).most_common(REASONS)
            often = ", ".join(f"in {number} of them {each}" for each, number in why)
            todo = f"{often or 'see its topics, `when` and `keys`'}; try a message: `greenflash-kafka try`"
            yield Check(name, "warning", said, todo)
        else:
            yield Check(name, "skipped", "its topics have no records, so its delay can't be measured")


def problem_check(topic: str, problems: Counter[str], records: int, example: str) -> Check:
    """What is wrong with so many records of a topic: it only concerns these, unless they hold the others. `example`:
    the coordinates of a record of the most frequent problem."""
    code = problems.most_common(1)[0][0]
    found, of = counted(problems.total(), "problem"), counted(records, "record")
    several = " (each source that asks for a record may have one)" if problems.total() > records else ""
    said = f"{found} in {of} of {topic}{several}, most of all {code}"
    title, todo = f"conversations in {topic}", f"see one of them: greenflash-kafka explain {example}"
    if not problems[UNKNOWN]:
        return Check(title, "warning", said, todo)
    return Check(title, "failed", f"{said}; {problems[UNKNOWN]} of them {UNKNOWN}", HOLDS)


def delay_check(source: ConversationSource, delays: Sequence[int], *, by_broker: bool) -> Check:
    """Compare `max_delay` with the delays (milliseconds, sorted) of a sample; `by_broker`: brokers write the stamps."""
    name = f"conversation source {source.name}"
    written = source.max_delay_ms
    if not by_broker and delays[len(delays) // 100] == delays[-1 - len(delays) // 100] == 0:
        records = counted(len(delays), "record is", "records are")
        said = f"{records} stamped with the time of the activity, so their delay can't be measured"
        todo = (
            "set message.timestamp.type=LogAppendTime for its topic: a connector that catches up after an outage "
            "writes old stamps, and what it writes then may be linked in one run and not in another"
        )
        return Check(name, "warning", said, todo)
    p50, p99, most = (delays[min(len(delays) - 1, len(delays) * each // 100)] for each in (50, 99, 100))
    shown = ", ".join(f"{word} {_delay(ms)}" for word, ms in (("p50", p50), ("p99", p99), ("max", most)))
    said = f"delay of {counted(len(delays), 'record')}: {shown}; max_delay is {_delay(written)}"
    ahead = sum(each < -AHEAD_MS for each in delays)
    if ahead > len(delays) // 100:
        todo = (
            f"{ahead} of them are stamped more than {_delay(AHEAD_MS)} before their own activity, by up to "
            f"{_delay(-delays[0])}: correct zone and unit of `at`, or links choose wrong conversations"
        )
        return Check(name, "warning", said, todo)
    follows = proposal(p99)
    late = sum(each > written for each in delays)
    if late > len(delays) // 100:
        todo = f"{late} of them came later and don't count for what happened before: "
        if follows <= LONGEST_DELAY_MS:
            todo += f"max_delay: {duration_text(follows)}"
        else:
            todo += "correct zone and unit of `at`, if it is wrong by so much; max_delay can be 1h at most"
        return Check(name, "warning", said, todo)
    if follows * 4 <= written:
        said += f" ({duration_text(follows)} would do for 99 %, and what links would be read less far behind)"
    return Check(name, "ok", said)


def proposal(ms: int) -> int:
    """The shortest delay that people would write and that isn't shorter than this, in milliseconds."""
    return next((each * 1000 for each in _DELAYS if each * 1000 >= ms), math.ceil(ms / DAY_MS) * DAY_MS)


def _delay(ms: int) -> str:
    return duration(ms) if ms >= 0 else f"-{duration(-ms)}"
