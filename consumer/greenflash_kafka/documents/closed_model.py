"""Pydantic models of files: closed, frozen, and with the errors in our words."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from pydantic import BaseModel, ConfigDict, ValidationError

from greenflash_kafka.documents.plain_document import KeyPath


class ClosedModel(BaseModel):
    """Frozen, and an unknown key is an error. Values are in no error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, defer_build=True)


class ModelError(msgspec.Struct, frozen=True):
    """One thing that a model refuses: pydantic's path and kind of error, and a text that goes on after a key's name."""

    path: KeyPath
    kind: str
    said: str


def model_errors(error: ValidationError) -> Iterator[ModelError]:
    """What a model refuses, one by one. No value is part of it."""
    for each in error.errors(include_url=False, include_input=False, include_context=False):
        said = each["msg"].removeprefix("Value error, ").removeprefix("Input ")
        yield ModelError(each["loc"], each["type"], said.replace("a valid string", "a text"))
