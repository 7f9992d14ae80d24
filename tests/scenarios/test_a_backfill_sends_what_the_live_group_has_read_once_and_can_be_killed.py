"""A backfill sends the events of a rule that is new, of messages that the live group has read before; what comes later
the group sends itself. It can be killed at any time, and goes on where it was."""

from __future__ import annotations

import contextlib
import io
import json
import os
from typing import Any
from unittest import mock

from greenflash_kafka.cli.main import run

MESSAGES = 400

NEW_RULE = """\
  - name: noticed
    when: {type: paid}
    event:
      event_type: feature_viewed
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value: checkout
      insert_id: = concat("n-", payload.id)
"""


def _with_history(deployment: Any) -> list[str]:
    """Topics whose messages the group has read without the new rule, and some that it hasn't read."""
    topics: list[str] = deployment.topics(2, 1)
    deployment.kafka.produce(topics[0], [*deployment.orders(MESSAGES // 2, paid=1), b"no JSON"])
    deployment.kafka.produce(topics[1], deployment.orders(MESSAGES // 2, MESSAGES // 2))
    deployment.run_until_idle()
    rules = deployment.folder / "orders.yaml"
    rules.write_text(rules.read_text() + NEW_RULE)
    deployment.kafka.produce(topics[1], deployment.orders(50, MESSAGES))
    return topics


def _backfill(deployment: Any, *arguments: str, **environ: str) -> Any:
    return deployment.start("backfill", "--since", "1d", "--rules", "noticed", "--json", *arguments, **environ)


def _ended(deployment: Any, *arguments: str) -> dict[str, Any]:
    """The same in this very process, which takes less time; what it printed."""
    out = io.StringIO()
    with mock.patch.dict(os.environ, deployment.environ()), contextlib.redirect_stdout(out):
        assert run(["backfill", "--since", "1d", "--rules", "noticed", "--json", *arguments]) == 0, out.getvalue()
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def _noticed(deployment: Any) -> set[str]:
    return {each for each in deployment.stored() if "n-" in each}


def _printed(process: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(process.process.stdout.read())
    return found


def test_it_is_killed_and_goes_on_and_every_event_is_stored_once(deployment: Any, until: Any) -> None:
    _with_history(deployment)
    before = deployment.stored()

    counted = _ended(deployment)
    assert len(counted["group_works_by_other_rules"]) == 1
    assert (counted["events"], counted["messages"], counted["sent"]) == (MESSAGES, MESSAGES + 1, False)
    assert [(each["code"], each["count"]) for each in counted["invalid"]] == [("bad-payload", 1)]
    assert "Nobody knows" in counted["warning"]
    assert deployment.stored() == before, "a dry run sends nothing"

    first = _backfill(deployment, "--send", "--rate", "60")
    until(lambda: len(_noticed(deployment)) >= 130, "the first third")
    first.kill()
    halfway = len(_noticed(deployment))
    assert halfway < MESSAGES

    # The live group goes on meanwhile, with the new rule: what it reads now is none of the backfill's.
    deployment.run_until_idle()
    assert len(_noticed(deployment)) == halfway + 50
    sent_before = deployment.sandbox.stats()["received"]
    done: list[Any] = []

    def went_through() -> bool:
        done.append(_backfill(deployment, "--send", "--rate", "1000"))
        return bool(done[-1].wait() == 0)

    until(went_through, "the place of the killed one to be free")
    assert all("another backfill runs" in each.said() for each in done[:-1])
    rest = _printed(done[-1])
    assert rest["resumed"]
    assert rest["stopped_by"] == ""
    ids = {f"n-o{number}" for number in range(MESSAGES + 50)}
    assert {each[each.index("n-") :] for each in _noticed(deployment)} == ids
    assert len(deployment.stored()) == len(before) + 50 + MESSAGES + 50
    assert deployment.sandbox.stats()["received"] - sent_before == rest["events"] < MESSAGES - 60, (
        "at most what a second or two had sent and not committed comes twice"
    )

    complete = _ended(deployment, "--send")
    assert (complete["complete"], complete["messages"], complete["events"]) == (True, 0, 0)
    other = _ended(deployment, "--send", "--name", "twice", "--rate", "1000")
    assert (other["events"], other["group_works_by_other_rules"]) == (MESSAGES + 50, [])
    assert len(_noticed(deployment)) == MESSAGES + 50, "the same ids"


def test_it_is_asked_to_stop_and_what_was_sent_is_committed(deployment: Any, until: Any) -> None:
    _with_history(deployment)
    first = _backfill(deployment, "--send", "--rate", "60")
    until(lambda: len(_noticed(deployment)) >= 100, "the first events")
    assert first.stop() == 1
    stopped = _printed(first)
    assert stopped["stopped_by"] == "it was asked to stop"
    assert stopped["events"] == len(_noticed(deployment))
    received = deployment.sandbox.stats()["received"]
    assert _ended(deployment, "--send", "--rate", "1000")["events"] == MESSAGES - stopped["events"]
    assert deployment.sandbox.stats()["received"] == received + MESSAGES - stopped["events"], "none was sent twice"
