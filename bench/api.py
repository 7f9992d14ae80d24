"""The answering server as the bench sees it: a child process, asked over one connection."""

from __future__ import annotations

import http.client
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec
import trustme

from bench.answering import Count


class Api:
    """An answering server of its own, with the address that a sender is given."""

    def __init__(self, delay: float = 0.0, tls: bool = False, http2: bool = False) -> None:
        """It answers after `delay` seconds; with `tls` by a certificate whose authority `ca_file` holds, and over
        HTTP/2 with `http2`, too."""
        self._folder = tempfile.TemporaryDirectory(prefix="greenflash-kafka-bench-")
        self.ca_file: Path | None = None
        command = [sys.executable, "-m", "bench.answering", "--delay", str(delay), *(["--http2"] if http2 else [])]
        if tls:
            command += ["--certificate", str(self._certificate())]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        port = int(self._process.stdout.readline())
        scheme = "https" if tls else "http"
        self.base_url = f"{scheme}://localhost:{port}/api/v1" if tls else f"{scheme}://127.0.0.1:{port}/api/v1"
        self._connection = self._connect(port)

    def _certificate(self) -> Path:
        folder = Path(self._folder.name)
        authority, self.ca_file = trustme.CA(), folder / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        own = folder / "server.pem"
        authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(own))
        return own

    def _connect(self, port: int) -> http.client.HTTPConnection:
        if self.ca_file is None:
            return http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        import ssl

        return http.client.HTTPSConnection(
            "localhost", port, timeout=30, context=ssl.create_default_context(cafile=str(self.ca_file))
        )

    def seen(self) -> int:
        """Events since the last `take`."""
        return self._ask("/seen").events

    def take(self) -> Count:
        """What came since the last time, and begin anew."""
        return self._ask("/count")

    def _ask(self, path: str) -> Count:
        self._connection.request("GET", path)
        return msgspec.json.decode(self._connection.getresponse().read(), type=Count)

    def stop(self) -> None:
        """End it."""
        self._connection.close()
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()
