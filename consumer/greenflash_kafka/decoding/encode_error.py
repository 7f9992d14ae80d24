"""The error of a payload that can't be written by its schema."""

from __future__ import annotations


class EncodeError(ValueError):
    """A case's payload is no value of the topic's schema. The text names the place in the payload, what the schema has
    there, and what was found: "order.total: expected a number, found text"."""
