"""The table of answers to `GET /interactions`."""

from __future__ import annotations

import pytest

from greenflash_kafka.interactions.page_answers import PageAnswer, judge_page

NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        (429, "slow-down"),
        (401, "refused"),
        (403, "refused"),
        (400, "wrong"),
        (404, "wrong"),
        (422, "wrong"),
        (408, "failing"),
        (302, "failing"),
        (204, "failing"),
        (500, "failing"),
        (503, "failing"),
    ],
)
def test_a_status_means(status: int, meaning: str) -> None:
    verdict = judge_page(PageAnswer(status, [("retry-after", "3")]), NOW)
    assert (verdict.meaning, verdict.wait) == (meaning, 3.0)


@pytest.mark.parametrize("body", [b"", b"<html>", b"{}", b'{"success": true}', b"[" * 100_000, b'["\xff"', b"null"])
def test_a_200_that_is_no_list_is_somebody_elses(body: bytes) -> None:
    assert judge_page(PageAnswer(200, body=body), NOW).meaning == "failing"


def test_a_page_has_its_items_and_counts_what_is_none() -> None:
    verdict = judge_page(PageAnswer(200, body=b'[{"id":"a"}, 5, {"id":"b"}]'), NOW)
    assert (verdict.meaning, [each.id for each in verdict.items], verdict.unreadable) == ("page", ["a", "b"], 1)


def test_a_fault_is_named() -> None:
    verdict = judge_page(PageAnswer(0, fault="reset", detail="it broke (libcurl 56)"), NOW)
    assert (verdict.meaning, verdict.text) == ("failing", "reset: it broke (libcurl 56)")
