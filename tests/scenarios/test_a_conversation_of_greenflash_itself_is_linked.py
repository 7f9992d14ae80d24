"""Who logs conversations by the SDK alone links all the same: the bridge writes what Greenflash lists into a topic, and
the preset reads it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.main import run
from tests.scenarios.linked import Linked, moment, now

PRESET = Path(__file__).parents[2] / "presets" / "greenflash-interactions" / "greenflash-interactions.yaml"


def test_a_conversation_of_greenflash_itself_is_linked(deployment: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    topic = deployment.kafka.topic(1, "interactions")
    linked = Linked(deployment, partitions=1, chats=topic)
    preset = (
        PRESET.read_text().replace("[greenflash.interactions]", f"[{topic}]").replace("max_delay: 6m", "max_delay: 0s")
    )
    (deployment.folder / "chats.yaml").write_text(preset)
    chats = [("c-1", "u-1", -60_000), ("c-2", "u-1", -30_000), ("c-3", "u-1", 60_000), ("c-4", "u-2", -30_000)]
    listed = [
        {"externalId": chat, "externalParticipantId": user, "createdAt": moment(now() + at)} for chat, user, at in chats
    ]
    deployment.sandbox.set_interactions(add=listed)
    for name, value in deployment.environ().items():
        monkeypatch.setenv(name, value)
    assert run(["conversations", "pull", "--topic", topic, "--once", "--rate", "20"]) == 0
    for number, user in enumerate(("u-1", "u-2", "u-3")):
        linked.order(number, user)
    linked.run_until_idle()
    assert linked.links() == {"o0": "c-2", "o1": "c-4", "o2": None}
