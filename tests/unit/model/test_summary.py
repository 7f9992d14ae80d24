"""The summary of a run is one JSON object."""

from __future__ import annotations

import json

from greenflash_kafka.model.summary import Summary


def test_it_is_read_back_as_it_was() -> None:
    summary = Summary("b", 10, 9, 3, 5, 1, 9, 1, 5, 5, blocked_by=["t/0: an open transaction"])
    said = json.loads(summary.to_json())
    assert (said["produced"], said["consumed"], said["lag"]) == (10, 9, 1)
    assert (said["stored"], said["blocked_by"]) == (None, ["t/0: an open transaction"])
