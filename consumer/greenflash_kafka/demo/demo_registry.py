"""A schema registry inside the demo's process: the part of Confluent's API that a reader of topics asks."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from greenflash_kafka.model.schema import Schema, SchemaKey

_BY_ID: Final = re.compile(r"/schemas/ids/([0-9]+)(?:\?.*)?")
_NEWEST: Final = re.compile(r"/subjects/([^/]+)/versions/(?:latest|[0-9]+)(?:\?.*)?")


@contextmanager
def running_registry(schemas: Mapping[SchemaKey, Schema]) -> Iterator[str]:
    """Serve these schemas by their ids on a free port of loopback, until the block ends; gives the URL."""

    class Registry(_Handler):
        known = schemas

    server = ThreadingHTTPServer(("127.0.0.1", 0), Registry)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="demo-schema-registry", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    known: Mapping[SchemaKey, Schema]

    def do_GET(self) -> None:
        """Answer as the registry does."""
        status, body = self._answer()
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/vnd.schemaregistry.v1+json")
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the screen is the demo's."""

    def _answer(self) -> tuple[int, Any]:
        if self.path == "/subjects":
            return 200, [each.subject for each in self.known.values()]
        if found := _BY_ID.fullmatch(self.path):
            schema = self.known.get(int(found[1]))
            return (200, {"schema": schema.text}) if schema else (404, _error(40403, "Schema not found"))
        if found := _NEWEST.fullmatch(self.path):
            for number, schema in self.known.items():
                if schema.subject == found[1]:
                    about = {"subject": schema.subject, "version": schema.version, "id": number}
                    return 200, {**about, "schema": schema.text}
            return 404, _error(40401, "Subject not found")
        return 404, _error(404, "HTTP 404 Not Found")


def _error(code: int, text: str) -> dict[str, object]:
    return {"error_code": code, "message": text}
