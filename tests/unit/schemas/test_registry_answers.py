"""A row of the table for each answer that a registry, or what stands in its place, may give."""

from __future__ import annotations

from typing import get_args

import pytest

from greenflash_kafka.ports import TransportFault
from greenflash_kafka.schemas.registry_answers import (
    Meaning,
    RegistryAnswer,
    judge_answer,
    without_serialized,
)

NOW = 1_784_000_000.0
JSON = [("content-type", "application/vnd.schemaregistry.v1+json")]


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (RegistryAnswer(200, JSON, b'{"schema": "\\"string\\""}'), "schema"),
        (RegistryAnswer(200, JSON, b'{"schema": "{}", "schemaType": "JSON", "maxId": 7, "id": 3}'), "schema"),
        (RegistryAnswer(200, JSON, b'{"schemaType": "AVRO"}'), "no-registry"),
        (RegistryAnswer(200, JSON, b'{"schema": 7}'), "no-registry"),
        (RegistryAnswer(200, JSON, b'["schema"]'), "no-registry"),
        (RegistryAnswer(200, JSON, b'{"schema": "{}", "references": [{"name": "x"}]}'), "no-registry"),
        (RegistryAnswer(200, [("content-type", "text/html")], b"<html>log in</html>"), "no-registry"),
        (RegistryAnswer(200, JSON, b""), "no-registry"),
        (RegistryAnswer(200, JSON, b"[" * 100_000), "no-registry"),
        (RegistryAnswer(204, JSON), "no-registry"),
        (RegistryAnswer(301, [("location", "https://elsewhere/")]), "no-registry"),
        (RegistryAnswer(307, JSON), "no-registry"),
        (RegistryAnswer(400, JSON, b'{"error_code": 400}'), "no-registry"),
        (RegistryAnswer(401, JSON, b'{"error_code": 401}'), "refused"),
        (RegistryAnswer(403, JSON, b'{"error_code": 40301}'), "refused"),
        (RegistryAnswer(404, JSON, b'{"error_code": 40401}'), "unknown"),
        (RegistryAnswer(404, JSON, b'{"error_code": 40402}'), "unknown"),
        (RegistryAnswer(404, JSON, b'{"error_code": 40403, "message": "Schema not found"}'), "unknown"),
        (RegistryAnswer(404, JSON, b'{"error_code": 404, "message": "HTTP 404 Not Found"}'), "no-registry"),
        (RegistryAnswer(404, JSON, b"RESTEASY003210: Could not find resource for full path"), "no-registry"),
        (RegistryAnswer(404), "no-registry"),
        (RegistryAnswer(408), "failing"),
        (RegistryAnswer(425), "failing"),
        (RegistryAnswer(429, [("retry-after", "7")]), "failing"),
        (RegistryAnswer(500, JSON, b'{"error_code": 50001}'), "failing"),
        (RegistryAnswer(503, [("content-type", "text/html")], b"<html>"), "failing"),
        (RegistryAnswer(200, JSON, b"", "too-large"), "bad-schema"),
        (RegistryAnswer(200, [("content-type", "text/html")], b"", "too-large"), "no-registry"),
        (RegistryAnswer(500, JSON, b"", "too-large"), "no-registry"),
        *((RegistryAnswer(0, fault=fault), "failing") for fault in get_args(TransportFault) if fault != "too-large"),
        (RegistryAnswer(400, JSON, b'{"error": "invalid_scope"}', of_tokens=True), "refused"),
        (RegistryAnswer(401, JSON, b'{"error": "invalid_client"}', of_tokens=True), "refused"),
        (RegistryAnswer(200, JSON, b"no token", of_tokens=True), "failing"),
        (RegistryAnswer(404, JSON, b'{"error_code": 40403}', of_tokens=True), "failing"),
        (RegistryAnswer(500, of_tokens=True), "failing"),
        (RegistryAnswer(0, fault="connect", of_tokens=True), "failing"),
        (RegistryAnswer(200, JSON, b"", "too-large", of_tokens=True), "no-registry"),
    ],
)
def test_the_table_of_answers(answer: RegistryAnswer, meaning: Meaning) -> None:
    verdict = judge_answer(answer, NOW)
    assert verdict.meaning == meaning
    assert (verdict.schema is not None) == (meaning == "schema")
    assert verdict.text or meaning == "schema"


def test_only_a_wait_that_is_asked_for_is_kept() -> None:
    assert judge_answer(RegistryAnswer(429, [("retry-after", "7")]), NOW).retry_after == 7
    assert judge_answer(RegistryAnswer(503), NOW).retry_after is None


@pytest.mark.parametrize(
    ("status", "text_will_do"),
    [
        *((status, True) for status in (400, 404, 422, 501)),
        *((status, False) for status in (0, 200, 401, 403, 408, 429, 500, 503)),
    ],
)
def test_a_registry_without_descriptors_says_so_by_these(status: int, text_will_do: bool) -> None:
    assert without_serialized(RegistryAnswer(status)) is text_will_do


def test_nothing_of_a_body_is_shown() -> None:
    for status in (200, 400, 401, 404, 500):
        said = judge_answer(RegistryAnswer(status, JSON, b'{"message": "you sent the password hunter2"}'), NOW)
        assert "hunter2" not in said.text
