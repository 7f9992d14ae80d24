"""Functions that make ids of values: keyed hashes, buckets for sampling, name-based UUIDs."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from typing import Annotated, Final, TypeAlias

from greenflash_kafka.expressions.functions.argument_types import (
    ArgumentType,
    Number,
    Plain,
    Text,
    mismatch,
    whole_number,
)
from greenflash_kafka.expressions.functions.definition import function
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope, spend_steps
from greenflash_kafka.expressions.values import plain_text

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


def _namespace(_function: str, value: object) -> uuid.UUID:
    space = plain_text(value) or ""
    try:
        return _NAMESPACES.get(space.lower()) or uuid.UUID(space)
    except ValueError:
        said = "uuid5 takes a UUID, or dns, url, oid, x500, as namespace"
        raise EvaluationError("type-mismatch", said) from None


Utf8: TypeAlias = Annotated[bytes, ArgumentType(("text", "number", "boolean", "time"), _bytes)]
"""The UTF-8 of a value's text."""


@function(
    example='length(hash("ada@acme.test"))',
    gives="64",
    steps=lambda scope, x: None if scope.hash_key is None else len(x) >> 6,
    charges_text=True,
    foldable=False,
)
def hash_(scope: Scope, x: Utf8) -> Text:
    """HMAC-SHA-256 with the configured key, 64 hex digits: an id that can't be guessed back.

    Without the key `GREENFLASH_KAFKA_HASH_KEY` it is the problem `missing`.
    """
    if scope.hash_key is None:
        raise EvaluationError("missing", "hash needs a key: set GREENFLASH_KAFKA_HASH_KEY")
    return hmac.digest(scope.hash_key, x, "sha256").hex()


@function(example='bucket("user-1", 1)', gives="0", fails={'bucket("a", 0)': "bad-number"})
def bucket(scope: Scope, x: Plain, n: Annotated[int, whole_number("n", 1)]) -> Number:
    """0 to n-1, always the same for the same value: bucket(payload.userId, 100) < 10 samples a tenth of the users.

    It is the SHA-256 of the text's UTF-8, as one big-endian number, modulo n.
    """
    data = _bytes("bucket", x)
    spend_steps(scope, len(data) >> 6)
    return int.from_bytes(hashlib.sha256(data).digest(), "big") % n


@function(
    example='uuid5("dns", "python.org")',
    gives='"886313e1-3b8a-5372-9b90-0c9aee199e5d"',
    fails={'uuid5("mail", "python.org")': "type-mismatch"},
    steps=lambda name: len(name) >> 6,
    charges_text=True,
)
def uuid5(namespace: Annotated[uuid.UUID, ArgumentType(("text",), _namespace)], name: Utf8) -> Text:
    """The name-based UUID (version 5) of a value in a namespace: a UUID, or "dns", "url", "oid", "x500"."""
    digest = hashlib.sha1(namespace.bytes + name, usedforsecurity=False).digest()
    return str(uuid.UUID(bytes=digest[:16], version=5))
