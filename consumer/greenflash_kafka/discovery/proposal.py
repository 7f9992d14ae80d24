"""A mapping file made of what was found in a topic. Each conclusion stands beside its figure; what isn't sure is marked
`# ?`, or stands in a comment; and every rule is a draft until its lines have been read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from greenflash_kafka.cases.yaml_text import scalar
from greenflash_kafka.discovery.kinds_of_event import KindOfEvent
from greenflash_kafka.discovery.known_events import SuggestedEvent
from greenflash_kafka.discovery.path_values import path_text, words_of
from greenflash_kafka.discovery.proposed_conversations import conversation_lines, is_chat
from greenflash_kafka.discovery.proposed_defaults import best_id, default_lines, own_fields
from greenflash_kafka.discovery.proposed_rule import ProposedRule, SuccessField, commented, equality, rule_lines, slug
from greenflash_kafka.discovery.study import TopicStudy

_SUCCEEDED: Final = (("success",), ("succeeded",), ("successful",), ("is", "success"), ("is", "successful"))
_NEARLY: Final = 0.9
_ROWS: Final = {"c": "created", "u": "changed", "d": "deleted"}


class Proposal(msgspec.Struct, frozen=True):
    """The proposed file's text, its rules (none for a chat's topic, of which conversations are described), and the
    event names that got none."""

    text: str
    rules: tuple[ProposedRule, ...]
    without: tuple[KindOfEvent, ...]


def propose(study: TopicStudy, name: str, sampled: str, without: frozenset[str] = frozenset()) -> Proposal:
    """The mapping file for a topic; `name` begins the names of its rules, `sampled` says what was looked at. Fields of
    the defaults that are in `without` stand in comments: they don't work on the messages."""
    rules, others = ([], list(study.kinds)) if is_chat(study) else _rules(study, name)
    lines = [*_head(study, sampled)]
    if rules:
        lines += [*default_lines(study, without), "rules:"]
    for rule in rules:
        lines += [*rule_lines(rule, study.table.documents), ""]
    lines += _ignored(study, others) if rules else ()
    lines += conversation_lines(study)
    while not lines[-1]:
        lines.pop()
    return Proposal("\n".join(lines) + "\n", tuple(rules), tuple(others))


def _head(study: TopicStudy, sampled: str) -> Iterator[str]:
    documents = study.documents
    yield f"# Proposed by `greenflash-kafka discover`, from {sampled}."
    yield "# A figure behind a line is what it stands on. Lines with `# ?` are guesses: read and correct each, and"
    yield "# take the mark away. Rules with `draft: true` are evaluated and counted, and send nothing."
    yield "version: 1"
    yield "source:"
    yield f"  topics: [{scalar(documents.topic)}]"
    if documents.envelope != "none":
        yield commented(f"  envelope: {documents.envelope}", "payload is what it wraps, envelope is around it")
    if not is_chat(study):
        yield commented("  initial_offset: latest", "what was before: greenflash-kafka backfill")
    if documents.root == "item":
        yield commented(f"each: {documents.each}", "a list: each element is a fact")
    if documents.root == "body":
        yield "let:"
        yield commented("  body: = parse_json(payload)", "the payload is JSON in a text")


def _rules(study: TopicStudy, name: str) -> tuple[list[ProposedRule], list[KindOfEvent]]:
    """Rules for the facts, and the other kinds."""
    rules: list[ProposedRule] = []
    for kind, event in study.facts:
        base = slug("_".join((name, *_words(kind))))
        taken, unique, number = {rule.name for rule in rules}, base, 2
        while unique in taken:
            unique, number = f"{base}_{number}", number + 1
        own, success = own_fields(study, kind), _success(kind, event)
        rules.append(ProposedRule(unique, kind, event, _condition(study, kind), own, success))
    chosen = {kind.values for kind, _ in study.facts}
    return rules, [kind for kind in study.kinds if kind.values not in chosen]


def _words(kind: KindOfEvent) -> Iterator[str]:
    """What the name of a rule says of its event name."""
    for value in kind.values if kind.state is None else kind.values[:-1]:
        yield _ROWS.get(value, value)
    if kind.state is not None:
        yield from (str(kind.state.way[-1]), kind.state.value)


def _condition(study: TopicStudy, kind: KindOfEvent) -> tuple[str, ...]:
    if study.name_ways and kind.name:
        return _has_name(study, kind)
    # A rule needs a condition: the most common path that isn't there by chance.
    best = best_id(study)
    paths = [each for each in study.table.paths.values() if not each.in_a_list and each.present and len(each.way) > 1]
    if best is None and not paths:
        return (equality(("kafka", "topic"), study.documents.topic),)
    there = best.way if best is not None else max(paths, key=lambda each: (each.present, -len(each.way), each.way)).way
    return (f"{scalar(path_text(there, bare=True))}: {{exists: true}}",)


def _has_name(study: TopicStudy, kind: KindOfEvent) -> tuple[str, ...]:
    """The lines of `when` by which a message has the kind's event name."""
    lines = []
    for way, value in zip(study.name_ways, kind.values, strict=True):
        lines.append(equality(way, value) if value else f"{scalar(path_text(way, bare=True))}: {{exists: false}}")
    if kind.state is not None:
        path = scalar(path_text(kind.state.way, bare=True))
        lines.append(f"{path}: {{becomes: {scalar(kind.state.value)}}}")
    return tuple(lines)


def _success(kind: KindOfEvent, event: SuggestedEvent) -> SuccessField | None:
    """The field that says whether a good event's fact succeeded, if it isn't the same in all messages."""
    if event.influence != "positive":
        return None
    for each in kind.table.paths.values():
        last = words_of((each.way[0], each.way[-1]))
        values = {text.lower(): text for text in each.values}
        if last in _SUCCEEDED and values.keys() == {"true", "false"} and kind.table.share(each.way) > _NEARLY:
            if each.in_a_list:
                continue
            failed = each.values[values["false"]] / each.counted
            return SuccessField(each.way, values["true"] if each.is_mostly("text") else "", failed)
    return None


def _ignored(study: TopicStudy, others: Sequence[KindOfEvent]) -> Iterator[str]:
    if not study.name_ways or not others:
        return
    yield "# ? Nothing in these names says that they are facts for Greenflash. Write rules for those that are, and take"
    yield "# the marks away for the others: then `coverage` doesn't ask about them again."
    yield "# ignored:"
    for kind in others:
        when = ", ".join(_has_name(study, kind))
        yield commented(f"#   - when: {{{when}}}", f"{kind.count:,} of {study.table.documents:,}")
        yield '#     because: "?"'
