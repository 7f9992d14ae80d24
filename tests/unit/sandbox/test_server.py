"""Routes and access of the application, and the address that it listens on."""

from __future__ import annotations

import socket

import pytest

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.sandbox.api import Api
from greenflash_kafka.sandbox.server import listen, url_of
from tests.fakes.asked_sandbox import Asked

FOREIGN = {"origin": "https://evil.example", "sec_fetch_site": "cross-site"}


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 200),
        ("GET", "/api/v1/products", {"authorization": "Bearer k"}, 200),
        ("GET", "/api/v1/products", {}, 401),
        ("POST", "/api/v1/products", {}, 405),
        ("GET", "/api/v1/events", {}, 405),
        ("GET", "/api/v1/elsewhere", {}, 404),
        ("GET", "/elsewhere", {}, 404),
        ("GET", "/_sandbox/reset", {}, 405),
        ("GET", "/", {"host": "evil.example"}, 421),
        ("POST", "/api/v1/events", {"host": "evil.example"}, 421),
        ("POST", "/_sandbox/reset", FOREIGN, 403),
        ("GET", "/_sandbox/events", FOREIGN, 403),
    ],
)
def test_who_gets_where(asked: Asked, method: str, path: str, headers: dict[str, str], status: int) -> None:
    answer = asked(method, path, **headers)
    assert answer.status_code == status
    assert "access-control-allow-origin" not in answer.headers


def test_an_error_is_json_with_the_headers_of_the_page(asked: Asked) -> None:
    answer = asked("GET", "/elsewhere")
    assert answer.json() == {"error": "Not Found"}
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_on_an_address_that_is_not_this_machines_alone_any_name_is_taken() -> None:
    assert Asked(Api(), "0.0.0.0")("GET", "/", host="sandbox.internal:8787").status_code == 200


def test_a_free_port_is_found_and_its_address_is_one_that_a_browser_takes() -> None:
    for host, shown in (("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1")):
        listener = listen(host, 0)
        with listener:
            assert url_of(listener) == f"http://{shown}:{listener.getsockname()[1]}"
            with socket.create_connection(("127.0.0.1", listener.getsockname()[1]), timeout=60):
                pass


def test_an_address_that_is_not_here_says_what_to_choose() -> None:
    with pytest.raises(ConfigInvalid, match=r"can't listen on 192\.0\.2\.1:0: .*--host or --port"):
        listen("192.0.2.1", 0)
