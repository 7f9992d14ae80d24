"""Credentials for a schema registry: the options of libcurl and the headers that confluent's properties are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from urllib.parse import quote_plus

import msgspec
import pycurl

ACCEPT: Final = "Accept: application/vnd.schemaregistry.v1+json, application/json"


class RegistryCredentials(msgspec.Struct, frozen=True):
    """Made of `schema_registry.properties` with their values looked up. Never shown."""

    properties: Mapping[str, str]

    def __repr__(self) -> str:
        return f"RegistryCredentials({sorted(self.properties)})"

    @property
    def takes_tokens(self) -> bool:
        """Whether a token has to be had from an OAuth service first."""
        return self._source == "OAUTHBEARER"

    def options(self) -> dict[int, object]:
        """libcurl's options of a GET: TLS and the user. Text as bytes, since pycurl takes ASCII alone otherwise."""
        found: dict[int, object] = self._tls()
        user = self.properties.get("basic.auth.user.info")
        if user is not None:
            name, _, password = user.partition(":")
            found |= {
                pycurl.HTTPAUTH: pycurl.HTTPAUTH_BASIC,
                pycurl.USERNAME: name.encode(),
                pycurl.PASSWORD: password.encode(),
            }
        return found

    def headers(self, token: str | None) -> list[bytes]:
        """The headers of a GET. `token`: the OAuth service's; a static one is known here."""
        lines = [ACCEPT]
        if self._source == "STATIC_TOKEN":
            token = self.properties["bearer.auth.token"]
        if token is not None:
            lines.append(f"Authorization: Bearer {_one_line(token)}")
        for key, name in (
            ("bearer.auth.logical.cluster", "target-sr-cluster"),
            ("bearer.auth.identity.pool.id", "Confluent-Identity-Pool-Id"),
        ):
            if self._source and key in self.properties:
                lines.append(f"{name}: {_one_line(self.properties[key])}")
        return [line.encode() for line in lines]

    def token_request(self) -> tuple[str, dict[int, object], bytes]:
        """The URL, libcurl's options and the body of the POST that gives a token (RFC 6749, 4.4, with the client's
        secret as HTTP's basic authentication, as confluent's clients send it)."""
        given = self.properties
        options = self._tls() | {
            pycurl.HTTPAUTH: pycurl.HTTPAUTH_BASIC,
            pycurl.USERNAME: quote_plus(given["bearer.auth.client.id"]).encode(),
            pycurl.PASSWORD: quote_plus(given["bearer.auth.client.secret"]).encode(),
        }
        scope = given.get("bearer.auth.scope")
        body = "grant_type=client_credentials" + (f"&scope={quote_plus(scope)}" if scope else "")
        return given["bearer.auth.issuer.endpoint.url"], options, body.encode()

    @property
    def _source(self) -> str:
        return self.properties.get("bearer.auth.credentials.source", "").strip().upper()

    def _tls(self) -> dict[int, object]:
        names = {
            "ssl.ca.location": pycurl.CAINFO,
            "ssl.certificate.location": pycurl.SSLCERT,
            "ssl.key.location": pycurl.SSLKEY,
            "ssl.key.password": pycurl.KEYPASSWD,
        }
        return {option: self.properties[key].encode() for key, option in names.items() if key in self.properties}


class AccessToken(msgspec.Struct):
    """The answer of an OAuth service, as far as it is read."""

    access_token: str
    expires_in: float = 300.0


TOKEN: Final = msgspec.json.Decoder(AccessToken, strict=False)

KEPT_SHARE: Final = 0.8
"""The part of its time that a token is used for; confluent's clients take the same."""


def _one_line(text: str) -> str:
    """Without line breaks, which would be other headers."""
    return "".join(text.split("\n")).replace("\r", "").strip()
