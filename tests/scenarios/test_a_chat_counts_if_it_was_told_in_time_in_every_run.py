"""A chat that is told within max_delay counts, one told later doesn't, and every run says the same."""

from __future__ import annotations

from typing import Any

from greenflash_kafka.sandbox.in_thread import running_sandbox
from tests.scenarios.conftest import KEY
from tests.scenarios.linked import Linked, now


def test_a_chat_counts_if_it_was_told_in_time_in_every_run(deployment: Any) -> None:
    linked = Linked(deployment, max_delay="10s")
    paid = now() - 600_000
    linked.chat("c-early", "ann", paid - 60_000)
    linked.chat("c-in-time", "ann", paid - 5_000, told=paid + 9_000)
    linked.chat("c-late", "ann", paid - 1_000, told=paid + 11_000, partition=1)
    linked.chat("c-after", "ann", paid + 8_000)
    linked.chat("c-only-late", "bob", paid - 1_000, told=paid + 11_000)
    linked.order(1, "ann", paid)
    linked.order(2, "bob", paid, partition=1)
    linked.order(3, "bob", paid + 2_000)
    linked.run_until_idle()
    assert linked.links() == {"o1": "c-in-time", "o2": None, "o3": "c-only-late"}
    first = linked.bodies()
    with running_sandbox(api_key=KEY) as other:
        deployment.sandbox, deployment.group = other, deployment.kafka.group()
        linked.chat("c-much-later", "ann", paid - 500)
        linked.run_until_idle(GREENFLASH_KAFKA_LINKING__DIRECTORY=str(linked.directory / "another"))
        assert linked.bodies() == first
    dry = linked.run("--dry-run", "--until-idle", "1")
    assert dry.wait() == 0
    shown = dry.process.stdout.read()
    assert '"externalConversationId": "c-in-time"' in shown or '"externalConversationId":"c-in-time"' in shown
