"""The report of one topic: what was found, with the evidence, for people and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from greenflash_kafka.discovery.amounts import Amount
from greenflash_kafka.discovery.kinds_of_event import KindOfEvent
from greenflash_kafka.discovery.path_values import path_text
from greenflash_kafka.discovery.proposal import Proposal
from greenflash_kafka.discovery.proposed_defaults import best_id
from greenflash_kafka.discovery.study import TopicStudy

_WIDTH = 22
_MOST_PATHS = 60


class FoundPath(msgspec.Struct, frozen=True):
    """A path: its types with their counts, the part of documents that have it, how many different values (`about`: an
    estimate, right to 3 %); `values` are frequent ones, if they were asked for; `personal` says what personal data it
    holds."""

    path: str
    types: dict[str, int]
    present: float
    distinct: int
    about: bool = False
    personal: str = ""
    values: dict[str, int] = {}


class Guess(msgspec.Struct, frozen=True):
    """A conclusion: the path, and what it stands on."""

    what: str
    path: str
    evidence: str


class TopicReport(msgspec.Struct, frozen=True):
    """All that is said of a topic. `sampled` says what was looked at; `event_names` has their counts; `kinds` what each
    became in the proposal; `preset` names the preset whose messages these are, "" for none; `reasons` say why messages
    of each code of `unreadable` can't be read, of the first one."""

    topic: str
    messages: int
    sampled: str
    tombstones: int
    unreadable: dict[str, int]
    skipped: dict[str, int]
    formats: dict[str, int]
    envelope: str
    flattened: bool
    event_name: str
    event_names: dict[str, int]
    proposed: dict[str, str]
    guesses: tuple[Guess, ...]
    paths: tuple[FoundPath, ...]
    more_paths: bool
    preset: str = ""
    reasons: dict[str, str] = {}


def topic_report(
    study: TopicStudy, proposal: Proposal | None, sampled: str, preset: str, *, values: bool
) -> TopicReport:
    """The report; `values`: with frequent values of paths."""
    documents = study.documents
    return TopicReport(
        documents.topic,
        len(documents.messages),
        sampled,
        documents.tombstones,
        dict(sorted(documents.unreadable.items())),
        dict(sorted(documents.skipped.items())),
        dict(sorted(documents.formats.items())),
        documents.envelope,
        documents.flattened,
        " and ".join(map(path_text, study.name_ways)),
        {each.name: each.count for each in study.kinds if each.name},
        {each.kind.name: each.event.event_type for each in proposal.rules} if proposal is not None else {},
        tuple(_guesses(study)),
        tuple(_paths(study, values)),
        study.table.left_out,
        preset,
        dict(sorted(documents.reasons.items())),
    )


def _guesses(study: TopicStudy) -> Iterator[Guess]:
    if study.pair is not None:
        one, other = map(path_text, study.pair)
        together = sum(kind.state is None for kind in study.kinds)
        yield Guess("event name", one, f"with {other}: neither says it alone, {together} different together")
    for number, name in enumerate(study.names[:2], 0 if study.pair is None else 1):
        explained = "" if name.explained is None else f", explains {name.explained:.0%} of which fields are there"
        count = len(study.table.paths[name.way].values)
        yield Guess(
            "event name" if number == 0 else "or event name", path_text(name.way), f"{count} different{explained}"
        )
    kind_shares = len(study.kinds) > 1
    best = best_id(study)
    if best is not None:
        yield Guess("unique id", path_text(best.way), best.said)
    for each in [each for each in study.ids if not each.is_unique][:2]:
        yield Guess("not unique", path_text(each.way), each.said)
    for what, found in (
        ("user", study.users),
        ("organization", study.organizations),
        ("conversation", study.conversations),
    ):
        for number, identity in enumerate(found[:2]):
            key = f"; the record's key in {identity.key:.0%}" if identity.key >= 0.5 else ""
            facts = f" ({identity.facts:.0%} of those with a rule)" if kind_shares else ""
            said = f"in {identity.share:.0%}{facts}, {identity.distinct:,} different{key}"
            yield Guess(what if number == 0 else f"or {what}", path_text(identity.way), said)
    for number, time in enumerate(study.times[:2]):
        near = "" if time.near_ms is None else f", {time.near_ms:,} ms from the record's time (median)"
        yield Guess("happened" if number == 0 else "or happened", path_text(time.way), f"{time.written_as}{near}")
    yield from _money(study.kinds)
    for way, kind in study.personal[:12]:
        yield Guess("personal data", path_text(way), f"{kind}: never proposed; hash() it if you need it")


def _money(kinds: Sequence[KindOfEvent]) -> Iterator[Guess]:
    seen: set[tuple[str, str]] = set()
    for kind in kinds:
        for amount in kind.amounts:
            path = path_text(amount.way)
            if (path, amount.unit) in seen:
                continue
            seen.add((path, amount.unit))
            yield Guess("amount", path, f"{_unit(amount)}; currency{_currency(amount)}")


def _currency(amount: Amount) -> str:
    found = amount.currency
    if found.way is None:
        return f" ? {found.code}, by the path's name" if found.code else ": none found"
    others = "".join(f" or {path_text(each)}" for each in found.others[:2])
    return f"{'' if found.sure else ' ?'}: {path_text(found.way)}{others}"


def _unit(amount: Amount) -> str:
    if amount.unit != "?":
        shown = ", ".join(amount.shown(text, code, amount.unit) for text, code in amount.examples)
        return f"{'? ' if amount.likely else ''}{amount.unit} units: {amount.evidence} ({shown})"
    text = next((f" ({_either(amount, *each)})" for each in amount.examples), "")
    return f"{'' if amount.parts else 'minor or major units? '}{amount.evidence}{text}"


def _either(amount: Amount, text: str, code: str) -> str:
    readings = " or ".join(amount.shown(text, code, unit) for unit, _ in amount.readings)
    return f"{text} {code}: {readings}"


def _paths(study: TopicStudy, values: bool) -> Iterator[FoundPath]:
    data = dict(study.personal)
    for way in sorted(study.table.paths, key=str):
        each = study.table.paths[way]
        frequent = sorted(each.values.items(), key=lambda pair: (-pair[1], pair[0]))[:8] if values else []
        yield FoundPath(
            path_text(way),
            dict(sorted(each.kinds.items())),
            round(study.table.share(way), 4),
            each.distinct.count,
            not each.distinct.exact,
            data.get(way, ""),
            dict(frequent),
        )


def report_text(report: TopicReport) -> Iterator[str]:
    """The report's lines."""
    yield f"{report.topic}: {report.sampled}"
    read = [f"{count:,} {name}" for name, count in report.formats.items()]
    around = f", envelope {report.envelope}" if report.envelope != "none" else ""
    around += ", rows that Debezium flattened" if report.flattened else ""
    yield f"  read as: {', '.join(read) or 'nothing'}{around}"
    for what, counts in (("can't be read", report.unreadable), ("skipped", report.skipped)):
        if counts:
            yield f"  {what}: " + ", ".join(f"{count:,} {name}" for name, count in counts.items())
    for name, reason in report.reasons.items():
        yield f"    {name}: {reason}"
    if report.tombstones:
        yield f"  tombstones: {report.tombstones:,}"
    if report.preset:
        yield f"  these look like messages of {report.preset}: greenflash-kafka init DIR --preset {report.preset}"
    if report.event_names:
        yield ""
        yield f"event names are in {report.event_name}"
        for name, count in report.event_names.items():
            proposed = report.proposed.get(name)
            yield f"  {_plain(name):<40}{count:>9,}  {f'{proposed} ?' if proposed else 'no rule proposed'}"
    yield ""
    for guess in report.guesses:
        yield f"{guess.what:<{_WIDTH}}{guess.path:<34}  {guess.evidence}"
    yield ""
    yield f"{'path':<52}{'present':>8}  {'different':>9}  types"
    for path in report.paths[:_MOST_PATHS]:
        types = ", ".join(path.types) or "null"
        different = f"{'about ' if path.about else ''}{path.distinct:,}"
        yield f"{path.path[:50]:<52}{path.present:>8.0%}  {different:>9}  {types}" + (
            f"  [{path.personal}]" if path.personal else ""
        )
        if path.values:
            yield "    " + ", ".join(f"{_plain(value)} ({count:,})" for value, count in path.values.items())
    left = len(report.paths) - _MOST_PATHS
    if left > 0 or report.more_paths:
        yield f"and {max(left, 0):,} more paths" + (" and others that weren't counted" if report.more_paths else "")


def _plain(text: str) -> str:
    return "".join(each if each.isprintable() else "?" for each in text)[:64]
