"""The error of a schema by which nothing can be decoded."""

from __future__ import annotations


class SchemaError(ValueError):
    """The schema is refused: `bad-schema`. The text is short, and says where in the schema and why."""


class MissingExtra(SchemaError):
    """The schema may be right, but the libraries of its format aren't installed."""

    def __init__(self, extra: str, what: str) -> None:
        super().__init__(f"{what} needs libraries that aren't installed: pip install 'greenflash-kafka[{extra}]'")
