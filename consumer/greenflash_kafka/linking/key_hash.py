"""Hashes of keys: numbers in place of the ids of users, so that no id stands in a table."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from typing import Final

_BYTES: Final = 8
"""As much as SQLite compares fastest. Among 10 million keys two are alike with a chance of 1 in 300,000."""

KeyHash = Callable[[str], int]
"""The hash of a value, with 64 bits and a sign."""


def hash_of_keys(salt: bytes, source: str, name: str) -> KeyHash:
    """The function that hashes the values of one source's key. `salt` has 64 bytes at most."""
    begun = hashlib.blake2b(f"{source}\0{name}\0".encode(), digest_size=_BYTES, key=salt).copy
    number = int.from_bytes

    def hash_of(value: str) -> int:
        digest = begun()
        digest.update(value.encode("utf-8", "surrogatepass"))
        return number(digest.digest(), "little", signed=True)

    return hash_of


def salt(hash_key: bytes | None) -> bytes:
    """What is hashed with each value: made of the key, else of chance."""
    return hashlib.blake2b(hash_key, digest_size=32).digest() if hash_key else secrets.token_bytes(32)


def fingerprint(hash_key: bytes | None) -> bytes:
    """A mark by which a table recognises its hash key; empty without one."""
    return hashlib.blake2b(b"keys", digest_size=12, key=salt(hash_key)).digest() if hash_key else b""
