"""The error of a schema by which nothing can be decoded."""

from __future__ import annotations


class SchemaError(ValueError):
    """The schema is refused: `bad-schema`. The text is short, and says where in the schema and why."""
