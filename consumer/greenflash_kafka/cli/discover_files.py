"""The proposed mapping file with its cases: checked by what `lint`, `test` and `run` do, before anything is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import msgspec

from greenflash_kafka.cases.cases_context import CONTEXT
from greenflash_kafka.cases.cases_text import NoPlace
from greenflash_kafka.cases.linting import lint
from greenflash_kafka.cases.suite import run_suite
from greenflash_kafka.cases.take_case import TakenMessage, take_case
from greenflash_kafka.discovery.case_messages import case_message
from greenflash_kafka.discovery.kinds_of_event import KindOfEvent
from greenflash_kafka.discovery.proposal import Proposal, propose
from greenflash_kafka.discovery.proposed_rule import ProposedRule, slug
from greenflash_kafka.discovery.study import TopicStudy
from greenflash_kafka.loading import load
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import Schemas
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.snapshot import Snapshot

_TRIED: Final = 40
_MOST_INVALID: Final = 0.05
_TRIES: Final = 3


class ProposedFiles(msgspec.Struct, frozen=True):
    """A mapping file and its cases as texts, with what lint and test said of them, and what the rules make of the
    messages: how many of those tried gave an event, of how many."""

    proposal: Proposal
    cases: str
    count: int
    errors: tuple[str, ...]
    warnings: int
    passed: bool
    mapped: int
    tried: int

    @property
    def ok(self) -> bool:
        """Whether lint and test pass."""
        return not self.errors and self.passed


def proposed_files(
    study: TopicStudy, stem: str, sampled: str, schemas: Schemas | None, environ: Mapping[str, str]
) -> ProposedFiles:
    """Propose rules, take out what doesn't work on the messages themselves, and make a case of each rule."""
    name = slug(stem)
    without: frozenset[str] = frozenset()
    with TemporaryDirectory(prefix="greenflash-kafka-discover-") as folder:
        path = Path(folder) / f"{stem}.yaml"
        for _ in range(_TRIES):
            proposal = propose(study, name, sampled, without)
            path.write_text(proposal.text, encoding="utf-8")
            outcome = _tried(path, proposal, schemas, environ)
            if not outcome.broken - without and not outcome.amounts:
                break
            without |= outcome.broken
            study = _unsure(study, outcome.amounts)
        cases, count = _cases(path, study, proposal, environ)
        cases_path = path.with_name(f"{stem}_test.yaml")
        if cases:
            cases_path.write_text(cases, encoding="utf-8")
        errors, warnings = linted([Path(folder)], environ)
        passed = not cases or run_suite([path]).passed
    return ProposedFiles(proposal, cases, count, errors, warnings, passed, outcome.mapped, outcome.tried)


def linted(paths: Sequence[Path], environ: Mapping[str, str]) -> tuple[tuple[str, ...], int]:
    """What `lint` says of files: the errors, and how many warnings."""
    findings = lint(paths, environ).findings
    errors = tuple(f"{each.code}: {each.message}" for each in findings if each.severity == "error")
    return errors, sum(each.severity == "warning" for each in findings)


class _Outcome(msgspec.Struct):
    """What the rules make of messages; `broken` are fields of the defaults that don't work, `amounts` the kinds whose
    amounts don't, with the reason."""

    mapped: int = 0
    tried: int = 0
    broken: frozenset[str] = frozenset()
    amounts: dict[str, str] = {}


def _tried(path: Path, proposal: Proposal, schemas: Schemas | None, environ: Mapping[str, str]) -> _Outcome:
    loaded = load([path], environ, strict_env=False)
    found = _Outcome()
    if loaded.ruleset is None:
        return found
    resolver = Resolver(Snapshot(loaded.ruleset, CONTEXT, schemas=schemas))
    fields: Counter[str] = Counter()
    for rule in proposal.rules:
        values: Counter[str] = Counter()
        messages = _messages(rule.kind)
        for message in messages:
            outcome = resolver.outcome(message)
            found.tried += 1
            found.mapped += any(each.rule == rule.name for each in outcome.events)
            for problem in outcome.problems:
                if problem.rule == rule.name and problem.field == "value":
                    values[problem.message] += 1
                elif problem.field:
                    fields[problem.field] += 1
        if sum(values.values()) > _MOST_INVALID * len(messages):
            count = sum(values.values())
            found.amounts[rule.kind.name] = f"{count} of {len(messages)} amounts can't be read: {min(values)}"
    found.broken = frozenset(field for field, count in fields.items() if count > _MOST_INVALID * found.tried)
    return found


def _messages(kind: KindOfEvent) -> list[Message]:
    return list({each.message.coordinates: each.message for each in kind.examples}.values())[:_TRIED]


def _unsure(study: TopicStudy, amounts: Mapping[str, str]) -> TopicStudy:
    """The study with these amounts' units unknown."""
    replace = msgspec.structs.replace

    def unsure(kind: KindOfEvent) -> KindOfEvent:
        if kind.name not in amounts:
            return kind
        found = tuple(replace(each, unit="?", evidence=amounts[kind.name]) for each in kind.amounts[:1])
        return replace(kind, amounts=found)

    facts = tuple((unsure(kind), event) for kind, event in study.facts)
    return replace(study, kinds=tuple(map(unsure, study.kinds)), facts=facts)


def _cases(path: Path, study: TopicStudy, proposal: Proposal, environ: Mapping[str, str]) -> tuple[str, int]:
    """A case of each rule, with the first message that gives its event; and of what gives none, where there is any."""
    text, count = "", 0
    cases_path = path.with_name(f"{path.stem}_test.yaml")
    loaded = load([path], environ, strict_env=False)
    if loaded.ruleset is None:
        return "", 0
    resolver = Resolver(Snapshot(loaded.ruleset, CONTEXT))
    for rule in proposal.rules:
        message = _giving(rule, study, resolver)
        if message is not None:
            text, count = _with(text, count, cases_path, path, message, environ)
    for kind in proposal.without[:1] if proposal.rules else ():
        rule = proposal.rules[0]
        other = msgspec.structs.replace(rule, kind=kind)
        text, count = _with(text, count, cases_path, path, case_message(study, other, kind.examples[0]), environ)
    return text, count


def _with(
    text: str, count: int, cases: Path, mapping: Path, message: Message, environ: Mapping[str, str]
) -> tuple[str, int]:
    try:
        return take_case(cases, text, mapping, TakenMessage(message), environ).text, count + 1
    except NoPlace:
        return text, count


def _giving(rule: ProposedRule, study: TopicStudy, resolver: Resolver) -> Message | None:
    """A message that becomes the rule's event."""
    for document in rule.kind.examples[:_TRIED]:
        message = case_message(study, rule, document)
        if any(each.rule == rule.name for each in resolver.outcome(message).events):
            return message
    return None
