"""Advice about rules beside the samples of their topics: the samples of files and folders, and the table of checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final

import re2

from greenflash_kafka.cases.case_schemas import CaseSchemas, schemas_beside
from greenflash_kafka.cases.cases_context import CONTEXT
from greenflash_kafka.cases.encoded_message import NotEncoded, encoded
from greenflash_kafka.cases.sample_advice.earlier_rows import check_earlier_values
from greenflash_kafka.cases.sample_advice.failing_fields import check_fields
from greenflash_kafka.cases.sample_advice.hundredfold_amounts import check_amounts
from greenflash_kafka.cases.sample_advice.personal_data import check_personal_data
from greenflash_kafka.cases.sample_advice.sampled_rules import SampledMessage, SampledRule
from greenflash_kafka.cases.sample_advice.unknown_paths import check_paths
from greenflash_kafka.cases.sample_advice.unlike_literals import check_literals
from greenflash_kafka.cases.sample_advice.unseen_decimals import check_decimals
from greenflash_kafka.cases.sample_files import FOLDER, SampleFile, sample_files
from greenflash_kafka.decoding.connect import has_schema
from greenflash_kafka.documents.file_tree import DISK, FileTree
from greenflash_kafka.evaluate import decoded
from greenflash_kafka.mappings.mapping import Understood
from greenflash_kafka.mappings.mapping_files import mapping_files
from greenflash_kafka.model.conversations import ConversationsUnreadable
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.rules.kafka_facts import KafkaFacts
from greenflash_kafka.rules.results import EvaluationResult
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.rules.topic_rules import TopicRules, message_scope
from greenflash_kafka.schemas.folder import SchemaFolder
from greenflash_kafka.snapshot import Snapshot

CHECKS: Final[tuple[Callable[[SampledRule], None], ...]] = (
    check_paths,
    check_literals,
    check_fields,
    check_earlier_values,
    check_amounts,
    check_personal_data,
)
"""What is said of one rule beside the samples of its topics."""


def advise_on_samples(
    files: Sequence[Understood],
    ruleset: Ruleset,
    more: Sequence[Path],
    folder: SchemaFolder | None = None,
    tree: FileTree = DISK,
) -> None:
    """Report about the rules of these files what the samples beside them show, and those in the folders `more`.
    `folder`: the schemas to look at in place of those beside the mapping files."""
    samples: dict[str, list[SampledMessage]] = {}
    schemas = schemas_beside((file.path for file in files), tree) if folder is None else CaseSchemas(folder)
    snapshot = Snapshot(ruleset, CONTEXT, schemas=schemas)
    for sample in dict.fromkeys(_sample_files(files, more, tree)):
        rules = ruleset.rules_for(sample.topic) if sample.topic else None
        read = None if rules is None else _read(sample, rules, snapshot, tree)
        if read is not None:
            samples.setdefault(sample.topic, []).append(read)
    for file in files:
        found = [each for topic, of_topic in samples.items() if _reads(file, topic) for each in of_topic]
        sampled = [SampledRule(*each, found, file.facts) for each in zip(file.facts, file.rules, strict=True)]
        for rule in sampled if found else ():
            for check in CHECKS:
                check(rule)
        check_decimals(file, sampled, schemas)


def _sample_files(files: Sequence[Understood], more: Sequence[Path], tree: FileTree) -> Iterator[SampleFile]:
    """The samples beside the files, and those of other folders. A mapping file that isn't looked at has its samples,
    too: they are of no topic that is known here."""
    by_folder: dict[Path, dict[str, tuple[str, ...]]] = {}
    for file in files:
        by_folder.setdefault(file.path.parent, {})[file.path.stem] = tuple(file.topics)
    for folder, topics in by_folder.items():
        if tree.is_folder(folder / FOLDER):
            beside = {path.stem: (f"of {path}",) for path, _ in mapping_files([folder], tree) if path.parent == folder}
            yield from sample_files(folder / FOLDER, {**beside, **topics}, tree)
    every = {stem: names for topics in by_folder.values() for stem, names in topics.items()}
    for folder in more:
        yield from sample_files(folder, every, tree)


def _reads(file: Understood, topic: str) -> bool:
    return topic in file.topics or any(re2.fullmatch(pattern, topic) for pattern in file.patterns)


def _read(sample: SampleFile, rules: TopicRules, snapshot: Snapshot, tree: FileTree) -> SampledMessage | None:
    """A sample, and what the rules of its topic make of it; None for a file that can't be read or encoded, of which
    `test` speaks."""
    try:
        content = tree.read(sample.path)
        message = encoded(Message(sample.topic, 0, 0, 0, None, content, (), "none"), snapshot)
    except (OSError, NotEncoded):
        return None
    typed = message.value != content or has_schema(content)
    format = snapshot.ruleset.format_of(sample.topic)
    message, payload = decoded(message, snapshot.decoders.decoder(sample.topic, None, format))
    if type(payload) is NotYet:
        return None
    facts = KafkaFacts(message)
    try:
        result = rules.apply(payload, facts, CONTEXT)
    except ConversationsUnreadable:
        result = EvaluationResult()
    explanations = rules.explain(payload, facts, CONTEXT)
    return SampledMessage(sample.topic, typed, payload, message_scope(payload, message, CONTEXT), explanations, result)
