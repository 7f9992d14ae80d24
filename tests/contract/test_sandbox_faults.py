"""Scripted faults, as the SDK's own clients and plain HTTP see them."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import greenflash
import httpx
import pytest
from greenflash import Greenflash

from greenflash_kafka.sandbox.running import Sandbox

KEY = "sandbox-test-key"
UUID = "182bd5e5-6e1a-4fe4-a799-aa6d9a6ab26e"
LEAST: dict[str, Any] = {"event_type": "x", "product_id": UUID, "value": "value"}
Post = Callable[..., httpx.Response]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, greenflash.BadRequestError),
        (401, greenflash.AuthenticationError),
        (403, greenflash.PermissionDeniedError),
        (404, greenflash.NotFoundError),
        (409, greenflash.ConflictError),
        (422, greenflash.UnprocessableEntityError),
        (429, greenflash.RateLimitError),
        (500, greenflash.InternalServerError),
        (503, greenflash.InternalServerError),
        (413, greenflash.APIStatusError),
    ],
)
def test_a_status_becomes_the_sdks_own_error(make: Any, sandbox: Sandbox, status: int, error: type[Exception]) -> None:
    sandbox.set_faults([{"kind": "status", "status": status}])
    with pytest.raises(error) as raised:
        make().events.create(**LEAST)
    assert type(raised.value) is error
    stats = sandbox.stats()
    assert (stats["received"], stats["stored"], stats["faults"]) == (1, 0, {"status": 1})


@pytest.mark.parametrize("bytes_sent", [0, 20, 150])
def test_a_lost_reply_is_a_connection_error_and_the_event_is_stored(
    make: Any, sandbox: Sandbox, bytes_sent: int
) -> None:
    sandbox.set_faults([{"kind": "reply_lost", "bytes": bytes_sent, "times": 1}])
    with pytest.raises(greenflash.APIConnectionError):
        make().events.create(**LEAST, insert_id="a")
    assert len(sandbox.events()) == 1
    assert make().events.create(**LEAST, insert_id="a").event_id == sandbox.events()[0]["eventId"]
    assert sandbox.stats()["duplicates"] == 1


def test_a_reset_is_a_connection_error_and_nothing_is_stored(make: Any, sandbox: Sandbox) -> None:
    sandbox.set_faults([{"kind": "reset"}])
    with pytest.raises(greenflash.APIConnectionError) as raised:
        make().events.create(**LEAST)
    assert type(raised.value) is greenflash.APIConnectionError
    assert "reset" in repr(raised.value.__cause__).lower() or isinstance(raised.value.__cause__, httpx.ReadError)
    assert sandbox.events() == []


def test_a_delay_beyond_the_timeout_is_a_timeout_and_the_event_is_stored_later(
    make: Any, sandbox: Sandbox, until: Any
) -> None:
    sandbox.set_faults([{"kind": "delay", "seconds": 0.5}])
    with pytest.raises(greenflash.APITimeoutError):
        make(timeout=0.1).events.create(**LEAST)
    until(lambda: sandbox.stats()["stored"] == 1)


def test_a_slow_drip_arrives_whole(make: Any, sandbox: Sandbox) -> None:
    sandbox.set_faults([{"kind": "drip", "seconds": 3}])
    began = time.monotonic()
    # Each byte comes well within the timeout, which the SDK counts a read: why ours is a total one.
    assert make(timeout=2).events.create(**LEAST).success is True
    assert time.monotonic() - began > 2.5


def test_the_sdk_retries_by_itself_until_it_works(make: Any, sandbox: Sandbox) -> None:
    sandbox.set_faults([{"kind": "status", "status": 503, "headers": {"retry-after-ms": 1}, "attempts": 2}])
    make(max_retries=2).events.create(**LEAST, insert_id="a")
    assert sandbox.stats()["received"] == 3


@pytest.mark.parametrize(
    ("fault", "status", "content_type"),
    [
        ({"kind": "html"}, 200, "text/html; charset=utf-8"),
        ({"kind": "not_success"}, 200, "application/json"),
        ({"kind": "malformed"}, 200, "application/json"),
        ({"kind": "empty"}, 204, None),
        ({"kind": "redirect"}, 302, None),
        ({"kind": "redirect", "status": 308}, 308, None),
        ({"kind": "revoked"}, 401, "application/json"),
        ({"kind": "status", "status": 502, "body": "<b>", "headers": {"Content-Type": "text/html"}}, 502, "text/html"),
        ({"kind": "status", "status": 400, "body": {"error": "no"}}, 400, "application/json"),
    ],
)  # fmt: skip
def test_what_goes_over_the_wire(
    sandbox: Sandbox, fault: dict[str, Any], status: int, content_type: str | None, post: Post
) -> None:
    sandbox.set_faults([fault])
    reply = post()
    assert (reply.status_code, reply.headers.get("content-type")) == (status, content_type)
    assert sandbox.events() == []
    if fault["kind"] == "not_success":
        assert reply.json()["success"] is False
    if fault["kind"] == "malformed":
        with pytest.raises(ValueError, match="Unterminated"):
            reply.json()


def test_a_wrong_answer_may_come_for_an_event_that_is_stored(sandbox: Sandbox, post: Post) -> None:
    sandbox.set_faults([{"kind": "status", "status": 500, "store": True}])
    assert post().status_code == 500
    assert sandbox.stats()["stored"] == 1


def test_who_follows_a_redirect_finds_a_success_that_is_none(sandbox: Sandbox) -> None:
    sandbox.set_faults([{"kind": "redirect"}])
    client = Greenflash(api_key=KEY, base_url=sandbox.base_url, max_retries=0)
    assert client.events.create(**LEAST).success is True
    stats = sandbox.stats()
    assert (stats["stored"], stats["redirected"]) == (0, 1)


@pytest.mark.parametrize(
    ("written", "headers"),
    [
        (2, ["2"]),
        (1.5, ["1.5"]),
        (-1, ["-1"]),
        (0, ["0"]),
        (86400, ["86400"]),
        ("NaN", ["NaN"]),
        ("abc", ["abc"]),
        ([1, 3], ["1", "3"]),
    ],
)
def test_retry_after_goes_out_as_written(sandbox: Sandbox, written: Any, headers: list[str], post: Post) -> None:
    sandbox.set_faults([{"kind": "status", "status": 429, "retry_after": written}])
    assert post().headers.get_list("retry-after") == headers


def test_retry_after_as_a_date_and_in_milliseconds(sandbox: Sandbox, post: Post) -> None:
    sandbox.set_faults([{"kind": "status", "status": 429, "retry_after": [{"date": 90}, {"ms": 1500}]}])
    reply = post()
    ahead = parsedate_to_datetime(reply.headers["retry-after"]) - datetime.now(UTC)
    assert 85 < ahead.total_seconds() <= 90
    assert reply.headers["retry-after-ms"] == "1500"


def test_a_revoked_key_is_refused_for_reads_too_and_works_again_afterwards(sandbox: Sandbox, until: Any) -> None:
    client = Greenflash(api_key=KEY, base_url=sandbox.base_url, max_retries=0)
    sandbox.set_faults([{"kind": "revoked", "between": [0, 0.4]}])
    with pytest.raises(greenflash.AuthenticationError):
        client.products.list()

    def messages() -> bool:
        try:
            return client.events.create(**LEAST).success
        except greenflash.AuthenticationError:
            return False

    assert not messages()
    until(messages)


def test_a_script_with_a_mistake_is_refused_and_the_old_one_goes_on(
    sandbox: Sandbox, http: httpx.Client, post: Post
) -> None:
    sandbox.set_faults([{"kind": "status", "status": 503}])
    reply = http.post(f"{sandbox.url}/_sandbox/faults", content="faults:\n- {kind: resett}\n")
    assert reply.status_code == 400
    assert "did you mean reset" in reply.json()["error"]
    assert post().status_code == 503
    script = http.get(f"{sandbox.url}/_sandbox/faults").json()
    assert [each["kind"] for each in script["faults"]] == ["status"]


def test_a_client_that_is_gone_before_its_connection_is_broken_is_no_error_of_the_sandbox(
    sandbox: Sandbox, until: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.set_faults([{"kind": "delay", "seconds": 0.2}, {"kind": "reset"}])
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{sandbox.base_url}/events", json={}, timeout=0.05)
    until(lambda: sandbox.stats()["faults"].get("reset") == 1)
    assert httpx.get(f"{sandbox.url}/_sandbox/conflicts", timeout=60).status_code == 200
    time.sleep(0.3)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == []
