"""Chats among the demo's traffic, and what they have to do with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pytest

from greenflash_kafka.demo.chats import KINDS
from greenflash_kafka.demo.company import MAX_DELAY_MS, copy_mappings
from greenflash_kafka.demo.made import CHATS, Chat, Maker
from greenflash_kafka.demo.traffic import endless_with_meaning, traffic, with_chats
from greenflash_kafka.loading import load

MAPPINGS = Path(__file__).parents[3] / "mappings"


@pytest.mark.parametrize("maker", [maker for _, maker in KINDS], ids=lambda maker: maker.__name__)
def test_a_message_becomes_the_facts_that_its_maker_tells_of(
    maker: Maker, becomes_what_it_means: Callable[[Maker], None]
) -> None:
    becomes_what_it_means(maker)


def test_chats_come_in_between_and_change_nothing_else() -> None:
    among = list(with_chats(islice(endless_with_meaning(3), 600)))
    assert [message for message, meaning in among if not isinstance(meaning, Chat)] == list(traffic(3, 600))
    chats = [message for message, meaning in among if isinstance(meaning, Chat)]
    assert {message.topic for message in chats} == {CHATS}
    assert len(chats) > 100
    assert all(json.loads(message.value or b"")["conversation_id"].encode() == message.key for message in chats)


def test_a_chat_stands_just_before_its_message_or_a_few_after_it() -> None:
    places: dict[str, int] = {}
    outcomes: dict[str, int] = {}
    for place, (_, meaning) in enumerate(with_chats(islice(endless_with_meaning(3), 3000))):
        if isinstance(meaning, Chat):
            places.setdefault(meaning.conversation, place)
        else:
            outcomes |= {each.cause: place for each in meaning.facts if each.cause}
    after = [places[each] - outcomes[each] for each in outcomes]
    assert min(after) == -3
    assert 0 < max(after) < 60
    assert sum(each < 0 for each in after) > sum(each > 0 for each in after) > 0


def test_the_companys_mappings_are_the_shipped_rules_with_its_own_tables(tmp_path: Path) -> None:
    loaded = load(
        [copy_mappings(MAPPINGS, tmp_path)], {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}
    )
    assert loaded.ruleset is not None
    assert [(each.name, each.max_delay_ms) for each in loaded.ruleset.sources] == [("support_chat", MAX_DELAY_MS)]
    assert (
        (tmp_path / "mappings/billing/charges.csv").read_text().startswith("charge,customer,user_id\nch_0,cus_0,u-0\n")
    )
    assert (
        (tmp_path / "mappings/crm/deals.csv").read_text().startswith("deal_id,user_id,account\n100000000,u-0,org-0\n")
    )
