"""Comparison of the final state with the expected one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from greenflash_kafka.dlq import reader
from greenflash_kafka.model.message import Message
from tests.chaos.chats import CALLS, CHATS, expected, oracle_of
from tests.chaos.customers import ACCOUNTS, CUSTOMERS, Wanted, judge, wanted_rows
from tests.chaos.ground import Ground
from tests.chaos.traffic import identity

_PAGE = 5_000

Rows = Mapping[str, Collection[Wanted]]
"""What each of the ledger's facts must say of its customer, by identity."""


class Verdict(msgspec.Struct):
    """Facts are events by identity. `examples` names the first few that are wrong.

    `dead_letters` counts the distinct messages in the dead-letter topic, `dead_letters_again` those that stand
    there once more because a process died between writing and committing, which is allowed.
    """

    stored: int = 0
    facts: int = 0
    lost: int = 0
    twice: int = 0
    wrong: int = 0
    unknown: int = 0
    broken: int = 0
    dead_letters: int = 0
    dead_letters_again: int = 0
    dead_letters_missing: int = 0
    dead_letters_unmeant: int = 0
    uncommitted: int = 0
    requests: int = 0
    refused: int = 0
    again: int = 0
    """Requests under an id that was stored already, beyond those that the traffic itself tells again."""
    linked: int = 0
    """Events of the ledger that have the conversation that they must have."""
    unlinked: int = 0
    """Those that rightly have none."""
    wrongly_linked: int = 0
    rows: int = 0
    """Events of the ledger that say the rows as of their horizons."""
    rowless: int = 0
    """Those of them that rightly have no customer."""
    later_rows: int = 0
    """Those whose customer is a later one, since compaction took the right one."""
    earlier_rows: int = 0
    """Those whose customer is an earlier one, for the same reason."""
    wrong_rows: int = 0
    contradictions: int = 0
    """Events that came again, under the same id, with another body."""
    later_again: int = 0
    """Those in which only the customer differs, since compaction took the right one meanwhile."""
    chats: int = 0
    """Records of conversation topics that could be read at the end: those of transactions that aborted aren't."""
    examples: list[str] = []

    @property
    def exact(self) -> bool:
        """Nothing lost, nothing twice, nothing wrong, every bad message kept, everything committed."""
        return not (
            self.lost
            or self.twice
            or self.wrong
            or self.unknown
            or self.refused
            or self.wrongly_linked
            or self.wrong_rows
            or self.contradictions
            or self.dead_letters_missing
            or self.dead_letters_unmeant
            or self.uncommitted
        )


def compare(
    ground: Ground,
    values: Mapping[str, str],
    told: int,
    broken: Collection[tuple[str, int, int]],
    rows: Rows | None = None,
) -> Verdict:
    """`values` is what must be stored by identity, `told` counts events as often as the traffic tells them."""
    verdict = Verdict(facts=len(values), broken=len(broken))
    links = conversations(ground, verdict) if ground.links else {}
    _events(ground, values, links, rows or {}, verdict)
    _contradictions(ground, links, rows or {}, verdict)
    _dead_letters(ground, broken, verdict)
    verdict.uncommitted = ground.behind()
    stats = ground.sandbox.stats()
    verdict.requests = stats["received"]
    verdict.refused = stats["rejected"]
    verdict.again = stats["duplicates"] - (told - len(values))
    return verdict


def conversations(ground: Ground, verdict: Verdict) -> Mapping[str, Collection[str | None]]:
    """The conversations that each of the ledger's facts may have, by what is in the topics now."""
    records = {each: ground.kafka.read(ground.topics[each]) for each in (CHATS, CALLS)}
    verdict.chats = sum(map(len, records.values()))
    return expected(ground.ledger(), oracle_of(records))


def customers(ground: Ground, told: Collection[Message], left: Collection[Message]) -> Rows:
    """What each of the ledger's facts must say; `told`: every record of the customers' topic that there ever was,
    `left`: those that are there now."""
    in_order = sorted(told, key=lambda each: (each.partition, each.offset))
    accounts = ground.kafka.read(ground.topics[ACCOUNTS])
    return wanted_rows(ground.ledger(), {CUSTOMERS: in_order, ACCOUNTS: accounts}, left)


def _events(
    ground: Ground,
    values: Mapping[str, str],
    links: Mapping[str, Collection[str | None]],
    rows: Rows,
    verdict: Verdict,
) -> None:
    seen: set[str] = set()
    while True:
        page = ground.sandbox.events(verdict.stored, _PAGE)
        if not page:
            break
        verdict.stored += len(page)
        for event in page:
            fact = identity(event)
            wanted = values.get(fact)
            if fact in seen:
                verdict.twice += 1
                _example(verdict, f"stored twice: {fact}, again as {event['insertId']}")
            elif wanted is None:
                verdict.unknown += 1
                _example(verdict, f"stored, but never meant: {fact}")
            elif event.get("value") != wanted:
                verdict.wrong += 1
                _example(verdict, f"wrong: {fact} is {event.get('value')!r}, not {wanted!r}")
            seen.add(fact)
            _link(event, fact, links, verdict)
            _row(event, fact, rows, verdict)
    for fact in values:
        if fact not in seen:
            verdict.lost += 1
            _example(verdict, f"lost: {fact}")


def _link(event: Mapping[str, Any], fact: str, links: Mapping[str, Collection[str | None]], verdict: Verdict) -> None:
    wanted = links.get(fact)
    if wanted is None:
        return
    found = event.get("externalConversationId")
    if found not in wanted:
        verdict.wrongly_linked += 1
        _example(verdict, f"wrongly linked: {fact} to {found}, not to {', '.join(map(str, wanted))}")
    elif found is None:
        verdict.unlinked += 1
    else:
        verdict.linked += 1


def _row(event: Mapping[str, Any], fact: str, rows: Rows, verdict: Verdict) -> None:
    wanted = rows.get(fact)
    if wanted is None:
        return
    match judge(event, wanted):
        case "as of":
            verdict.rows += 1
            verdict.rowless += "externalOrganizationId" not in event
        case "later":
            verdict.later_rows += 1
        case "earlier":
            verdict.earlier_rows += 1
        case _:
            verdict.wrong_rows += 1
            _example(verdict, f"wrong rows: {event}, not {wanted}")


def _later(first: Mapping[str, Any], second: Mapping[str, Any], wanted: Collection[Wanted]) -> bool:
    """Whether two bodies differ by their customers alone, and each of these may be."""
    names = (first.keys() | second.keys()) - {"externalOrganizationId"}
    return all(first.get(name) == second.get(name) for name in names) and all(
        judge(each, wanted) != "wrong" for each in (first, second)
    )


def _contradictions(ground: Ground, links: Mapping[str, Collection[str | None]], rows: Rows, verdict: Verdict) -> None:
    """A fact that its topic tells twice may have two conversations, or rows: the service keeps the first. The demo's
    facts aren't looked at, whose second telling may say other things."""
    for each in ground.sandbox.conflicts():
        fact = identity(each["stored"])
        if len(links.get(fact, ())) != 1 or len(rows.get(fact, ())) > 1:
            continue
        if _later(each["stored"], each["later"], rows.get(fact, ())):
            verdict.later_again += 1
        else:
            verdict.contradictions += 1
            _example(verdict, f"came again with another body: {fact}: {each['stored']} and {each['later']}")


class Again(msgspec.Struct):
    """What a second group stored of the same topics, beside the first."""

    seconds: float
    code: int
    """How its process ended."""
    stored: int = 0
    same: int = 0
    differ: int = 0
    missing: int = 0
    """Stored by one of the two only."""
    later: int = 0
    """Those that differ by a customer alone, whose right row compaction took meanwhile."""
    told_twice: int = 0
    """Facts that their topic tells twice, and not in the same words: what comes first is stored."""
    examples: list[str] = []

    @property
    def exact(self) -> bool:
        """Everything that isn't told twice is the same."""
        return not (self.code or self.differ or self.missing)


def compare_again(ground: Ground, other: Ground, repeated: Collection[str], rows: Rows, again: Again) -> None:
    """Compare the bodies of both sandboxes by insert id; `again` takes what is found. `repeated`: facts that more than
    one message tells."""
    first, second = _bodies(ground), _bodies(other)
    again.stored = len(second)
    again.missing = len(first.keys() ^ second.keys())
    for insert_id in first.keys() & second.keys():
        fact = identity(first[insert_id])
        if first[insert_id] == second[insert_id]:
            again.same += 1
        elif fact in repeated:
            again.told_twice += 1
        elif _later(first[insert_id], second[insert_id], rows.get(fact, ())):
            again.later += 1
        else:
            again.differ += 1
            if len(again.examples) < 10:
                again.examples.append(f"differs in a second run: {first[insert_id]} and {second[insert_id]}")


def _bodies(ground: Ground) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    after = 0
    while page := ground.sandbox.events(after, _PAGE):
        after += len(page)
        for event in page:
            body = {name: each for name, each in event.items() if name not in ("eventId", "receivedAt")}
            found[event["insertId"]] = body
    return found


def _dead_letters(ground: Ground, broken: Collection[tuple[str, int, int]], verdict: Verdict) -> None:
    seen: set[tuple[str, int, int]] = set()
    for record in ground.kafka.read(ground.dead_letters):
        origin = reader.read(record.key, record.value, record.headers).dead_letter.message
        where = (origin.topic, origin.partition, origin.offset)
        if where in seen:
            verdict.dead_letters_again += 1
            continue
        seen.add(where)
        if where not in broken:
            verdict.dead_letters_unmeant += 1
            _example(verdict, f"a dead letter that shouldn't be one: {origin.coordinates}")
    verdict.dead_letters = len(seen)
    for where in broken:
        if where not in seen:
            verdict.dead_letters_missing += 1
            _example(verdict, f"no dead letter for {where}")


def _example(verdict: Verdict, text: str) -> None:
    if len(verdict.examples) < 20:
        verdict.examples.append(text)
