"""`explain` on a real broker: the body that the service got, the conversation, and the dead letter of what failed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.model.event import FIELDS
from tests.scenarios.linked import Linked, now

_NAMES = {field.wire: field.name for field in FIELDS}


def test_explain_says_what_was_sent_and_what_became_of_it(
    deployment: Any, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    linked = Linked(deployment, partitions=1)
    at = now() - 60_000
    linked.chat("c-1", "u1", at - 5000)
    linked.chat("c-2", "u2", at - 4000)
    linked.order(1, "u1", at)
    broken = b'{"type": "paid", "id": "o2", "cents": 1, "currency": "XXL", "user": "u2"}'
    deployment.kafka.produce(linked.orders, [broken])
    linked.run_until_idle()
    assert linked.links() == {"o1": "c-1"}
    for name, value in {**deployment.environ(), **linked.environ}.items():
        monkeypatch.setenv(name, value)

    def explained(*arguments: str) -> tuple[int, Any]:
        capfd.readouterr()
        code = run(["explain", *arguments, "--json"])
        printed = capfd.readouterr()
        assert printed.out, printed.err
        return code, json.loads(printed.out)

    code, found = explained(f"{linked.orders}/0/0")
    assert code == 0
    sent = linked.bodies()["upgrade_purchased:o1"]
    (body,) = found["events"]
    assert {name: sent[name] for name in body} == body
    sources = {each["name"]: each["value"] for each in found["rules"][0]["sources"]}
    assert sources == {_NAMES[wire]: value for wire, value in body.items()}
    assert [each["conversation"] for each in found["searches"][0]["candidates"]] == ["c-1"]
    assert found["dead_letters"] == []

    code, of_id = explained("--insert-id", "upgrade_purchased:o1")
    assert (code, of_id) == (0, found)

    code, failed = explained(f"{linked.orders}/0/1")
    assert (code, failed["outcome"]) == (1, "invalid")
    (letter,) = failed["dead_letters"]
    assert (letter["code"], letter["dead_letter"]) == ("bad-money", f"{deployment.dead_letters}/0/0")
