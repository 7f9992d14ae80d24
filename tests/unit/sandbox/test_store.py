"""The sandbox's memory of events."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.sandbox.store import Acceptance, Store

UUID = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"


def keep(store: Store, **fields: Any) -> Acceptance:
    """Keep an event that has these fields beside the required ones."""
    event = {"eventType": "paid", "productId": UUID, "value": "1", **fields}
    return store.keep(event, msgspec.json.encode(event), "2026-11-23T22:00:00+00:00")


def test_an_event_comes_back_as_it_came() -> None:
    store = Store()
    body = b' {"eventType": "paid", "properties": {"rate": 0.10, "big": 12345678901234567890.120}} '
    kept = store.keep({"eventType": "paid"}, body, "2026-11-23T22:00:00+00:00")
    (stored,) = store.listing()
    assert stored.to_json().strip() == (
        b'{"eventId":"%b","receivedAt":"2026-11-23T22:00:00+00:00",' % kept.event_id.encode() + body.strip()[1:]
    )
    assert msgspec.json.decode(stored.to_json())["eventType"] == "paid"


def test_the_same_insert_id_is_stored_once_and_answered_with_the_same_event_id() -> None:
    store = Store()
    first, again, other = (keep(store, insertId=each) for each in ("a", "a", "b"))
    assert (first.outcome, again.outcome, other.outcome) == ("stored", "duplicate", "stored")
    assert first.event_id == again.event_id != other.event_id
    stats = store.stats()
    assert (stats["stored"], stats["duplicates"], stats["conflicts"]) == (2, 1, 0)


def test_events_without_an_insert_id_are_all_stored() -> None:
    store = Store()
    assert keep(store).event_id != keep(store).event_id
    assert store.stats()["stored"] == 2


def test_another_content_under_a_known_insert_id_is_a_conflict_and_changes_nothing() -> None:
    store = Store()
    keep(store, insertId="a", value="1")
    keep(store, insertId="a", value="2")
    (conflict,) = store.conflicts
    assert (conflict.insert_id, conflict.event_id) == ("a", store.events[0].event_id)
    assert [msgspec.json.decode(each)["value"] for each in (conflict.stored, conflict.later)] == ["1", "2"]
    assert store.stats() | {"conflicts": 1, "duplicates": 1, "stored": 1} == store.stats()


def test_the_same_content_written_otherwise_is_no_conflict() -> None:
    store = Store()
    event = {"eventType": "paid", "productId": UUID, "value": "1", "insertId": "a", "properties": {"n": Decimal("1.5")}}
    plain = msgspec.json.Encoder(decimal_format="number").encode(event)
    store.keep(event, plain, "")
    store.keep(event, plain.replace(b",", b" , "), "")
    assert (store.duplicates, store.conflict_count) == (1, 0)


def test_sampling_is_the_same_for_an_event_type_and_organization() -> None:
    store = Store()
    outcomes = {
        organization: {keep(store, sampleRate=Decimal("0.5"), externalOrganizationId=organization).outcome}
        | {keep(store, sampleRate=Decimal("0.5"), externalOrganizationId=organization).outcome}
        for organization in map(str, range(60))
    }
    assert all(len(each) == 1 for each in outcomes.values())
    kept = sum(each == {"stored"} for each in outcomes.values())
    assert 15 < kept < 45
    assert store.sampled_out == 2 * (60 - kept)


def test_a_rate_of_none_keeps_nothing_and_of_one_everything() -> None:
    store = Store()
    for organization in map(str, range(30)):
        assert keep(store, sampleRate=0, organizationId=organization).outcome == "sampled_out"
        assert keep(store, sampleRate=1, organizationId=organization).outcome == "stored"
        assert keep(store, sampleRate=0, forceSample=True, organizationId=organization).outcome == "stored"


def test_a_part_of_the_events_can_be_listed() -> None:
    store = Store()
    ids = [keep(store).event_id for _ in range(5)]
    assert [each.event_id for each in store.listing(1, 3)] == ids[1:4]
    assert [each.event_id for each in store.listing(4, 9)] == ids[4:]
    assert list(store.listing(9)) == []


AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**18), max_value=10**18)


@given(st.lists(AMOUNTS, max_size=40))
def test_money_adds_up_to_the_cent(amounts: list[Decimal]) -> None:
    store = Store()
    for amount in amounts:
        keep(store, value=format(amount, "f"), valueType="currency", properties={"currency": "eur"})
    cents = sum(int(amount.scaleb(2)) for amount in amounts)
    money = store.stats()["money"]
    assert int(Decimal(money.get("EUR", "0")).scaleb(2)) == cents


def test_money_is_told_by_type_and_currency_and_only_when_it_is_money() -> None:
    store = Store()
    keep(store, value="10.50", valueType="currency", properties={"currency": "EUR"})
    keep(store, value="0.1", valueType="currency", properties={"currency": "EUR"}, eventType="refund")
    keep(store, value="7", valueType="currency")
    keep(store, value="5", valueType="numeric", properties={"currency": "EUR"})
    for value in ("ten", "NaN", "1e999999", "1" * 100):
        keep(store, value=value, valueType="currency", properties={"currency": "EUR"})
    assert store.stats()["money"] == {"EUR": "10.60", "?": "7"}
    assert store.totals.by_type["refund"].money == {"EUR": Decimal("0.1")}


def test_influence_is_neutral_unless_said() -> None:
    store = Store()
    keep(store, influence="positive")
    keep(store, influence="negative")
    keep(store)
    assert store.stats()["influence"] == {"positive": 1, "neutral": 1, "negative": 1}
    assert store.stats()["by_event_type"] == {"paid": 3}
