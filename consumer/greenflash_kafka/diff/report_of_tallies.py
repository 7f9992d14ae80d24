"""The report of a diff, made of what was counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from greenflash_kafka.diff.event_facts import NO_MONEY
from greenflash_kafka.diff.report import (
    NOTHING,
    NOTHING_OUTSIDE,
    VERSION,
    AmountChange,
    Amounts,
    Change,
    ChangeExample,
    Counts,
    DiffReport,
    EventMoney,
    GoneBecause,
    Ids,
    Moved,
    OneOwner,
    Outside,
    Side,
    TimeChange,
    TypeReport,
)
from greenflash_kafka.diff.stored import Stored, money_by_type
from greenflash_kafka.diff.tallies import FieldChange, Tallies, TypeTally
from greenflash_kafka.model.offset_range import OffsetRange


def report(
    program: str,
    sides: tuple[Side, Side],
    tallies: Tallies,
    stored: Stored | None,
    ranges: Sequence[OffsetRange],
    missing: Sequence[OffsetRange] = (),
    same: Iterable[str] = (),
    absent: Iterable[str] = (),
    empty: Iterable[str] = (),
    *,
    partial: bool = False,
    outside: Outside = NOTHING_OUTSIDE,
) -> DiffReport:
    """The report of what was counted."""
    types = {name: _type(name, tallies.types[name], stored) for name in sorted(tallies.types)}
    changes = [
        Change(what, rule, field, change.count, change.missing, change.added, _examples(change))
        for (what, rule, field), change in tallies.changes.items()
    ]
    return DiffReport(
        VERSION,
        program,
        *sides,
        tallies.messages,
        Counts(sum(each.old for each in types.values()), sum(each.new for each in types.values())),
        None if stored is None else Counts(*stored.ids),
        Counts(*tallies.invalid_messages),
        tallies.changed_messages,
        tallies.changed_values,
        tallies.changed_others,
        types,
        Ids(
            tallies.changed_ids,
            dict(sorted(tallies.changed_id_rules.items())),
            None if stored is None else Counts(*stored.two_contents),
            None if stored is None else Counts(*stored.dropped),
            None if stored is None else stored.again,
            {} if stored is None else dict(sorted(stored.money_again.items())),
        ),
        tuple(sorted(changes, key=lambda each: (each.what, -each.count, each.rule, each.field))),
        tuple(sorted(ranges)),
        tuple(sorted(missing)),
        tuple(sorted(same)),
        tuple(sorted(absent)),
        tuple(sorted(empty)),
        partial,
        tallies.silenced_messages,
        tuple(
            AmountChange(*kind, each.count, each.larger, each.smaller, each.zero, each.turned, each.times, each.words)
            for kind, each in sorted(tallies.amounts.items())
        ),
        tuple(Moved(*key, count) for key, count in sorted(tallies.moves.items(), key=lambda each: (-each[1], each[0]))),
        tuple(msgspec.structs.replace(each, events=tallies.new_in.get(each.topic, 0)) for each in outside.topics),
        outside.settings,
        outside.too_old,
        outside.read,
        outside.left_out,
        tallies.reordered,
        tuple(EventMoney(*kind, *each) for kind, each in sorted(tallies.event_money.items())),
        tuple(TimeChange(rule, each.count, each.least, each.most) for rule, each in sorted(tallies.times.items())),
        tuple(OneOwner(*kind, each.count) for kind, each in sorted(tallies.owners.items()) if each.shared),
        tallies.new_letters,
        tuple(_gone_because(tallies)),
        dict(sorted(tallies.unshown_currencies.items())),
    )


def _gone_because(tallies: Tallies) -> Iterator[GoneBecause]:
    for rule, reasons in sorted(tallies.gone_because.items()):
        counted = Counter(reason for _, reason in reasons)
        for (condition, at, missing), count in sorted(counted.items(), key=lambda each: (-each[1], each[0])):
            yield GoneBecause(rule, condition, at, missing, count, len(reasons))


def _examples(change: FieldChange) -> tuple[ChangeExample, ...]:
    return tuple(ChangeExample(each.coordinates, each.old, each.new) for each in change.examples)


def _type(name: str, tally: TypeTally, stored: Stored | None) -> TypeReport:
    money = {} if stored is None else money_by_type(stored).get(name, {})
    kept = [each for (event_type, _), each in ({} if stored is None else stored.classes).items() if event_type == name]
    numbers = tally.money.get(NO_MONEY)
    return TypeReport(
        tally.old,
        tally.new,
        tally.unchanged,
        tally.changed,
        tally.gone,
        tally.new_events,
        tally.newly_invalid,
        tally.mended,
        {currency: Amounts(each.old, each.new) for currency, each in sorted(tally.money.items()) if currency},
        {influence: Counts(*each) for influence, each in sorted(tally.influence.items())},
        None if stored is None else Counts(sum(each.old for each in kept), sum(each.new for each in kept)),
        None if stored is None else {currency: Amounts(*each) for currency, each in sorted(money.items())},
        None if numbers is None else Amounts(numbers.old, numbers.new),
        None if stored is None or numbers is None else _numbers_stored(name, stored),
    )


def _numbers_stored(name: str, stored: Stored) -> Amounts:
    found = stored.classes.get((name, NO_MONEY))
    return NOTHING if found is None else Amounts(found.old_money, found.new_money)
