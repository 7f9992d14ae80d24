"""An OAuth service for tests: signed tokens over HTTPS for those who know the secret, and the keys to check them."""

from __future__ import annotations

import base64
import json
import ssl
import time
import urllib.parse
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from tests.fakes.raw_server import Exchange, RawServer, answer

ISSUER = "https://login.test"
AUDIENCE = "kafka.test"
KEY_ID = "key-1"


class TokenService:
    """`POST /token` by the client-credentials grant, with HTTP's basic authentication.

    `secrets` are the clients' secrets by id; `seconds` how long a token holds; `failing` answers everything with 500.
    """

    def __init__(self, certificate: Path, keys: Path) -> None:
        """`certificate` is the server's key and certificate in one file; `keys` where the public keys are written."""
        self.secrets: dict[str, str] = {}
        self.seconds = 300.0
        self.failing = False
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        keys.write_text(json.dumps({"keys": [self._public()]}))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self._server = RawServer(self._answer, tls=context)
        self.url = f"https://localhost:{self._server.port}/token"

    @property
    def asked(self) -> int:
        """How often somebody asked for a token."""
        return len(self._server.received)

    def close(self) -> None:
        """Stop answering."""
        self._server.close()

    def token(self, client: str, seconds: float) -> str:
        """A token for `client`, which expires in so many seconds (in the past if negative)."""
        now = time.time()
        head = {"alg": "RS256", "typ": "JWT", "kid": KEY_ID}
        claims = {"sub": client, "iss": ISSUER, "aud": AUDIENCE, "iat": int(now) - 3600, "exp": int(now + seconds)}
        signed = f"{_encoded(head)}.{_encoded(claims)}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), SHA256())
        return f"{signed}.{_base64(signature)}"

    def _answer(self, exchange: Exchange) -> None:
        if self.failing:
            exchange.send(answer(500, b'{"error": "server_error"}', "Content-Type: application/json"))
            return
        client, secret = _credentials(exchange.request.header("authorization") or "")
        if self.secrets.get(client) != secret:
            # It echoes what it was given, as careless services do.
            body = json.dumps({"error": "invalid_client", "error_description": f"no such client: {client}:{secret}"})
            exchange.send(answer(401, body.encode(), "Content-Type: application/json"))
            return
        given = {"access_token": self.token(client, self.seconds), "token_type": "Bearer", "expires_in": self.seconds}
        exchange.send(answer(200, json.dumps(given).encode(), "Content-Type: application/json"))

    def _public(self) -> dict[str, str]:
        numbers = self._key.public_key().public_numbers()
        size = (numbers.n.bit_length() + 7) // 8
        return {
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": KEY_ID,
            "n": _base64(numbers.n.to_bytes(size, "big")),
            "e": _base64(numbers.e.to_bytes(3, "big")),
        }


def _credentials(header: str) -> tuple[str, str]:
    kind, _, encoded = header.partition(" ")
    if kind.lower() != "basic":
        return "", ""
    client, _, secret = base64.b64decode(encoded).decode().partition(":")
    return urllib.parse.unquote(client), urllib.parse.unquote(secret)


def _encoded(value: dict[str, Any]) -> str:
    return _base64(json.dumps(value).encode())


def _base64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
