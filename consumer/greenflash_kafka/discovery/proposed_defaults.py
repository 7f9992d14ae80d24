"""The `defaults` of a proposal: whose facts these are, when they happened, which fact it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from greenflash_kafka.discovery.event_times import EventTime
from greenflash_kafka.discovery.identities import Identity
from greenflash_kafka.discovery.kinds_of_event import KindOfEvent
from greenflash_kafka.discovery.path_values import path_text
from greenflash_kafka.discovery.proposed_rule import OwnField, commented, expression
from greenflash_kafka.discovery.study import TopicStudy
from greenflash_kafka.discovery.unique_ids import UniqueId
from greenflash_kafka.expressions.paths import Steps

_SURE: Final = 0.3
"""From this score on an identity is proposed; below it stands in a comment."""

_SURE_CONVERSATION: Final = 0.4
"""A wrong conversation is worse than none: the session of a browser is no chat."""

_PRESENT: Final = 0.95
_RARE: Final = 0.2
_HALF: Final = 0.5


def default_lines(study: TopicStudy, without: frozenset[str]) -> Iterator[str]:
    """The lines; fields that are in `without` stand in comments."""
    yield "defaults:"
    yield "  product_id: ${GREENFLASH_PRODUCT_ID}"
    for field, found in _identities(study):
        yield from _identity(field, found)
    yield from _mail(study)
    yield from _time(study.times, "event_at" in without)
    yield from _insert_id(study)


def own_fields(study: TopicStudy, kind: KindOfEvent) -> tuple[OwnField, ...]:
    """What a rule for messages of this kind says in place of the defaults: ids of other paths, where its messages lack
    those of the defaults."""
    own = []
    for field, found in _identities(study):
        if not found or found[0].score < _sure(field):
            continue
        share = kind.table.share(found[0].way)
        if share >= _PRESENT:
            continue
        told = f"{path_text(found[0].way)} is in {share:.0%} of these messages"
        if share >= _RARE:
            # Another id beside it would be the same person's under another name.
            own.append(OwnField(field, "", told))
            continue
        others = (each for each in found[1:] if each.best >= _sure(field) and kind.table.share(each.way) >= _PRESENT)
        other = next(others, None)
        if other is None:
            own.append(OwnField(field, "", f"{told}, and no other path is in more"))
        else:
            share = kind.table.share(other.way)
            own.append(OwnField(field, expression(other.text), f"in {share:.0%} of these messages; {told}", other.way))
    return tuple(own)


def _identities(study: TopicStudy) -> Iterator[tuple[str, Sequence[Identity]]]:
    """The fields that say whose a fact is, each with what it may be; a path that a better field has is left out."""
    users = study.users
    user = users[0].way if users and users[0].score >= _SURE else None
    yield "external_user_id", users
    yield "external_organization_id", [each for each in study.organizations if each.way != user]
    yield "external_conversation_id", study.conversations


def _sure(field: str) -> float:
    return _SURE_CONVERSATION if field == "external_conversation_id" else _SURE


def _identity(field: str, found: Sequence[Identity]) -> Iterator[str]:
    for number, each in enumerate(found[:3]):
        line = f"{field}: {expression(each.text)}"
        said = f"in {each.facts:.0%} of the messages of these rules, {each.distinct:,} different"
        said += f"; the record's key in {each.key:.0%}" if each.key >= 0.5 else ""
        if number == 0 and each.score >= _sure(field):
            sure = each.facts >= _HALF and (each.score >= 0.7 or each.key >= 0.95)
            mark = "" if sure else "? "
            yield commented(f"  {line}", f"{mark}{said}")
        else:
            yield commented(f"  # {line}", f"? or this: {said}")


def _mail(study: TopicStudy) -> Iterator[str]:
    """An address that could name the user, if nothing else does."""
    if study.users and study.users[0].score >= _SURE:
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
        near += "" if each.share >= 0.995 else f", in {each.share:.0%}"
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
        few = best.count < 100 or best.sent_again
        missing = ": these become invalid" if best.missing else ""
        said = f"{best.said}{missing}{': few' if best.count < 100 else ''}"
        yield commented(f"  insert_id: {expression(path_text(best.way))}", f"? {said}" if few else said)
    for each in study.ids[:4]:
        if not each.is_unique:
            line = f"  # insert_id: {expression(path_text(each.way))}"
            yield commented(line, f"? {each.said}: is it a fact's own id?")
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
