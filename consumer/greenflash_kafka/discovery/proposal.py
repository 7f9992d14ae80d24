"""A mapping file made of what was found in a topic. Each conclusion stands beside its figure; what isn't sure is marked
`# ?`, or stands in a comment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from greenflash_kafka.cases.yaml_text import scalar
from greenflash_kafka.discovery.event_times import EventTime
from greenflash_kafka.discovery.identities import Identity, UniqueId
from greenflash_kafka.discovery.known_events import SuggestedEvent, suggested
from greenflash_kafka.discovery.path_values import path_text
from greenflash_kafka.discovery.proposed_rule import ProposedRule, commented, equality, expression, rule_lines, slug
from greenflash_kafka.discovery.study import KindOfEvent, TopicStudy
from greenflash_kafka.rules.expressions.paths import Steps

MOST_RULES: Final = 12
_UNKNOWN: Final = 3
_UNSURE: Final = SuggestedEvent("usage_logged", "neutral", "count", "")
_ROWS: Final = {"c": "created", "u": "changed", "d": "deleted"}


class Proposal(msgspec.Struct, frozen=True):
    """The proposed file's text, its rules, and the event names that got none."""

    text: str
    rules: tuple[ProposedRule, ...]
    without: tuple[KindOfEvent, ...]


def propose(study: TopicStudy, name: str, sampled: str, without: frozenset[str] = frozenset()) -> Proposal:
    """The mapping file for a topic; `name` begins the names of its rules, `sampled` says what was looked at. Fields of
    the defaults that are in `without` stand in comments: they don't work on the messages."""
    rules, others = _rules(study, name)
    lines = [*_head(study, sampled), *_defaults(study, without), "rules:"]
    for rule in rules:
        lines += [*rule_lines(rule, study.table.documents), ""]
    lines += _ignored(study, others)
    lines += _chat(study)
    while not lines[-1]:
        lines.pop()
    return Proposal("\n".join(lines) + "\n", tuple(rules), tuple(others))


def _head(study: TopicStudy, sampled: str) -> Iterator[str]:
    documents = study.documents
    yield f"# Proposed by `greenflash-kafka discover`, from {sampled}."
    yield "# A figure behind a line is what it stands on. Lines with `# ?` are guesses: read each of them."
    yield "version: 1"
    yield "source:"
    yield f"  topics: [{scalar(documents.topic)}]"
    if documents.envelope != "none":
        yield commented(f"  envelope: {documents.envelope}", "payload is what it wraps, envelope is around it")
    yield commented("  initial_offset: latest", "what was before: greenflash-kafka backfill")
    if documents.root == "item":
        yield commented("each: payload", "a message is a list: each element is a fact")
    if documents.root == "body":
        yield "let:"
        yield commented("  body: = parse_json(payload)", "the payload is JSON in a text")


def _defaults(study: TopicStudy, without: frozenset[str]) -> Iterator[str]:
    yield "defaults:"
    yield "  product_id: ${GREENFLASH_PRODUCT_ID}"
    for field, found in (
        ("external_user_id", study.users),
        ("external_organization_id", study.organizations),
        ("external_conversation_id", study.conversations),
    ):
        yield from _identity(field, [each for each in found if not _taken(study, field, each)])
    yield from _mail(study)
    yield from _time(study.times, "event_at" in without)
    yield from _insert_id(study)


def _taken(study: TopicStudy, field: str, identity: Identity) -> bool:
    """Whether a better field has this path already."""
    return field == "external_organization_id" and bool(study.users) and study.users[0].way == identity.way


def _identity(field: str, found: Sequence[Identity]) -> Iterator[str]:
    best = found[0] if found else None
    if best is None:
        return
    sure = best.score >= 0.3
    for number, each in enumerate(found[:3]):
        path = path_text(each.way)
        line = f"{field}: {expression(f'text({path})' if each.number else path)}"
        said = f"in {each.share:.0%}, {each.distinct:,} different"
        said += f"; the record's key in {each.key:.0%}" if each.key >= 0.5 else ""
        if number == 0 and sure:
            mark = "" if each.score >= 0.7 or each.key >= 0.95 else "? "
            yield commented(f"  {line}", f"{mark}{said}")
        else:
            yield commented(f"  # {line}", f"? or this: {said}")


def _mail(study: TopicStudy) -> Iterator[str]:
    """An address that could name the user, if nothing else does."""
    if study.users and study.users[0].score >= 0.3:
        return
    for way, kind in study.personal:
        if kind == "an email address" and study.table.share(way) >= 0.8 and 0 not in way[1:]:
            call = f"hash(lower({path_text(way)}))"
            yield commented(
                f"  # external_user_id: {expression(call)}", "? an email address: personal data, so only as hash()"
            )
            return


def _time(found: Sequence[EventTime], broken: bool) -> Iterator[str]:
    for number, each in enumerate(found[:3]):
        near = "" if each.near_ms is None else f", {_span(each.near_ms)} from the record's time"
        if number == 0:
            far = each.near_ms is None or each.near_ms > 86_400_000
            mark = "? " if far or each.share < 0.95 else ""
            sign = "# " if broken else ""
            yield commented(f"  {sign}event_at: {expression(each.expression)}", f"{mark}{each.written_as}{near}")
        else:
            yield commented(f"  # event_at: {expression(each.expression)}", f"? or this: {each.written_as}{near}")


def _span(ms: int) -> str:
    for size, unit in ((86_400_000, "days"), (3_600_000, "hours"), (60_000, "minutes"), (1000, "s")):
        if ms >= 2 * size:
            return f"about {ms // size:,} {unit}"
    return "within 2 s"


def _insert_id(study: TopicStudy) -> Iterator[str]:
    special = _change_id(study)
    if special:
        yield commented(f"  insert_id: {expression(special)}", "the row, and the place of its change in the log")
        return
    best = best_id(study)
    if best is not None:
        path = path_text(best.way)
        said = f"every one of {best.count:,} different"
        yield commented(f"  insert_id: {expression(path)}", said if best.count >= 100 else f"? {said}: few")
    for each in study.ids[:4]:
        if not each.is_unique:
            repeated = each.count - each.values
            line = f"  # insert_id: {expression(path_text(each.way))}"
            yield commented(line, f"? {repeated:,} of {each.count:,} repeat another one: is it a fact's own id?")
    if best is None:
        yield "  # ? no path is different in every message: without insert_id a repeated message counts twice"


def best_id(study: TopicStudy) -> UniqueId | None:
    """The first path that is different in every message."""
    others = {found[0].way for found in (study.users, study.organizations, study.conversations) if found}
    return next((each for each in study.ids if each.is_unique and each.way not in others), None)


def _change_id(study: TopicStudy) -> str:
    """The id of a change of a row; "" if the topic has no such rows."""
    if study.documents.envelope == "debezium":
        above: Steps = ("envelope", "source")
        places = [("lsn",), ("file", "pos"), ("scn",), ("change_lsn",)]
    elif study.documents.flattened:
        above, places = ("payload",), [("__source_lsn",), ("__lsn",)]
    else:
        return ""
    key = next((each for each in (("payload", "id"),) if study.table.share(each) > 0.3), None)
    for names in places:
        ways = [(*above, name) for name in names]
        if all(study.table.share(way) > 0.9 for way in ways):
            parts = [path_text(way) for way in ([key] if key else []) + ways]
            return f'join([{", ".join(parts)}], "-")' if len(parts) > 1 else f"text({parts[0]})"
    return ""


def _rules(study: TopicStudy, name: str) -> tuple[list[ProposedRule], list[KindOfEvent]]:
    """Rules for the kinds whose names say what they are; if there are none, for the most frequent ones."""
    known: list[tuple[KindOfEvent, SuggestedEvent]] = []
    others: list[KindOfEvent] = []
    for kind in study.kinds:
        event = suggested(kind.name) if kind.name else suggested(study.documents.topic.replace(".", " "))
        if event is not None and len(known) < MOST_RULES:
            known.append((kind, event))
        else:
            others.append(kind)
    if not known:
        rows = [kind for kind in others if kind.name == "c"]
        chosen = (rows or others)[:_UNKNOWN]
        known = [(kind, _guessed(kind)) for kind in chosen]
        others = [kind for kind in others if kind not in chosen]
    rules: list[ProposedRule] = []
    for kind, event in known:
        base = slug(f"{name}_{_ROWS.get(kind.name, kind.name)}" if kind.name else name)
        taken, unique, number = {rule.name for rule in rules}, base, 2
        while unique in taken:
            unique, number = f"{base}_{number}", number + 1
        rules.append(ProposedRule(unique, kind, event, _condition(study, kind)))
    return rules, others


def _guessed(kind: KindOfEvent) -> SuggestedEvent:
    """What messages may be whose name says nothing: a purchase if there is an amount."""
    if kind.amounts and kind.name not in ("u", "d"):
        return SuggestedEvent("upgrade_purchased", "positive", "money", "")
    return _UNSURE


def _condition(study: TopicStudy, kind: KindOfEvent) -> tuple[str, ...]:
    way = study.event_name
    if way is not None and kind.name:
        return (equality(way, kind.name),)
    # A rule needs a condition: the most common path that isn't there by chance.
    best = best_id(study)
    paths = [each for each in study.table.paths.values() if not each.in_a_list and each.present and len(each.way) > 1]
    if best is None and not paths:
        return (equality(("kafka", "topic"), study.documents.topic),)
    there = best.way if best is not None else max(paths, key=lambda each: (each.present, -len(each.way), each.way)).way
    return (f"{scalar(path_text(there, bare=True))}: {{exists: true}}",)


def _chat(study: TopicStudy) -> Iterator[str]:
    """A description of conversations, if the topic may be a chat's."""
    if not study.conversations or study.conversations[0].score < 0.7 or not study.times:
        return
    yield "# ? If this is the topic of your chat, describe it, and rules can link to it (docs/linking.md):"
    yield "# conversations:"
    yield "#   - name: chat"
    yield f"#     id: {expression(path_text(study.conversations[0].way))}"
    yield f"#     at: {expression(study.times[0].expression)}"
    if study.users:
        yield f"#     keys: {{external_user_id: '{expression(path_text(study.users[0].way))}'}}"


def _ignored(study: TopicStudy, others: Sequence[KindOfEvent]) -> Iterator[str]:
    way = study.event_name
    if way is None or not others:
        return
    yield "# ? Nothing in these names says that they are facts for Greenflash. Write rules for those that are, and take"
    yield "# the marks away for the others: then `coverage` doesn't ask about them again."
    yield "# ignored:"
    for kind in others:
        yield commented(f"#   - when: {{{equality(way, kind.name)}}}", f"{kind.count:,} of {study.table.documents:,}")
        yield '#     because: "?"'
