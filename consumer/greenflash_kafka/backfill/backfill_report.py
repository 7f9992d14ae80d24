"""The result of a backfill: what was sent, or would be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

import msgspec

from greenflash_kafka.model.counted import counted, in_number
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.event_money import EXACT, OTHER, amount_of, currency_name, unshown
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.redaction import visible

WARNING = (
    "An event whose insert_id Greenflash has stored before is stored once, as long as the service remembers the id. "
    "Nobody knows how long that is: the service doesn't say. If these rules have sent events of this time before, some "
    "may be stored a second time, and their money counted twice."
)


MOST_IDS: Final = 1_000_000
"""So many different ids are told apart; of more events it isn't known which of them are stored."""


class Sum(msgspec.Struct):
    """Events of one type, and their money by currency, as they are sent; `stored` and `stored_money` without those
    whose insert_id an event before them had, which the service drops; `different` of these have another content than
    that event: they are facts that are lost."""

    events: int = 0
    money: dict[str, Decimal] = {}
    stored: int = 0
    stored_money: dict[str, Decimal] = {}
    different: int = 0


class NotSent(msgspec.Struct):
    """Messages that gave no event for the same reason, or events that were refused for it."""

    count: int
    example: str
    text: str


class BackfillReport(msgspec.Struct):
    """`messages` were read; `event_types` sum the events that were accepted, or without sending would be sent.
    `invalid`, `unlinked` (their conversation can't be looked up any more) and `refused` are by code and rule, and stand
    nowhere else: no dead letter is written. `links` has the number of those events of linking rules by result."""

    messages: int = 0
    events: int = 0
    event_types: dict[str, Sum] = {}
    invalid: dict[tuple[str, str], NotSent] = {}
    unlinked: dict[tuple[str, str], NotSent] = {}
    refused: dict[tuple[str, str], NotSent] = {}
    links: dict[str, int] = {}
    missing: tuple[OffsetRange, ...] = ()
    """What retention took before it was read."""
    unanswered: int = 0
    stopped_by: str = ""
    ids: dict[int, int] = {}
    """Hashes of the ids so far, each with that of the first event's body."""
    unshown_currencies: dict[str, str] = {}
    """Names of currencies that aren't codes, each with a message that has it."""

    def add(self, event: Event, coordinates: str) -> None:
        """Sum an event up, of the message at `topic/partition/offset`."""
        body, known = msgspec.json.decode(event.body), len(self.ids)
        found = self.event_types.setdefault(body["eventType"], Sum())
        self.events += 1
        if event.link is not None:
            self.links[event.link.result] = self.links.get(event.link.result, 0) + 1
        found.events += 1
        stored = known >= MOST_IDS
        if not stored:
            content = hash(event.body)
            first = self.ids.setdefault(hash(event.insert_id), content)
            stored = len(self.ids) > known
            found.different += not stored and first != content
        found.stored += stored
        amount = amount_of(body.get("valueType"), str(body.get("value", "")))
        if amount is not None:
            currency = currency_name((body.get("properties") or {}).get("currency"))
            if currency.startswith(OTHER):
                self.unshown_currencies.setdefault(currency, coordinates)
            found.money[currency] = EXACT.add(found.money.get(currency, Decimal(0)), amount)
            if stored:
                found.stored_money[currency] = EXACT.add(found.stored_money.get(currency, Decimal(0)), amount)

    @property
    def money(self) -> dict[str, Decimal]:
        """All of it, by currency."""
        whole: dict[str, Decimal] = {}
        for each in self.event_types.values():
            for currency, amount in each.money.items():
                whole[currency] = EXACT.add(whole.get(currency, Decimal(0)), amount)
        return dict(sorted(whole.items()))


def left_out(among: dict[tuple[str, str], NotSent], code: str, rule: str, example: str, text: str) -> None:
    """Count one more."""
    among.setdefault((code, rule), NotSent(0, example, text)).count += 1


def as_lines(report: BackfillReport, *, sent: bool) -> Iterator[str]:
    """Lines for people."""
    did = "accepted" if sent else "would be sent"
    yield f"{counted(report.messages, 'message')} read; {counted(report.events, 'event')} {did}"
    for name, found in sorted(report.event_types.items()):
        yield f"  {name}  {found.events:,}{_money(found.money)}"
        if found.stored < found.events:
            again = found.events - found.stored
            repeat = f"{again:,} {in_number(again, 'repeats', 'repeat')} an insert_id"
            yield f"    stored of them: {found.stored:,}{_money(found.stored_money)} ({repeat})"
            if found.different:
                of = in_number(found.different, "is a different event", "are different events")
                yield f"    {found.different:,} of these {of} that the service DROPS: give each fact an id of its own"
    yield from (f"  {visible(unshown(*each))}" for each in sorted(report.unshown_currencies.items()))
    if report.links:
        linked = report.links.get("linked", 0)
        others = ", ".join(f"{name} {count:,}" for name, count in sorted(report.links.items()) if name != "linked")
        yield f"  linked to a conversation: {linked:,} of {sum(report.links.values()):,}" + (
            f" ({others})" * bool(others)
        )
    for what, among in (("invalid", report.invalid), ("left out", report.unlinked), ("refused", report.refused)):
        for (code, rule), each in sorted(among.items(), key=lambda item: -item[1].count):
            of = f", rule {rule}" if rule else ""
            yield visible(f"{each.count:>7,} {what}: {code}{of}, for example {each.example}: {each.text}")
    for gone in report.missing:
        yield f"{gone} is gone: retention took it before it was read"
    if report.unanswered:
        of = in_number(report.unanswered, "message isn't", "messages aren't")
        yield f"{report.unanswered:>7,} {of} settled; the same command goes on with them"
    if report.stopped_by:
        yield visible(f"stopped before the end: {report.stopped_by}")


def _money(sums: Mapping[str, Decimal]) -> str:
    words = ", ".join(f"{currency} {amount:,f}" for currency, amount in sorted(sums.items()))
    return f"  {words}" if words else ""


def as_json(report: BackfillReport, **more: object) -> bytes:
    """One JSON object; `more` is put in front."""
    among = {"invalid": report.invalid, "unlinked": report.unlinked, "refused": report.refused}
    whole = {
        **more,
        "messages": report.messages,
        "events": report.events,
        "event_types": report.event_types,
        "money": report.money,
        "unshown_currencies": report.unshown_currencies,
        "links": report.links,
        **{
            name: [{"code": code, "rule": rule, **msgspec.to_builtins(each)} for (code, rule), each in found.items()]
            for name, found in among.items()
        },
        "missing": [str(each) for each in report.missing],
        "unanswered": report.unanswered,
        "stopped_by": report.stopped_by,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2)
