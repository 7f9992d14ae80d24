from __future__ import annotations

import pytest

from greenflash_kafka.delivery.response_table import Verdict, accepts, judge
from greenflash_kafka.ports import Reply, Request, TransportFault

STORED = b'{"success": true, "eventId": "0b7c8c53-9a8e-4a39-bb7e-0d0b3c1e7f11"}'


def verdict(
    status: int = 0,
    body: bytes = b"",
    *,
    headers: tuple[tuple[str, str], ...] = (),
    fault: TransportFault | None = None,
    detail: str = "",
    accepted_before: bool = True,
    sampled: bool = False,
    same_answer: int = 1,
) -> Verdict:
    reply = Reply(Request(b"{}"), status, headers, body, fault, detail)
    return judge(reply, now=0.0, accepted_before=accepted_before, sampled=sampled, same_answer=same_answer)


@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (STORED, "accepted"),
        (b'{"success": true, "eventId": "e", "more": {"anything": [1]}}', "accepted"),
        (b"<html>Sign in</html>", "not-json"),
        (b"", "not-json"),
        (b'{"success": true, "eventId": "e"', "not-json"),
        (b'{"success": true, "eventId": "\xff"}', "not-json"),
        (b"[" * 100_000, "not-json"),
        (b'{"x":' * 100_000, "not-json"),
        (b"null", "not-an-object"),
        (b"[]", "not-an-object"),
        (b'"ok"', "not-an-object"),
        (b"{}", "not-success"),
        (b'{"success": false, "eventId": "e"}', "not-success"),
        (b'{"success": "true", "eventId": "e"}', "not-success"),
        (b'{"success": 1, "eventId": "e"}', "not-success"),
        (b'{"success": null, "eventId": "e"}', "not-success"),
        (b'{"success": true}', "no-event-id"),
        (b'{"success": true, "eventId": ""}', "no-event-id"),
        (b'{"success": true, "eventId": null}', "no-event-id"),
        (b'{"success": true, "eventId": 5}', "no-event-id"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_accepted_is_only_what_the_service_says_it_stored(status: int, body: bytes, code: str) -> None:
    result = verdict(status, body)
    assert result.code == code
    assert result.action == ("accepted" if code == "accepted" else "retry")
    assert result.suspicious == (code != "accepted")
    assert accepts(Reply(Request(b"{}"), status, (), body)) == (code == "accepted"), "the short way says the same"


def test_no_other_status_is_an_acceptance_whatever_the_body_says() -> None:
    answers = [Reply(Request(b"{}"), status, (), STORED) for status in (0, 202, 204, 302, 400, 429, 500)]
    assert not any(accepts(each) for each in answers)


def test_a_sampled_event_may_be_accepted_without_being_stored() -> None:
    assert verdict(200, b'{"success": true}', sampled=True).action == "accepted"
    assert verdict(200, b'{"success": true, "eventId": null}', sampled=True).action == "accepted"
    assert verdict(200, b'{"success": false}', sampled=True).action == "retry"


@pytest.mark.parametrize(
    ("status", "later", "before_the_first_acceptance"),
    [
        (202, "retry", "retry"),
        (204, "retry", "retry"),
        (301, "retry", "retry"),
        (302, "retry", "retry"),
        (303, "retry", "retry"),
        (304, "retry", "retry"),
        (307, "retry", "retry"),
        (308, "retry", "retry"),
        (400, "dead_letter", "pause"),
        (401, "pause", "pause"),
        (402, "retry", "retry"),
        (403, "pause", "pause"),
        (404, "dead_letter", "pause"),
        (405, "retry", "pause"),
        (408, "retry", "retry"),
        (409, "retry", "retry"),
        (410, "retry", "retry"),
        (413, "dead_letter", "dead_letter"),
        (418, "retry", "retry"),
        (422, "dead_letter", "pause"),
        (425, "retry", "retry"),
        (429, "retry", "retry"),
        (500, "retry", "retry"),
        (501, "retry", "retry"),
        (503, "retry", "retry"),
        (599, "retry", "retry"),
        (101, "retry", "retry"),
        (600, "retry", "retry"),
        (999, "retry", "retry"),
    ],
)
def test_every_status_has_a_row(status: int, later: str, before_the_first_acceptance: str) -> None:
    # A success's body must not make a success of any other status.
    assert verdict(status, STORED).action == later
    assert verdict(status, STORED, accepted_before=False).action == before_the_first_acceptance
    assert verdict(status).code == f"status-{status}"


@pytest.mark.parametrize("status", [402, 405, 406, 410, 415, 418, 431, 451, 499])
def test_an_unusual_refusal_is_believed_the_third_time(status: int) -> None:
    assert [verdict(status, same_answer=times).action for times in (1, 2, 3, 4)] == [
        "retry",
        "retry",
        "dead_letter",
        "dead_letter",
    ]


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 503, 204, 301])
def test_what_passes_is_retried_for_ever(status: int) -> None:
    assert verdict(status, same_answer=10_000).action == "retry"


def test_429_holds_everything_and_retry_after_is_kept_whatever_its_length() -> None:
    limited = verdict(429, headers=(("retry-after", "86400"),))
    assert (limited.shared, limited.retry_after) == (True, 86400)
    assert (verdict(429).shared, verdict(429).retry_after) == (True, None)
    unavailable = verdict(503, headers=(("retry-after", "120"),))
    assert (unavailable.shared, unavailable.retry_after) == (True, 120)
    assert not verdict(503).shared


@pytest.mark.parametrize(
    ("status", "suspicious"),
    [(204, True), (302, True), (418, True), (422, False), (401, False), (429, False), (409, False), (500, False)],
)
def test_answers_that_greenflash_does_not_give_are_suspicious(status: int, suspicious: bool) -> None:
    assert verdict(status).suspicious == suspicious


@pytest.mark.parametrize(
    ("fault", "action"),
    [
        ("connect", "retry"),
        ("descriptors", "retry"),
        ("dns", "retry"),
        ("tls", "pause"),
        ("timeout", "retry"),
        ("reset", "retry"),
        ("too-large", "retry"),
        ("protocol", "retry"),
        ("cancelled", "retry"),
    ],
)
def test_no_answer_is_never_a_dead_letter(fault: TransportFault, action: str) -> None:
    for accepted_before in (False, True):
        result = verdict(fault=fault, accepted_before=accepted_before, same_answer=1_000)
        assert (result.action, result.code) == (action, fault)


def test_the_text_shows_nothing_of_the_body_and_names_the_request() -> None:
    echo = b'{"error": "invalid user jane@example.com, key sk-canary"}'
    refused = verdict(422, echo, headers=(("x-request-id", "req_8f2"),))
    assert refused.text == "Greenflash refused the event's content (422), request req_8f2"
    odd = verdict(422, echo, headers=(("x-request-id", "a\x1b[2J"),))
    assert "\x1b" not in odd.text
    assert "jane" not in verdict(200, echo).text
