"""`schema_registry.properties` as the configuration has it: confluent's own names, and what is refused.

The names are those of confluent-kafka-python 2.16 (schema_registry/_sync/schema_registry_client.py and
common/_oauthbearer.py). Names that its other clients have, and ours hasn't, are answered with the right one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import urlsplit

from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.given_values import ForbiddenProperty, as_text, is_reference
from greenflash_kafka.web.hosts import is_this_machine

SECRETS: Final = frozenset(
    {"basic.auth.user.info", "bearer.auth.token", "bearer.auth.client.secret", "ssl.key.password"}
)
"""Properties whose value must come from the environment or a file."""

OAUTH: Final = (
    "bearer.auth.issuer.endpoint.url",
    "bearer.auth.client.id",
    "bearer.auth.client.secret",
)
"""What OAUTHBEARER can't do without."""

KNOWN: Final = SECRETS | {
    *OAUTH,
    "basic.auth.credentials.source",
    "bearer.auth.credentials.source",
    "bearer.auth.scope",
    "bearer.auth.logical.cluster",
    "bearer.auth.identity.pool.id",
    "ssl.ca.location",
    "ssl.certificate.location",
    "ssl.key.location",
}

SOURCES: Final[Mapping[str, tuple[str, ...]]] = {
    "basic.auth.credentials.source": ("USER_INFO",),
    "bearer.auth.credentials.source": ("OAUTHBEARER", "STATIC_TOKEN"),
}

_OWNED: Final = "is set by greenflash-kafka"
_CHECKED: Final = "would switch off, or replace, the check of the registry's certificate"
_REFUSALS: Final = (
    ("url schema.registry.url", _OWNED, "set schema_registry.url"),
    ("timeout", _OWNED, "set schema_registry.timeout_seconds"),
    ("proxy proxy.host proxy.port http.proxy https.proxy", _OWNED, "set schema_registry.proxy"),
    ("max.retries retries.wait.ms retries.max.wait.ms", _OWNED, "remove it: the registry is asked until it answers"),
    (
        "cache.capacity cache.latest.ttl.sec max.schemas.per.subject",
        _OWNED,
        "remove it: a schema of an id never changes, and is kept",
    ),
    ("auto.register.schemas use.latest.version normalize.schemas", "is for producers", "remove it: nothing is written"),
    (
        "bearer.auth.custom.provider.function bearer.auth.custom.provider.config",
        "runs code from a configuration",
        "use bearer.auth.credentials.source: OAUTHBEARER or STATIC_TOKEN",
    ),
    (
        "enable.ssl.certificate.verification ssl.endpoint.identification.algorithm",
        _CHECKED,
        "give the registry's CA in ssl.ca.location",
    ),
    ("ssl.truststore.location ssl.truststore.password ssl.truststore.type", "is Java's", "use ssl.ca.location (PEM)"),
    (
        "ssl.keystore.location ssl.keystore.password ssl.keystore.type",
        "is Java's",
        "use ssl.certificate.location and ssl.key.location (PEM)",
    ),
)
_REFUSED: Final = {name: (reason, instead) for names, reason, instead in _REFUSALS for name in names.split()}


def check_registry_properties(properties: Mapping[str, object], *, allow_http: bool) -> tuple[ForbiddenProperty, ...]:
    """Everything in `schema_registry.properties` that can't be used, in the order written; empty when all is well.

    `allow_http`: a token endpoint on another host may be one of http.
    """
    found = [each for key, value in properties.items() for each in _findings(key, value, allow_http)]
    return (*found, *_lacking(properties))


def _findings(key: str, value: object, allow_http: bool) -> Iterator[ForbiddenProperty]:
    wrong = _refusal(key) or _wrong_with(key, value, allow_http)
    if wrong is not None:
        yield ForbiddenProperty(key, *wrong)


def _refusal(key: str) -> tuple[str, str] | None:
    if key in KNOWN:
        return None
    plain = key.strip().lower().removeprefix("schema.registry.")
    if plain in KNOWN:
        return "is no property", f"write {plain}"
    refused = _REFUSED.get(plain) or _REFUSED.get(f"schema.registry.{plain}")
    return refused or ("is no property of a schema registry's client", did_you_mean(key, sorted(KNOWN)))


def _wrong_with(key: str, value: object, allow_http: bool) -> tuple[str, str] | None:
    text = as_text(value)
    if not isinstance(value, str | int | float) or text == "":
        return "needs a text", "write one value, or remove the line"
    if key in SECRETS and not is_reference(value):
        return (
            "is a secret and stands readable in the configuration",
            "write ${NAME} for an environment variable (or NAME_FILE), or ${file:/path} for a file",
        )
    if key in SOURCES and text.strip().upper() not in SOURCES[key]:
        instead = " or ".join(SOURCES[key])
        return "names a source of credentials that isn't here", f"write {instead}, and the credentials themselves"
    if key == "bearer.auth.issuer.endpoint.url" and not is_reference(value) and not _is_safe(text, allow_http):
        return "is not an https address without user name and password", "write https://host/path"
    return None


def _is_safe(text: str, allow_http: bool) -> bool:
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    http = parts.scheme == "http" and host is not None and (allow_http or is_this_machine(host))
    return bool(host) and "@" not in parts.netloc and (parts.scheme == "https" or http)


def _lacking(properties: Mapping[str, object]) -> Iterator[ForbiddenProperty]:
    """Properties that need another one, which isn't there."""
    source = as_text(properties.get("bearer.auth.credentials.source", "")).strip().upper()
    needed: dict[str, tuple[str, ...]] = {
        "ssl.certificate.location": ("ssl.key.location",),
        "ssl.key.location": ("ssl.certificate.location",),
        "ssl.key.password": ("ssl.key.location",),
        "bearer.auth.client.id": ("bearer.auth.credentials.source",),
        "bearer.auth.token": ("bearer.auth.credentials.source",),
        "bearer.auth.credentials.source": {"OAUTHBEARER": OAUTH, "STATIC_TOKEN": ("bearer.auth.token",)}.get(
            source, ()
        ),
    }
    for key, others in needed.items():
        missing = [each for each in others if each not in properties]
        if key in properties and missing:
            yield ForbiddenProperty(key, f"needs {' and '.join(missing)}", "set it, too")
    if "basic.auth.user.info" in properties and source:
        yield ForbiddenProperty("basic.auth.user.info", "stands beside bearer.auth.*", "keep one of the two")
