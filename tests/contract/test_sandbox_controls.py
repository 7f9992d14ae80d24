"""The sandbox's controls for tests and the page, and access to them."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from greenflash_kafka.sandbox.running import Sandbox

KEY = "sandbox-test-key"
Post = Callable[..., httpx.Response]


def test_events_come_back_in_order_and_in_parts(sandbox: Sandbox, http: httpx.Client, post: Post) -> None:
    for number in range(5):
        post(value=f"{number}.10", properties={"rate": 0.1})
    assert [each["value"] for each in sandbox.events()] == [f"{number}.10" for number in range(5)]
    assert [each["value"] for each in sandbox.events(after=1, limit=2)] == ["1.10", "2.10"]
    assert str(sandbox.events()[0]["properties"]["rate"]) == "0.1"
    assert http.get(f"{sandbox.url}/_sandbox/events?after=x").status_code == 400


def test_conflicts_can_be_looked_at(sandbox: Sandbox, post: Post) -> None:
    post(insertId="a", value="1")
    post(insertId="a", value="2")
    (conflict,) = sandbox.conflicts()
    assert (conflict["insert_id"], conflict["stored"]["value"], conflict["later"]["value"]) == ("a", "1", "2")


def test_reset_forgets_events_and_keeps_the_key(sandbox: Sandbox, http: httpx.Client, post: Post) -> None:
    post()
    sandbox.reset()
    stats = sandbox.stats()
    assert (stats["received"], stats["stored"]) == (0, 0)
    assert http.get(f"{sandbox.base_url}/products").status_code == 401


@pytest.mark.parametrize("body", ["", "x", "{}", '{"key": ""}', '{"key": 5}', '{"api_key": "x"}'])
def test_a_key_that_is_none_is_refused(sandbox: Sandbox, body: str, http: httpx.Client, post: Post) -> None:
    assert http.post(f"{sandbox.url}/_sandbox/key", content=body).status_code == 400
    assert post().status_code == 200


def test_foreign_names_and_foreign_pages_are_refused(sandbox: Sandbox, http: httpx.Client) -> None:
    rebound = {"Host": "evil.example", "Authorization": f"Bearer {KEY}"}
    assert http.get(f"{sandbox.url}/", headers=rebound).status_code == 421
    assert http.get(f"{sandbox.url}/_sandbox/events", headers=rebound).status_code == 421
    assert http.get(f"{sandbox.base_url}/products", headers=rebound).status_code == 421
    foreign = {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    assert http.post(f"{sandbox.url}/_sandbox/reset", headers=foreign).status_code == 403


def test_everything_but_the_api_is_closed_to_sniffing_framing_and_foreign_scripts(
    sandbox: Sandbox, http: httpx.Client
) -> None:
    for path in ("/", "/page.js", "/_sandbox/stats", "/elsewhere"):
        headers = http.get(sandbox.url + path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert "access-control-allow-origin" not in headers


def test_the_key_is_never_shown(sandbox: Sandbox, http: httpx.Client) -> None:
    http.post(f"{sandbox.base_url}/events", headers={"Authorization": f"Bearer {KEY}-wrong"})
    for path in ("/", "/_sandbox/stats", "/_sandbox/live", "/_sandbox/faults", "/_sandbox/events"):
        assert KEY not in http.get(sandbox.url + path).text
