from __future__ import annotations

import os

import pytest

from greenflash_kafka.delivery.endpoint import DEFAULT_BASE_URL, check_api_key, check_base_url
from greenflash_kafka.delivery.sdk_request import capture
from greenflash_kafka.errors import ConfigInvalid


def test_the_sdk_says_where_and_as_whom() -> None:
    endpoint = capture("http://127.0.0.1:8787/api/v1", "sk-test\n")
    headers = dict(endpoint.headers)
    assert endpoint.url == "http://127.0.0.1:8787/api/v1/events"
    assert headers["authorization"] == "Bearer sk-test"
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"].startswith("Greenflash/Python")
    assert headers["accept-encoding"] == "identity"
    assert not {"host", "content-length", "connection"} & set(headers)


def test_without_a_base_url_it_is_greenflashs_own() -> None:
    assert capture(None, "sk-test").url == f"{DEFAULT_BASE_URL}/events"


def test_the_environment_has_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GREENFLASH_BASE_URL", "https://elsewhere.example")
    monkeypatch.setenv("GREENFLASH_API_KEY", "sk-other")
    monkeypatch.setenv("GREENFLASH_CUSTOM_HEADERS", "x-smuggled: yes")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:1")
    endpoint = capture(None, "sk-test")
    assert endpoint.url == f"{DEFAULT_BASE_URL}/events"
    assert "x-smuggled" not in dict(endpoint.headers)
    assert dict(endpoint.headers)["authorization"] == "Bearer sk-test"
    assert os.environ["GREENFLASH_CUSTOM_HEADERS"] == "x-smuggled: yes"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.greenflash.ai/api/v1",
        "https://greenflash.internal:8443/api/v1/",
        "https://exämple.com/api",
        "http://127.0.0.1:8787",
        "http://127.9.9.9",
        "https://events.example/api",
        "https://greenflash.internal/events/api",
        "https://greenflash.internal/my-events",
        "http://localhost:8787/api/v1",
        "http://[::1]:8787/api/v1",
    ],
)
def test_addresses_that_are_taken(url: str) -> None:
    assert check_base_url(url) == url


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "not a web address"),
        ("www.greenflash.ai/api/v1", "not a web address"),
        ("ftp://www.greenflash.ai", "not a web address"),
        ("https://www.greenflash.ai/api/v1/events", "without /events, as 'https://www.greenflash.ai/api/v1'"),
        ("https://www.greenflash.ai/api/v1/events/", "without /events, as 'https://www.greenflash.ai/api/v1'"),
        ("http://127.0.0.1:8787/events", "without /events"),
        ("file:///etc/passwd", "not a web address"),
        ("https://", "not a web address"),
        ("https://[::1", "not a URL"),
        ("https://host:99999/", "not a URL"),
        ("https://user:hunter2@host/", "user name or password"),
        ("https://host@evil.example/", "user name or password"),
        ("https://host/?a=1", "'?' or '#'"),
        ("https://host/?", "'?' or '#'"),
        ("https://host/#x", "'?' or '#'"),
        ("https://ho st/", "spaces"),
        ("https://host\\evil/", "spaces"),
        ("https://host/a\nb", "not a URL|spaces"),
        ("http://greenflash.example/api", "unencrypted"),
        ("http://127.0.0.1.example/api", "unencrypted"),
        ("http://localhost.example/api", "unencrypted"),
        ("https://169.254.169.254/latest", "link-local"),
        ("https://[fe80::1]/", "link-local"),
        ("https://2852039166/latest", "link-local"),
        ("https://0xa9.0xfe.0xa9.0xfe/", "link-local"),
        ("https://[::ffff:169.254.169.254]/", "link-local"),
    ],
)
def test_addresses_that_are_refused(url: str, says: str) -> None:
    with pytest.raises(ConfigInvalid, match=says) as refused:
        check_base_url(url)
    assert "hunter2" not in str(refused.value)


def test_http_elsewhere_is_an_explicit_choice() -> None:
    assert check_base_url("http://sandbox:8787/api/v1", allow_http=True) == "http://sandbox:8787/api/v1"


@pytest.mark.parametrize("url", ["https://xn--/", "https://-.example\x7f/"])
def test_a_host_that_no_url_has_is_the_configurations_fault(url: str) -> None:
    with pytest.raises(ConfigInvalid):
        capture(url, "sk-test")


@pytest.mark.parametrize(
    "key", ["", " \n", "sk-canary\nx: y", "sk-canary\x00", "sk-canär", "sk canary", "sk-canary\x7f"]
)
def test_keys_that_no_header_can_carry_are_refused_without_being_shown(key: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        capture(None, key)
    assert "sk" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_blanks_around_the_key_are_the_files_not_the_keys() -> None:
    assert check_api_key("  sk-test\r\n") == "sk-test"


def test_an_endpoint_shows_no_key() -> None:
    assert "sk-canary" not in repr(capture(None, "sk-canary"))
