"""Faults of a topic's format, by which no message can be read: a file's schema that is none, missing libraries."""

from __future__ import annotations

import importlib
from typing import Final

from greenflash_kafka.decoding.body_reader import body_reader, format_module
from greenflash_kafka.decoding.schema_error import SchemaError
from greenflash_kafka.model.formats import SCHEMA_FORMATS
from greenflash_kafka.model.topic_format import TopicFormat

_PROTOBUF: Final = ("proto_reader", "proto_schema", "protobuf_paths")


def format_fault(format: TopicFormat) -> str | None:
    """Why no message of this format can be read, or None. What the format takes is imported from then on: a process
    may have no file descriptor left to import it when its first message comes."""
    name = format.format
    if name not in SCHEMA_FORMATS:
        return None
    try:
        format_module(name)
        for module in _PROTOBUF if name == "protobuf" else ():
            importlib.import_module(f"greenflash_kafka.decoding.{module}")
        if format.schema is not None:
            body_reader(format.schema, None, format.message)
    except SchemaError as error:
        return f"{format.schema.subject if format.schema else name}: {error}"
    except ImportError as error:
        extra = "pip install 'greenflash-kafka[protobuf]'" if name == "protobuf" else "install greenflash-kafka anew"
        return f"{error.name or 'a library'}, which {name} takes, isn't installed: {extra}"
    except OSError as error:
        return f"the compiler of schemas can't be started: {error.strerror or error}"
    return None
