"""The JSON schema of a mapping file, for editors, made from the same table that lint reads."""

from __future__ import annotations

import json

from greenflash_kafka.documents.schema_types import Schema
from greenflash_kafka.mappings.link_shape import LINK
from greenflash_kafka.mappings.spec import FILE, WHEN_SCHEMA


def schema() -> Schema:
    """JSON schema (draft 2020-12); it knows shapes and spellings, `lint` knows everything."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A mapping file of greenflash-kafka",
        **FILE.schema(),
        "$defs": {"when": WHEN_SCHEMA, "link": LINK.schema()},
    }


def schema_text() -> str:
    """The schema as the text of `mappings/schema.json`; a test holds the file to it."""
    return json.dumps(schema(), indent=2) + "\n"
