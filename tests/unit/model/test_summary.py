"""The summary of a run is one JSON object."""

from __future__ import annotations

import json

from greenflash_kafka.model.summary import Summary


def test_it_is_read_back_as_it_was() -> None:
    summary = Summary("b", 10, 9, 3, 5, 1, 9, 1, 5, 5, blocked_by=["t/0: an open transaction"])
    said = json.loads(summary.to_json())
    assert (said["produced"], said["consumed"], said["lag"]) == (10, 9, 1)
    assert (said["stored"], said["blocked_by"]) == (None, ["t/0: an open transaction"])


def test_a_run_of_rules_that_link_says_how_many_events_found_their_conversation() -> None:
    plain = Summary("b", 10, 10, 3, 7, 0, 10, 0, 7, 7)
    assert "linked" not in plain.to_text()
    linking = Summary("b", 10, 10, 3, 7, 0, 10, 0, 7, 7, linked=4, with_link=6)
    assert "7 events accepted; 4 of 6 linked to a conversation; lag 0" in linking.to_text()
    assert (json.loads(linking.to_json())["linked"], json.loads(linking.to_json())["with_link"]) == (4, 6)


def test_events_of_drafts_are_said_where_there_are_drafts() -> None:
    assert "draft" not in Summary("b", 10, 10, 3, 7, 0, 10, 0, 7, 7).to_text()
    drafts = Summary("b", 10, 10, 3, 7, 0, 10, 0, 7, 7, drafts=3)
    assert "7 events accepted; 3 events of draft rules not sent; lag 0" in drafts.to_text()
    dry = Summary("b", 10, 10, 3, 7, 0, 10, 0, 7, 7, dry_run=True, drafts=3)
    assert "7 events would be sent; 3 events of draft rules not sent; nothing was sent" in dry.to_text()


def test_what_was_sent_and_not_committed_is_said() -> None:
    left = Summary("b", 10, 10, 3, 7, 0, 5, 5, 7, 5, uncommitted=4)
    assert left.to_text().endswith("; 5 events accepted; 4 sent and not committed; lag 5")
