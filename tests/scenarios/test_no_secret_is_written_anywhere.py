"""A service that echoes the key in every wrong answer, everything logged that can be: the key is in no output."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest

KEY = "sk-canary/7f3a+91c0=="
ROTATED = "sk-canary/second+20b4=="


def echoing(fault: dict[str, object]) -> dict[str, object]:
    echo = f"Authorization: Bearer {KEY}\r\nBearer {ROTATED}"
    return {"attempts": 1, "body": echo, "headers": {"x-request": KEY}, "kind": "status", **fault}


FAULTS = [
    echoing({"insert_id": "*:o1?", "status": 422, "attempts": 99}),
    echoing({"insert_id": "*:o20", "status": 500, "attempts": 2}),
    echoing({"insert_id": "*:o21", "status": 429, "retry_after": 0.2}),
    echoing({"insert_id": "*:o22", "status": 418, "attempts": 9}),
    echoing({"insert_id": "*:o23", "status": 200}),
    echoing({"insert_id": "*:o24", "status": 401}),
    {"kind": "redirect", "insert_id": "*:o25", "attempts": 1, "location": f"http://user:{quote(KEY)}@127.0.0.1:9/"},
    {"kind": "malformed", "insert_id": "*:o26", "attempts": 1, "body": f'{{"{KEY}"'},
    {"kind": "reset", "insert_id": "*:o27", "attempts": 1},
]


def forms(secret: str) -> set[str]:
    """As it is, in a URL, and what every base64 of something around it holds."""
    inside = {base64.b64encode(b"x" * shift + secret.encode()).decode()[4:-4] for shift in range(3)}
    return {secret, quote(secret, safe=""), *inside}


@pytest.mark.parametrize("transport", ["curl", "sdk"])
def test_no_secret_is_written_anywhere(deployment: Any, until: Callable[..., None], transport: str) -> None:
    deployment.topics(2)
    deployment.key_file.write_text(f"{KEY}\n")
    deployment.sandbox.rotate_key(KEY)
    deployment.kafka.produce(deployment.topic, deployment.orders(10))
    process = deployment.run(
        "--json",
        GREENFLASH_KAFKA_DELIVERY__TRANSPORT=transport,
        GREENFLASH_KAFKA_LOG__LEVEL="debug",
        GREENFLASH_LOG="debug",
        GREENFLASH_KAFKA_HASH_KEY=KEY,
    )
    until(lambda: deployment.sandbox.stats()["stored"] == 10, "the first events")
    deployment.sandbox.set_faults(FAULTS)
    deployment.kafka.produce(deployment.topic, deployment.orders(30, first=10))
    until(lambda: deployment.sandbox.stats()["stored"] == 29, "all but the refused events")

    deployment.sandbox.rotate_key(ROTATED)
    deployment.kafka.produce(deployment.topic, deployment.orders(5, first=40))
    until(lambda: "delivery_paused" in process.health()[1], "the refusal")
    pages = "".join(served(process, path) for path in ("/metrics", "/health/ready", "/health/live"))
    deployment.key_file.write_text(f"{ROTATED}\n")
    until(lambda: deployment.sandbox.stats()["stored"] == 34, "the events under the new key")
    assert process.stop() == 0

    dead_letters = deployment.kafka.read(deployment.dead_letters)
    assert len(dead_letters) == 11
    written = process.said() + json.dumps(process.summary()) + pages + repr(dead_letters)
    for form in forms(KEY) | forms(ROTATED):
        assert form not in written, f"...{written[max(0, written.index(form) - 300) :][:400]}..."
    # And it did log: the notices are there, and they aren't empty words.
    assert "delivery_paused" in written
    assert "status-401" in written


def served(process: Any, path: str) -> str:
    (serving,) = (line for line in map(json.loads, process.said().splitlines()) if line["event"] == "http_serving")
    try:
        with urllib.request.urlopen(serving["url"] + path, timeout=120) as answer:
            return str(answer.read())
    except urllib.error.HTTPError as refused:
        return str(refused.read())
