"""What somebody at a terminal waits for, and how long."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from greenflash_kafka.evaluate import evaluate, explain
from greenflash_kafka.loading import load
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.not_yet import NotYet
from greenflash_kafka.resolve import RESOLVE_SECONDS, Resolver, resolve, resolve_activities, resolve_whole
from greenflash_kafka.snapshot import Snapshot
from tests.fakes.decoders import UnknownSchemas, by_header
from tests.fakes.schemas import KnownSchemas
from tests.simulation.world import VirtualClock
from tests.unit.test_pipeline import RULES

VALUE = b'{"type": "paid", "id": "o1", "amount": 1, "currency": "EUR"}'


@pytest.fixture
def decoders() -> UnknownSchemas:
    return UnknownSchemas(by_header)


@pytest.fixture
def snapshot(tmp_path: Path, decoders: UnknownSchemas) -> Snapshot:
    (tmp_path / "m.yaml").write_text(RULES)
    ruleset = load([tmp_path / "m.yaml"], {}).ruleset
    assert ruleset is not None
    return Snapshot(ruleset, decoders=decoders)


def message(**headers: str) -> Message:
    return Message("orders", 0, 0, value=VALUE, headers=tuple((k, v.encode()) for k, v in headers.items()))


def test_evaluate_hands_on_what_its_decoder_wants_and_nothing_of_it_is_explained(snapshot: Snapshot) -> None:
    assert evaluate(message(schema="1234"), snapshot) == NotYet(("schema", "1234"))
    assert explain(message(schema="1234"), snapshot) == []
    assert not snapshot.known(("schema", "1234"))


def test_a_schema_that_comes_in_time_is_used(snapshot: Snapshot, decoders: UnknownSchemas) -> None:
    class Clock(VirtualClock):
        def sleep(self, seconds: float) -> None:
            super().sleep(seconds)
            if self.time > 1003.0:
                decoders.there.add(("schema", "1234"))

    clock = Clock()
    outcome = resolve(message(schema="1234"), snapshot, clock)
    assert len(outcome.events) == 1
    assert 1003.0 < clock.time < 1003.1


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"schema": "1234"}, "message: unknown-schema: schema 1234 isn't known here"),
        (
            {"horizon": "crm,web 99"},
            "message: bad-payload: what the conversations crm, web say up to 1970-01-01T00:00:00Z isn't known here",
        ),
    ],
)
def test_what_does_not_come_is_a_problem_that_names_it(snapshot: Snapshot, headers: dict[str, str], text: str) -> None:
    clock = VirtualClock()
    outcome = resolve(message(**headers), snapshot, clock)
    assert [each.describe() for each in outcome.problems] == [text]
    assert RESOLVE_SECONDS <= clock.time - 1000.0 < RESOLVE_SECONDS + 0.1


def test_several_schemas_that_do_not_come_are_waited_for_until_a_time_alone(snapshot: Snapshot) -> None:
    clock = VirtualClock()
    resolver = Resolver(snapshot, clock, until=clock.monotonic() + 12.0)
    for number in range(5):
        (problem,) = resolver.outcome(message(schema=str(number))).problems
        assert problem.code == "unknown-schema"
        assert resolver.whole(message(schema=str(number))).problem is not None
    assert 12.0 <= clock.time - 1000.0 < 12.1


def test_a_verb_that_evaluates_a_message_in_several_ways_waits_for_its_schema_once(
    snapshot: Snapshot, decoders: UnknownSchemas
) -> None:
    clock, asked = VirtualClock(), Snapshot(snapshot.ruleset, decoders=decoders, schemas=KnownSchemas({}))
    assert resolve(message(schema="1234"), asked, clock).problems
    assert resolve_whole(message(schema="1234"), asked, clock).problem is not None
    assert Resolver(asked, clock).outcome(message(schema="1234")).problems
    assert RESOLVE_SECONDS <= clock.time - 1000.0 < RESOLVE_SECONDS + 0.1


def test_json_is_never_waited_for(tmp_path: Path) -> None:
    (tmp_path / "m.yaml").write_text(RULES)
    ruleset = load([tmp_path / "m.yaml"], {}).ruleset
    assert ruleset is not None
    clock = VirtualClock()
    assert len(resolve(message(schema="1"), Snapshot(ruleset), clock).events) == 1
    assert clock.time == 1000.0
    assert Snapshot(ruleset).known(("schema", "1"))


def test_activities_are_waited_for_in_the_same_way(tmp_path: Path, decoders: UnknownSchemas) -> None:
    told = "conversations: [{name: chat, when: {type: paid}, id: = payload.id, keys: {user: = payload.currency}}]\n"
    (tmp_path / "c.yaml").write_text(f"version: 1\nsource: {{topics: [orders]}}\n{told}")
    ruleset = load([tmp_path / "c.yaml"], {}).ruleset
    assert ruleset is not None
    snapshot = Snapshot(ruleset, decoders=decoders)
    chat = msgspec.structs.replace(message(), timestamp_ms=5)
    assert resolve_activities(chat, snapshot).found == (Activity("chat", None, "o1", 5, (("user", "EUR"),)),)
    (problem,) = resolve_activities(message(schema="1234"), snapshot, VirtualClock()).problems
    assert (problem.code, problem.full_text) == ("unknown-schema", "schema 1234 isn't known here")


def test_what_did_not_come_once_is_not_waited_for_again(tmp_path: Path, decoders: UnknownSchemas) -> None:
    told = "conversations: [{name: chat, when: {type: paid}, id: = payload.id, keys: {user: = payload.currency}}]\n"
    (tmp_path / "c.yaml").write_text(f"version: 1\nsource: {{topics: [orders]}}\n{told}")
    ruleset = load([tmp_path / "c.yaml"], {}).ruleset
    assert ruleset is not None
    clock = VirtualClock()
    resolver = Resolver(Snapshot(ruleset, decoders=decoders), clock)
    began = clock.monotonic()
    for _ in range(3):
        assert [each.code for each in resolver.activities(message(schema="1234")).problems] == ["unknown-schema"]
    assert clock.monotonic() - began < 2 * RESOLVE_SECONDS
    assert [each.conversation for each in resolver.activities(message()).found] == ["o1"]
