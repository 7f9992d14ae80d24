"""Answers of the API and of scripted faults."""

from __future__ import annotations

import asyncio
import time
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec
import pytest

from greenflash_kafka.sandbox import answers
from greenflash_kafka.sandbox.answers import SandboxReply
from greenflash_kafka.sandbox.fault_files import build


def sent(fault: dict[str, Any]) -> SandboxReply:
    """The answer that a fault gives in place of the right one."""
    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing more is read")

    (one,) = build([fault], "faults").faults
    asyncio.run(answers.send_fault(one, answers.created("right"), {}, receive, send))
    start, body = messages
    return SandboxReply(start["status"], body["body"], tuple(start["headers"]))


def named(answer: SandboxReply, name: str) -> list[str]:
    return [value.decode("latin-1") for key, value in answer.headers if key == name.encode()]


def test_a_success_says_what_the_sdk_reads() -> None:
    answer = answers.created("e-1")
    assert (answer.status, msgspec.json.decode(answer.body)) == (200, {"success": True, "eventId": "e-1"})


def test_a_refusal_names_each_field_and_none_of_its_values() -> None:
    body = msgspec.json.decode(answers.refused(422, "Validation failed", [("value", "must be text")]).body)
    assert body["success"] is False
    assert body["details"] == [{"path": ["value"], "message": "value must be text"}]
    assert "details" not in msgspec.json.decode(answers.refused(400, "Bad request").body)


def test_every_answer_has_a_request_id_of_its_own_and_the_length_of_its_body() -> None:
    one, other = (dict(answers.created("e").head()) for _ in range(2))
    assert one[b"x-request-id"] != other[b"x-request-id"]
    assert one[b"content-length"] == b"%d" % len(answers.created("e").body)
    assert b"content-length" not in dict(SandboxReply(204, b"", ()).head()), "a 204 has no body"


@pytest.mark.parametrize(
    ("fault", "status", "part"),
    [
        ({"kind": "html"}, 200, b"<!doctype html>"),
        ({"kind": "not_success"}, 200, b'"success":false'),
        ({"kind": "malformed"}, 200, b'{"success": true, "eventId": "'),
        ({"kind": "empty"}, 204, b""),
        ({"kind": "revoked"}, 401, b"revoked"),
        ({"kind": "unknown_conversation"}, 404, b"Conversation not found"),
        ({"kind": "unknown_conversation", "status": 422}, 422, b"Conversation not found"),
        ({"kind": "status", "status": 503}, 503, b'"success":false'),
        ({"kind": "status", "status": 599}, 599, b"Status 599"),
        ({"kind": "status", "status": 500, "body": "plain"}, 500, b"plain"),
        ({"kind": "status", "status": 500, "body": {"a": [1]}}, 500, b'{"a":[1]}'),
        ({"kind": "status", "status": 304, "body": "none"}, 304, b""),
    ],
)
def test_a_fault_answers_as_its_kind_says(fault: dict[str, Any], status: int, part: bytes) -> None:
    answer = sent(fault)
    assert answer.status == status
    assert part in answer.body
    assert b"right" not in answer.body, "the event wasn't taken"


def test_a_redirect_leads_where_it_says_or_to_what_looks_like_success() -> None:
    assert named(sent({"kind": "redirect", "location": "/x"}), "location") == ["/x"]
    assert named(sent({"kind": "redirect", "status": 307}), "location") == [answers.REDIRECTED]


def test_headers_go_out_as_the_script_has_them() -> None:
    answer = sent({"kind": "status", "status": 418, "headers": {"X-A": ["1", "2"], "X-B": 3}, "body": "x"})
    assert (named(answer, "x-a"), named(answer, "x-b"), named(answer, "content-type")) == (
        ["1", "2"],
        ["3"],
        ["text/plain"],
    )
    typed = sent({"kind": "status", "status": 418, "headers": {"Content-Type": "a/b"}, "body": "x"})
    assert named(typed, "content-type") == ["a/b"]


def test_retry_after_in_every_form() -> None:
    answer = sent({"kind": "status", "status": 429, "retry_after": [2, "NaN", {"ms": 1500}, {"date": 60}]})
    plain, odd, date = named(answer, "retry-after")
    assert (plain, odd, named(answer, "retry-after-ms")) == ("2", "NaN", ["1500"])
    assert 55 < parsedate_to_datetime(date).timestamp() - time.time() <= 60
    assert named(sent({"kind": "status", "status": 429}), "retry-after") == []
