"""The diff of two rule sets over messages: both evaluate the same bytes, and what differs is counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from decimal import Decimal
from hashlib import blake2b
from typing import Final, Protocol

import msgspec

from greenflash_kafka.diff.changed_fields import changed_fields, shown
from greenflash_kafka.diff.event_facts import EventFacts, facts_of
from greenflash_kafka.diff.event_moves import count_moves, count_texts, less_readable
from greenflash_kafka.diff.gone_reasons import GoneEvents
from greenflash_kafka.diff.missing_events import has_problem, why_gone, wrong_before, wrongs
from greenflash_kafka.diff.pairing import Pair, pairs
from greenflash_kafka.diff.renamed_rules import RenamedRules
from greenflash_kafka.diff.tallies import Example, FieldChange, Tallies, add_money
from greenflash_kafka.diff.written_names import WrittenNames
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.event_money import OTHER
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import FILTERED, Outcome
from greenflash_kafka.resolve import Resolver
from greenflash_kafka.snapshot import Snapshot

EXAMPLES: Final = 5


class StoredEvents(Protocol):
    """Who finds out what the service would store: each id once."""

    def add(
        self,
        message: Message,
        place: int,
        event: Event,
        facts: EventFacts,
        *,
        old: bool,
        new: bool,
        other_id: bool = False,
    ) -> None:
        """An event of the old rules, the new ones, or the very same of both; `place`: its place in its message;
        `other_id`: it is one that has another id under the old rules."""
        ...


class Differ:
    """Counts what two rule sets make of messages. `values`: examples of changed fields show what was and what is.
    `stored` is None if ids aren't to be compared over messages. Of the topics `aged` the newest timestamp is kept."""

    def __init__(
        self,
        old: Snapshot,
        new: Snapshot,
        stored: StoredEvents | None = None,
        examples: int = EXAMPLES,
        *,
        values: bool = False,
        aged: Collection[str] = (),
    ) -> None:
        self._old = Resolver(old)
        self._new = Resolver(new)
        self._stored = stored
        self._examples = examples
        self._values = values
        self._aged = frozenset(aged)
        self._written = WrittenNames(old, new)
        self._renamed = RenamedRules(old, new)
        self._gone_events = GoneEvents(new)
        self.tallies = Tallies()

    def add(self, messages: Iterable[Message]) -> None:
        """Count these messages."""
        old_outcome, new_outcome, tallies = self._old.outcome, self._new.outcome, self.tallies
        for message in messages:
            tallies.messages += 1
            old, new = old_outcome(message), new_outcome(message)
            # Most messages of a topic mean nothing to its rules.
            if old is not FILTERED or new is not FILTERED:
                self._add(message, old, new)
            if self._aged and message.topic in self._aged and (recorded := message.record_ms) is not None:
                newest = self.tallies.newest
                newest[message.topic] = max(recorded, newest.get(message.topic, recorded))

    def finish(self) -> Tallies:
        """All that was counted, with the reasons for events that are gone."""
        self.tallies.gone_because = self._gone_events.reasons()
        return self.tallies

    def _add(self, message: Message, old: Outcome, new: Outcome) -> None:
        tallies = self.tallies
        if not (old.events or new.events or old.problems or new.problems):
            return
        if old.problems or new.problems:
            tallies.invalid_messages = (
                tallies.invalid_messages[0] + bool(old.problems),
                tallies.invalid_messages[1] + bool(new.problems),
            )
        if old.events == new.events and old.problems == new.problems:
            for place, event in enumerate(old.events):
                tallies.given.add((message.topic, event.rule, event.rule))
                self._unchanged(message, place, event)
            return
        new_places = {id(event): place for place, event in enumerate(new.events)}
        changed = old.problems != new.problems and wrongs(old) != wrongs(new)
        paired = pairs(old.events, new.events, self._renamed.old_names(message.topic))
        for place, (before, after) in enumerate(paired):
            after_place = 0 if after is None else new_places[id(after)]
            if before is not None and after is not None and _same(before, after):
                self._alike(message, (place, before), (after_place, after))
            else:
                changed = True
                self._changed(message, (place, before), (after_place, after), old, new)
        tallies.changed_messages += changed
        if changed:
            self._wrong(message, old, new, paired)

    def _wrong(self, message: Message, old: Outcome, new: Outcome, paired: Iterable[Pair]) -> None:
        if new.problems or new.counts:
            self._problems(message, old, new, paired)
        if old.problems and not new.problems:
            self._silenced(message, old, new)

    def _alike(self, message: Message, before: tuple[int, Event], after: tuple[int, Event]) -> None:
        """Count two events that are the same to the service, with their places: what differs at most is the rule's
        name, and the order of keys."""
        was, became = before[1], after[1]
        self.tallies.given.add((message.topic, was.rule, became.rule))
        if was.rule != became.rule:
            self.tallies.move("renamed", became.rule, was.rule, became.rule)
        reordered = was.body != became.body
        self.tallies.reordered += reordered
        if before[0] == after[0] and not reordered:
            self._unchanged(message, before[0], became)
            return
        facts = facts_of(was)
        self.tallies.type(facts.event_type).unchanged += 1
        self._count(message, facts, old=True, new=True)
        # Each as it is: on either side the same content has the same bytes, whatever message it is of.
        self._record(message, before[0], was, facts, old=True)
        self._record(message, after[0], became, facts, old=False)

    def _unchanged(self, message: Message, place: int, event: Event) -> None:
        facts = facts_of(event)
        tally = self.tallies.type(facts.event_type)
        tally.unchanged += 1
        self._count(message, facts, old=True, new=True)
        if self._stored is not None:
            self._stored.add(message, place, event, facts, old=True, new=True)

    def _count(self, message: Message, facts: EventFacts, *, old: bool, new: bool) -> None:
        """What is counted of every event, on the sides that have it."""
        tally = self.tallies.type(facts.event_type)
        tally.old += old
        tally.new += new
        if facts.amount is not None:
            if facts.currency.startswith(OTHER):
                self.tallies.unshown(facts.currency, message.coordinates)
            add_money(tally, facts.currency, facts.amount if old else None, facts.amount if new else None)
        before, after = tally.influence.get(facts.influence, (0, 0))
        tally.influence[facts.influence] = (before + old, after + new)

    def _changed(
        self,
        message: Message,
        before: tuple[int, Event | None],
        after: tuple[int, Event | None],
        old: Outcome,
        new: Outcome,
    ) -> None:
        was, became = before[1], after[1]
        rules = ("" if was is None else was.rule, "" if became is None else became.rule)
        self.tallies.given.add((message.topic, *rules))
        was_facts = None if was is None else facts_of(was)
        became_facts = None if became is None else facts_of(became)
        if was_facts is not None and was_facts is became_facts:
            self._count(message, was_facts, old=True, new=True)
        else:
            if was_facts is not None:
                self._count(message, was_facts, old=True, new=False)
            if became_facts is not None:
                self._count(message, became_facts, old=False, new=True)
        if was is not None and was_facts is not None:
            self._record(message, before[0], was, was_facts, old=True)
        if became is not None and became_facts is not None:
            other_id = was is not None and was.insert_id != became.insert_id
            self._record(message, after[0], became, became_facts, old=False, other_id=other_id)
        if was is None or was_facts is None:
            assert became is not None
            assert became_facts is not None
            was_rule = self._renamed.old_name(message.topic, became.rule)
            mended = has_problem(old, was_rule, became.item)
            tally = self.tallies.type(became_facts.event_type)
            tally.mended += mended
            tally.new_events += not mended
            self.tallies.new_in[message.topic] = self.tallies.new_in.get(message.topic, 0) + 1
            what = "mended" if mended else "new"
            self._note(what, became.rule, wrong_before(old, was_rule, became.item) if mended else "", message)
            self._money(what, became.rule, became_facts)
        elif became is None or became_facts is None:
            self._gone(message, was, was_facts, new)
        else:
            self._differs(message, was, became, was_facts, became_facts)

    def _money(self, what: str, rule: str, facts: EventFacts) -> None:
        """Count the money of an event that only one side sends."""
        if facts.is_money and facts.amount is not None:
            self.tallies.money(what, rule, facts.currency, facts.amount)

    def _gone(self, message: Message, was: Event, facts: EventFacts, new: Outcome) -> None:
        rule = self._renamed.new_name(message.topic, was.rule)
        why = why_gone(new, rule, was.item)
        tally = self.tallies.type(facts.event_type)
        tally.newly_invalid += why == "invalid"
        tally.gone += why != "invalid"
        self._note(why, was.rule, "", message)
        self._money(why, was.rule, facts)
        if why == "gone":
            self._gone_events.add(_rank(message.coordinates), rule, message)

    def _differs(self, message: Message, was: Event, became: Event, facts: EventFacts, other: EventFacts) -> None:
        if facts.event_type == other.event_type:
            self.tallies.type(facts.event_type).changed += 1
        else:
            self.tallies.type(facts.event_type).gone += 1
            self.tallies.type(other.event_type).new_events += 1
        if was.rule != became.rule:
            self.tallies.move("taken_over", became.rule, was.rule, became.rule)
        if was.insert_id != became.insert_id:
            self.tallies.changed_ids += 1
            rules = self.tallies.changed_id_rules
            rules[became.rule] = rules.get(became.rule, 0) + 1
            if was.rule != became.rule and not self._written.has_id(message.topic, became.rule):
                self.tallies.move("id_by_name", became.rule, was.rule, became.rule)
        found = list(changed_fields(was, became))
        fields = [field for field, _, _ in found]
        self.tallies.changed_values += fields not in ([], ["insert_id"])
        count_moves(self.tallies, became.rule, facts, other, fields)
        count_texts(self.tallies, became.rule, found)
        if self._values:
            for field, old_text, new_text in found:
                change = self._note("changed", became.rule, field, message, shown(old_text), shown(new_text))
                change.missing += new_text is None
                change.added += old_text is None
            return
        names: dict[str, list[tuple[str | None, str | None]]] = {}
        for field, old_text, new_text in found:
            names.setdefault(self._written.shown(message.topic, field), []).append((old_text, new_text))
        for name, texts in names.items():
            change = self._note("changed", became.rule, name, message)
            change.missing += all(after is None for _, after in texts)
            change.added += all(before is None for before, _ in texts)

    def _problems(self, message: Message, old: Outcome, new: Outcome, paired: Iterable[Pair]) -> None:
        """What is newly wrong, by rule, field and code; of a message that was wrong before, what costs an event."""
        rules = ((self._renamed.new_name(message.topic, event.rule), event.item) for event in old.events)
        lost = {rule for rule, item in rules if has_problem(new, rule, item)}
        for each in new.problems:
            if not old.problems or each.rule in lost or (each.rule is None and lost):
                self._note("problem", each.rule or "", f"{each.field or 'message'}: {each.code}", message)
        if not old.problems and not lost:
            self.tallies.new_letters += bool(new.problems)
            for rule in dict.fromkeys(each.rule or "" for each in new.problems):
                self._note("letter", rule, "", message)
        for rule, field, code in less_readable(old, new, paired):
            self._note("unreadable", rule, f"{self._written.shown(message.topic, field)}: {code}", message)

    def _silenced(self, message: Message, old: Outcome, new: Outcome) -> None:
        """A message that was invalid, and of which nothing is wrong now because no rule takes what was wrong."""
        if any(has_problem(old, self._renamed.old_name(message.topic, each.rule), each.item) for each in new.events):
            return
        self.tallies.silenced_messages += 1
        for rule in dict.fromkeys(each.rule or "" for each in old.problems):
            self._note("silenced", rule, "", message)

    def _record(
        self, message: Message, place: int, event: Event, facts: EventFacts, *, old: bool, other_id: bool = False
    ) -> None:
        if self._stored is not None:
            self._stored.add(message, place, event, facts, old=old, new=not old, other_id=other_id)

    def _note(self, what: str, rule: str, field: str, message: Message, old: str = "", new: str = "") -> FieldChange:
        coordinates = message.coordinates
        example = Example(_rank(coordinates), coordinates, old, new)
        return self.tallies.change(what, rule, field, example, self._examples)


def _rank(coordinates: str) -> int:
    """Which messages are examples: no order of reading changes it."""
    return int.from_bytes(blake2b(coordinates.encode(), digest_size=8).digest())


def _same(old: Event, new: Event) -> bool:
    """Whether the service gets the same; another name of the rule makes no difference, nor the order of keys."""
    if old.insert_id != new.insert_id:
        return False
    # Only bodies of one length can be the same in another order: few others are read.
    return old.body == new.body or (len(old.body) == len(new.body) and _sorted(old.body) == _sorted(new.body))


def _sorted(body: bytes) -> bytes:
    return _encode_sorted(_decode_exact(body))


_decode_exact: Final = msgspec.json.Decoder(float_hook=Decimal).decode
_encode_sorted: Final = msgspec.json.Encoder(decimal_format="number", order="sorted").encode
