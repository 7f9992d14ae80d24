"""`conversations pull` on a real broker: every interaction is in the topic, in whatever order the API lists them,
whatever it refuses, whoever is killed; and no request comes sooner than `--rate` allows."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from greenflash_kafka.cli.main import run


def listed(deployment: Any) -> dict[str, Any]:
    """What the API has, by id, as the SDK's contract lists it."""
    import httpx

    found: dict[str, Any] = {}
    key = {"authorization": "Bearer scenario-key-1"}
    with httpx.Client(base_url=deployment.sandbox.base_url, headers=key) as client:
        while page := client.get("/interactions", params={"limit": 100, "offset": len(found)}).json():
            found |= {each["id"]: each for each in page}
    return found


def written(deployment: Any, topic: str) -> dict[str, Any]:
    """The last record of each key."""
    return {each.key.decode(): json.loads(each.value) for each in deployment.kafka.read(topic)}


@pytest.mark.parametrize("order", ["newest", "oldest", "unordered"])
def test_all_pages_in_every_order_though_some_are_refused(
    deployment: Any, order: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    topic = deployment.kafka.topic(2, "interactions")
    deployment.sandbox.set_interactions(make=450, order=order, most=60)
    refusals = {"on": "reads", "kind": "status", "status": 429, "times": 2, "retry_after": {"ms": 300}}
    deployment.sandbox.set_faults([refusals, {"on": "reads", "kind": "reset", "rate": 0.2, "times": 2}])
    for name, value in deployment.environ().items():
        monkeypatch.setenv(name, value)
    assert run(["conversations", "pull", "--topic", topic, "--once", "--rate", "20"]) == 0
    said = capfd.readouterr()
    assert "450 interactions written, new or changed; 9 pages, " in said.out
    assert {"unordered": "in no order"}.get(order, f"{order} first") in said.out
    assert "interactions_failing" in said.err
    asked = deployment.sandbox.interactions()["requests"]
    gaps = [after - before for before, after in pairwise(asked)]
    assert min(gaps) >= 0.05
    assert sum(gap >= 0.3 for gap in gaps) >= 2, "as long as Retry-After says"
    assert written(deployment, topic) == listed(deployment)


def test_kill_9_loses_none_and_what_comes_and_changes_is_written_again(
    deployment: Any, until: Callable[..., None]
) -> None:
    topic = deployment.kafka.topic(2, "interactions", {"cleanup.policy": "compact"})
    deployment.sandbox.set_interactions(make=800)
    arguments = ("pull", "--topic", topic, "--every", "1s", "--rate", "20")
    first = deployment.start("conversations", *arguments)
    until(lambda: len(deployment.sandbox.interactions()["requests"]) >= 4, "some pages to be read")
    first.kill()
    before = len(deployment.kafka.read(topic))
    assert 0 < before < 800
    some = sorted(listed(deployment))[::200]
    deployment.sandbox.set_interactions(change=[{"id": each, "rating": 4} for each in some])
    second = deployment.start("conversations", *arguments)
    until(lambda: "interactions_pulled" in second.said(), "a walk through all pages")
    assert written(deployment, topic) == listed(deployment)
    assert len(deployment.kafka.read(topic)) <= 800 + 2 * len(some) + 100, "what was confirmed isn't written again"
    deployment.sandbox.set_interactions(
        add=[{"externalId": "c-new"}], change=[{"id": some[0], "rating": 5}], delete=[some[1]]
    )
    until(lambda: written(deployment, topic).items() >= listed(deployment).items(), "what is new and what has changed")
    assert some[1] in written(deployment, topic), "what Greenflash doesn't list any more stays"
    assert second.stop() == 0, second.said()
