"""Outcomes of rules that link: the latest are kept, and counted as production links them."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.link_study import outcomes_of_rules
from greenflash_kafka.link_study.outcomes_of_rules import LatestOutcomes, LinkedOutcomes
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.message import Message
from greenflash_kafka.snapshot import Snapshot
from tests.unit.link_study.linked_shop import ORDERS, T0, records, snapshot_of

HOUR = 3_600_000


def kept(snapshot: Snapshot, messages: list[Message]) -> LatestOutcomes:
    latest = LatestOutcomes(snapshot, snapshot.ruleset.linking_rules)
    for each in messages:
        latest.add(each)
    return latest


def test_outcomes_are_counted_by_how_they_are_linked(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path)
    users = ["u-1", "u-2", "u-3", None, "u-5"]
    orders = records("orders", [{"type": "paid", "id": f"o{n}", "user": user} for n, user in enumerate(users)])
    linked = LinkedOutcomes(kept(snapshot, orders).messages, snapshot)
    heard = [
        Activity("support_chat", None, "c-1", T0 - HOUR, (("external_user_id", "u-1"),)),
        Activity("support_chat", None, "c-2", T0 - 30 * HOUR, (("external_user_id", "u-2"),)),
        Activity("support_chat", None, "c-3", T0 + HOUR, (("external_user_id", "u-3"),)),
    ]
    known = GivenConversations(snapshot.ruleset.sources, [(each, each.at) for each in heard])
    found = linked.judged(known, {key for each in heard for key in each.keys})["paid"]
    assert (found.count, found.keyed, found.heard, found.results["linked"]) == (5, 4, 3, 1)
    assert found.reasons == {"before-lookback": 1, "after-event": 1}
    assert set(found.ids["external_user_id"]) == {"u-1", "u-2", "u-3", "u-5"}
    assert found.since_ms == T0


def test_nothing_is_concluded_of_a_lookback_that_was_not_read(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path)
    orders = records("orders", [{"type": "paid", "id": f"o{n}", "user": f"u-{n}"} for n in range(3)])
    linked = LinkedOutcomes(kept(snapshot, orders).messages, snapshot)
    heard = [
        Activity("support_chat", None, "c-0", T0 - HOUR, (("external_user_id", "u-0"),)),
        Activity("support_chat", None, "c-1", T0 + HOUR, (("external_user_id", "u-1"),)),
    ]
    known = GivenConversations(snapshot.ruleset.sources, [(each, each.at) for each in heard])
    known.floor = T0 - 2 * HOUR
    found = linked.judged(known, {key for each in heard for key in each.keys})["paid"]
    assert (found.results["linked"], found.results["history"], dict(found.reasons)) == (1, 2, {"not-read": 2})


def test_each_way_of_a_link_is_asked_though_the_one_before_it_would_be_enough(tmp_path: Path) -> None:
    snapshot = snapshot_of(tmp_path)
    orders = records("orders", [{"type": "left", "id": "o1", "user": "u-1", "mail": "a@b.c"}])
    linked = LinkedOutcomes(kept(snapshot, orders).messages, snapshot)
    assert [each.keys for each in linked.questions] == [(("email", "a@b.c"),), (("external_user_id", "u-1"),)]
    found = linked.judged(GivenConversations(snapshot.ruleset.sources), set())["left"]
    assert {key: dict(ids) for key, ids in found.ids.items()} == {"email": {"a@b.c": 1}, "external_user_id": {"u-1": 1}}


def test_the_latest_outcomes_of_each_rule_are_kept_in_whatever_order_they_come(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes_of_rules, "MOST", 3)
    snapshot = snapshot_of(tmp_path)
    paid = records("orders", [{"type": "paid", "id": f"o{n}", "user": "u"} for n in range(10)])
    latest = kept(snapshot, [*paid[5:], *paid[:5]])
    assert [each.offset for each in latest.messages["paid"]] == [7, 8, 9]
    assert not latest.complete
    for each in records("orders", [{"type": "left", "id": f"l{n}", "user": "u"} for n in range(3)]):
        latest.add(each)
    assert latest.complete


def test_large_messages_are_kept_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes_of_rules, "MOST_BYTES", 20_000)
    snapshot = snapshot_of(tmp_path)
    large = [{"type": "paid", "id": f"o{n}", "user": "u", "text": "x" * 3000} for n in range(10)]
    latest = kept(snapshot, records("orders", large))
    assert [each.offset for each in latest.messages["paid"]] == [7, 8, 9]


def test_an_event_that_fails_with_a_conversation_costs_only_its_keys(tmp_path: Path) -> None:
    fails = "{event_type: upgrade_purchased, properties: {n: = number(conversation.source)}}"
    broken = ORDERS.replace("{event_type: upgrade_purchased}", fails)
    snapshot = snapshot_of(tmp_path, broken)
    orders = records("orders", [{"type": "paid", "id": "o1", "user": "u-1"}])
    linked = LinkedOutcomes(kept(snapshot, orders).messages, snapshot)
    activity = Activity("support_chat", None, "c-1", T0 - HOUR, (("external_user_id", "u-1"),))
    known = GivenConversations(snapshot.ruleset.sources, [(activity, activity.at)])
    assert set(linked.judged(known, set())) == {"paid"}


def test_an_expression_that_refuses_numbers_is_named(tmp_path: Path) -> None:
    link = "link:\n  lookback: 24h\n  by:\n    external_user_id: = lower(payload.ref)"
    snapshot = snapshot_of(tmp_path, ORDERS.replace("link: {lookback: 24h}", link))
    refs = enumerate([7, "u", None])
    messages = records("orders", [{"type": "paid", "id": f"o{n}", "user": "u", "ref": ref} for n, ref in refs])
    linked = LinkedOutcomes(kept(snapshot, messages).messages, snapshot)
    found = linked.judged(GivenConversations(snapshot.ruleset.sources), set())["paid"]
    assert (found.keyed, found.results["no-key"]) == (1, 2)
    assert found.failures == {"by.external_user_id: lower takes text, not a number; text(x) converts it": 1}
