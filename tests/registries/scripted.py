"""A schema registry of our own: what Confluent's answers, and everything else that may stand at its address."""

from __future__ import annotations

import base64
import json
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.fakes.raw_server import Exchange, RawServer, answer

JSON = "Content-Type: application/vnd.schemaregistry.v1+json"

Trouble = Callable[[Exchange], None]


class ScriptedRegistry:
    """Schemas by id, GUID and subject, under `path`. `trouble` answers in place of the registry while it is set;
    `authorized` says whether a GET's `Authorization` will do. `serialized` gives descriptors by text; a question for
    one is answered with `serialized_status` if that is set."""

    def __init__(self, path: str = "", tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self.path = path
        self.trouble: Trouble | None = None
        self.authorized: Callable[[str | None], bool] = lambda _: True
        self.serialized: dict[str, str] = {}
        self.serialized_status: int | None = None
        self._versions: dict[str, dict[int, dict[str, Any]]] = {}
        self._server = RawServer(self._answer, tls=tls, port=port)
        self.port = self._server.port
        self.url = f"{'http' if tls is None else 'https'}://localhost:{self.port}{path}"

    @property
    def asked(self) -> list[str]:
        """The paths of all requests, with their queries."""
        return [each.path for each in self._server.received]

    def close(self) -> None:
        """Stop answering."""
        self._server.close()

    def add(
        self,
        id: int,
        text: str,
        *,
        kind: str | None = None,
        subject: str | None = None,
        version: int = 1,
        guid: str | None = None,
        references: list[tuple[str, str, int]] | None = None,
        rule_set: object = None,
    ) -> None:
        """Register a schema. References are (name, subject, version)."""
        entry: dict[str, Any] = {"subject": subject or f"subject-{id}", "version": version, "id": id, "schema": text}
        if kind is not None:
            entry["schemaType"] = kind
        if guid is not None:
            entry["guid"] = guid
        if references:
            entry["references"] = [{"name": n, "subject": s, "version": v} for n, s, v in references]
        if rule_set is not None:
            entry["ruleSet"] = rule_set
        self._versions.setdefault(entry["subject"], {})[version] = entry

    def _answer(self, exchange: Exchange) -> None:
        if self.trouble is not None:
            self.trouble(exchange)
            return
        if not self.authorized(exchange.request.header("authorization")):
            exchange.send(answer(401, b'{"error_code": 401, "message": "Unauthorized"}', JSON))
        else:
            status, body = self._find(exchange.request.path)
            exchange.send(answer(status, json.dumps(body).encode(), JSON))

    def _find(self, target: str) -> tuple[int, Any]:
        parts = urlsplit(target)
        if not parts.path.startswith(self.path + "/"):
            return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}
        serialized = parse_qs(parts.query).get("format") == ["serialized"]
        if serialized and self.serialized_status is not None:
            return self.serialized_status, {"error_code": self.serialized_status, "message": "no"}
        match [unquote(each) for each in parts.path.removeprefix(self.path).split("/")[1:]]:
            case ["subjects"]:
                return 200, sorted(self._versions)
            case ["subjects", subject, "versions"]:
                known = self._versions.get(subject)
                return (200, sorted(known)) if known else (404, _error(40401, "Subject not found."))
            case ["subjects", subject, "versions", number]:
                known = self._versions.get(subject, {})
                version = max(known, default=0) if number == "latest" else int(number)
                found = known.get(version)
                return (200, self._shown(found, serialized)) if found else (404, _error(40402, "Version not found."))
            case ["schemas", "ids", number, "versions"]:
                found_in = [each for each in self._all() if each["id"] == int(number)]
                return 200, [{"subject": each["subject"], "version": each["version"]} for each in found_in]
            case ["schemas", "ids", number]:
                return self._one("id", int(number), serialized)
            case ["schemas", "guids", guid]:
                return self._one("guid", guid, serialized)
        return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}

    def _one(self, name: str, value: object, serialized: bool) -> tuple[int, Any]:
        found = next((each for each in self._all() if each.get(name) == value), None)
        if found is None:
            return 404, _error(40403, "Schema not found")
        shown = self._shown(found, serialized)
        return 200, {key: each for key, each in shown.items() if key not in ("subject", "version", "id")}

    def _shown(self, entry: dict[str, Any], serialized: bool) -> dict[str, Any]:
        descriptor = self.serialized.get(entry["schema"]) if serialized else None
        return entry if descriptor is None else {**entry, "schema": descriptor}

    def _all(self) -> list[dict[str, Any]]:
        return [entry for versions in self._versions.values() for entry in versions.values()]


def replies(status: int, body: bytes = b"{}", *headers: str) -> Trouble:
    """This answer to everything."""
    return lambda exchange: exchange.send(answer(status, body, *(headers or (JSON,))))


def silence(exchange: Exchange) -> None:
    """No answer until the test is over."""
    exchange.hang()


def dripping(exchange: Exchange) -> None:
    """A byte now and then, for ever."""
    exchange.drip(answer(200, b'{"schema": "' + b"x" * 100_000 + b'"}', JSON), 0.05)


def huge(size: int, *headers: str) -> Trouble:
    """A body of so many bytes, made while it is sent, without a length."""

    def send(exchange: Exchange) -> None:
        head = "\r\n".join(["HTTP/1.1 200 OK", "Transfer-Encoding: chunked", *headers]) + "\r\n\r\n"
        exchange.send(head.encode())
        chunk = b"x" * 65536
        for _ in range(size // len(chunk)):
            exchange.send(b"%x\r\n%s\r\n" % (len(chunk), chunk))
        exchange.send(b"0\r\n\r\n")

    return send


def basic(user_info: str) -> Callable[[str | None], bool]:
    """Takes this user and password alone."""
    return f"Basic {base64.b64encode(user_info.encode()).decode()}".__eq__


def bearer(token: str) -> Callable[[str | None], bool]:
    """Takes this token alone."""
    return f"Bearer {token}".__eq__


def _error(code: int, message: str) -> dict[str, object]:
    return {"error_code": code, "message": message}
