"""A chat that is told within max_delay counts, one told later doesn't, and every run says the same; so it is with an
outcome that is reported long after it happened, in every run and every study."""

from __future__ import annotations

import json
from typing import Any

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.sandbox.in_thread import running_sandbox
from tests.brokers.kafka import Record
from tests.scenarios.conftest import KEY
from tests.scenarios.linked import Linked, moment, now

HOUR = 3_600_000
DAY = 24 * HOUR
DAYS_LATE = (0.5, 1, 1.5, 1.75, 2, 2.25, 2.5, 3, 4)
"""A chat six hours before the outcome counts if this was reported a day and the other 18 hours of the lookback later,
at most."""


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


def _orders_that_are_reported_late(linked: Linked) -> None:
    """An order that is paid and reported every six hours, with a chat; and those of DAYS_LATE, a day ago."""
    rules = linked.deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text() + "      event_at: = time(payload.at)\n")
    reported = now() - DAY
    told: list[tuple[int, str, dict[str, object]]] = []

    def order(name: str, at: int, reported: int) -> None:
        told.append(
            (at - 6 * HOUR, linked.chats, {"conversation": f"c-{name}", "user": name, "at": moment(at - 6 * HOUR)})
        )
        paid = {"type": "paid", "id": name, "cents": 100, "currency": "EUR", "user": name, "at": moment(at)}
        told.append((reported, linked.orders, paid))

    for days in DAYS_LATE:
        order(f"late-{days}", reported - int(days * DAY), reported)
    for hours in range(6, 130, 6):
        order(f"prompt-{hours}", now() - hours * HOUR, now() - hours * HOUR)
    for stamp, topic, body in sorted(told, key=lambda each: each[0]):
        linked.kafka.produce(topic, [Record(json.dumps(body).encode(), timestamp_ms=stamp)])


def test_an_outcome_that_is_reported_late_is_linked_alike_in_every_run_and_study(
    deployment: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    linked = Linked(deployment, partitions=1)
    _orders_that_are_reported_late(linked)
    linked.run_until_idle()
    whole = linked.links()
    ids = {key.rpartition(":")[2]: key for key in deployment.stored()}
    assert [days for days in DAYS_LATE if whole[f"late-{days}"]] == [0.5, 1, 1.5, 1.75]
    assert all(link == f"c-{name}" for name, link in whole.items() if name.startswith("prompt-"))
    with running_sandbox(api_key=KEY) as other:
        deployment.sandbox, deployment.group = other, deployment.kafka.group()
        start = {"GREENFLASH_KAFKA_LINKING__DIRECTORY": str(linked.directory / "another")}
        linked.run_until_idle(**start, GREENFLASH_KAFKA_KAFKA__START=moment(now() - 25 * HOUR))
        part = linked.links()
    assert len(part) > len(DAYS_LATE)
    assert part.items() <= whole.items()

    for name, value in (deployment.environ() | linked.environ).items():
        monkeypatch.setenv(name, value)

    def said(*arguments: str) -> Any:
        capfd.readouterr()
        code = run(arguments)
        printed = capfd.readouterr()
        assert code == 0, printed.err
        return json.loads(printed.out)

    links = sum(each is not None for each in whole.values())
    counted = said("backfill", "--rules", "paid", "--since", "6d", "--json")
    assert counted["links"] == {"linked": links, "reported-late": len(whole) - links}
    for days in (1.75, 2):
        (body,) = said("explain", "--insert-id", ids[f"late-{days}"], "--json")["events"]
        assert body.get("externalConversationId") == whole[f"late-{days}"]
    new = deployment.folder / "new"
    new.mkdir()
    for each in ("orders.yaml", "chats.yaml"):
        (new / each).write_text((deployment.folder / each).read_text())
    old = deployment.folder / "old"
    old.mkdir()
    (old / "chats.yaml").write_text((new / "chats.yaml").read_text())
    (old / "orders.yaml").write_text((new / "orders.yaml").read_text().replace("link: {lookback: 24h}\n", ""))
    changed = said("diff", str(old), str(new), "--since", "6d", "--json")
    of_type = changed["event_types"]["upgrade_purchased"]
    assert (of_type["changed"], of_type["unchanged"]) == (links, len(whole) - links)
