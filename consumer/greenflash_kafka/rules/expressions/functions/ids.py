"""Functions that make ids of values: keyed hashes, buckets for sampling, name-based UUIDs."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from typing import Final

from greenflash_kafka.rules.expressions.functions.definition import Function, Parameter, mismatch
from greenflash_kafka.rules.expressions.functions.definition import whole_of as whole
from greenflash_kafka.rules.expressions.refusals import EvaluationError
from greenflash_kafka.rules.expressions.scope import Scope, spend_steps
from greenflash_kafka.rules.expressions.values import plain_text

_NAMESPACES: Final = {
    "dns": uuid.NAMESPACE_DNS,
    "url": uuid.NAMESPACE_URL,
    "oid": uuid.NAMESPACE_OID,
    "x500": uuid.NAMESPACE_X500,
}


def _bytes(function: str, value: object) -> bytes:
    text = plain_text(value)
    if text is None:
        raise mismatch(function, "text, a number, a boolean or a time", value)
    return text.encode("utf-8", "surrogatepass")


def hash_(scope: Scope, x: object) -> str:
    """HMAC-SHA-256 of the text's UTF-8 with the configured key, 64 hex digits."""
    data = _bytes("hash", x)
    if scope.hash_key is None:
        raise EvaluationError("missing", "hash needs a key: set GREENFLASH_KAFKA_HASH_KEY")
    spend_steps(scope, len(data) >> 6)
    return hmac.digest(scope.hash_key, data, "sha256").hex()


def bucket(scope: Scope, x: object, n: object) -> int:
    """0 to n-1: the SHA-256 of the text's UTF-8, as one big-endian number, modulo n."""
    count = whole("bucket", "n", n, 1)
    data = _bytes("bucket", x)
    spend_steps(scope, len(data) >> 6)
    return int.from_bytes(hashlib.sha256(data).digest(), "big") % count


def uuid5(scope: Scope, namespace: object, name: object) -> str:
    """RFC 4122's version 5 (SHA-1) of a name in a namespace."""
    space = plain_text(namespace) or ""
    known = _NAMESPACES.get(space.lower())
    if known is None:
        try:
            known = uuid.UUID(space)
        except ValueError:
            said = "uuid5 takes a UUID, or dns, url, oid, x500, as namespace"
            raise EvaluationError("type-mismatch", said) from None
    data = _bytes("uuid5", name)
    spend_steps(scope, len(data) >> 6)
    digest = hashlib.sha1(known.bytes + data, usedforsecurity=False).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))


_PLAIN: Final = ("text", "number", "boolean", "time")

FUNCTIONS: Final = (
    Function(
        "hash",
        "ids",
        (Parameter("x", _PLAIN),),
        "text",
        "HMAC-SHA-256 with the configured key, 64 hex digits: an id that can't be guessed back.",
        'length(hash("ada@acme.test"))',
        "64",
        hash_,
        scoped=True,
        foldable=False,
    ),
    Function(
        "bucket",
        "ids",
        (Parameter("x", _PLAIN), Parameter("n", ("number",))),
        "number",
        "0 to n-1, always the same for the same value: bucket(payload.userId, 100) < 10 samples a tenth of the users.",
        'bucket("user-1", 1)',
        "0",
        bucket,
        scoped=True,
    ),
    Function(
        "uuid5",
        "ids",
        (Parameter("namespace", ("text",)), Parameter("name", _PLAIN)),
        "text",
        'The name-based UUID (version 5) of a value in a namespace: a UUID, or "dns", "url", "oid", "x500".',
        'uuid5("dns", "python.org")',
        '"886313e1-3b8a-5372-9b90-0c9aee199e5d"',
        uuid5,
        scoped=True,
    ),
)
