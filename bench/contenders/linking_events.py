"""CPU of an event with a link and without, without Kafka and HTTP: prints us of `evaluate` by case, as JSON.

`python -m bench.contenders.linking_events FOLDER POINTS`: the table has so many points and stands in the folder.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.linked_work import CHATS, LINKED, PEOPLE, UNLINKED
from bench.work import messages
from greenflash_kafka.clock import SystemClock
from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.linking.logged import LoggedConversations
from greenflash_kafka.linking.table import ActivityTable, stored
from greenflash_kafka.loading import load
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.rules.ruleset import Ruleset
from greenflash_kafka.snapshot import Snapshot

COUNT = 20_000
RECORDED = 1_784_000_000_000
"""The timestamp of the messages, in milliseconds: also about when they happened."""

PER_PERSON = 4
ROUNDS = 5


def _rules(folder: Path, rules: str) -> Ruleset:
    (folder / "chats.yaml").write_text(CHATS.replace("CHATS", "chats"))
    (folder / "outcomes.yaml").write_text(rules.replace("TOPIC", "outcomes"))
    loaded = load([folder], {})
    assert loaded.ruleset is not None, loaded.findings
    return loaded.ruleset


def _snapshot(ruleset: Ruleset, table: ActivityTable) -> Snapshot:
    conversations = LoggedConversations(ruleset.sources, table, SystemClock(), lookback=ruleset.longest_lookback)
    conversations.publish({each.name: RECORDED + 3_600_000 for each in ruleset.sources})
    conversations.complete_since(0, {each.name: 0 for each in ruleset.sources})
    return Snapshot(ruleset, EvaluationContext(conversations=conversations))


def _fill(table: ActivityTable, points: int) -> None:
    """Some points of each person whose outcomes come, in the day before; the others are other people's."""
    key = table.hasher("chat", "external_user_id")
    rows = []
    for number in range(points):
        person = number % PEOPLE if number < PEOPLE * PER_PERSON else number // PER_PERSON + PEOPLE
        at = RECORDED - 60_000 - number * 7919 % 80_000_000
        rows.append(stored(key(f"user-{person}"), f"3f6f0c4e-8f0c-4b7e-9d59-{number:012x}", at, at))
        if len(rows) == 100_000 or number == points - 1:
            table.begin()
            table.put(sorted(rows))
            table.commit({})
            rows.clear()


def main(folder: Path, points: int) -> None:
    """Prepare the cases, measure, and print."""
    taken = [Message("outcomes", 0, number, RECORDED, value=value) for number, value in enumerate(messages(COUNT))]
    full, empty = ActivityTable(folder / "full.sqlite"), ActivityTable(folder / "empty.sqlite")
    _fill(full, points)
    cases = {
        "unlinked_us": Snapshot(_rules(folder, UNLINKED)),
        "linked_us": _snapshot(_rules(folder, LINKED), full),
        "missed_us": _snapshot(_rules(folder, LINKED), empty),
    }
    assert only_event(taken[0], cases["linked_us"]).link is not None
    assert b"externalConversationId" in only_event(taken[0], cases["linked_us"]).body
    assert b"externalConversationId" not in only_event(taken[0], cases["missed_us"]).body
    print(json.dumps({**best_of_each(taken, cases), "points": full.points}))


def best_of_each(taken: Sequence[Message], cases: Mapping[str, Snapshot]) -> dict[str, float]:
    """Microseconds of CPU a message by case. Different messages, each evaluated once a round; the cases take turns,
    since the machine may change."""
    found = {name: float("inf") for name in cases}
    for _ in range(ROUNDS):
        for name, snapshot in cases.items():
            began = time.process_time()
            for message in taken:
                evaluate(message, snapshot)
            # The best, since what disturbs only adds.
            found[name] = min(found[name], (time.process_time() - began) / len(taken) * 1e6)
    return found


def only_event(message: Message, snapshot: Snapshot) -> Event:
    """The event of a message, which has everything that it needs."""
    outcome = evaluate(message, snapshot)
    assert isinstance(outcome, Outcome), outcome
    return outcome.events[0]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
