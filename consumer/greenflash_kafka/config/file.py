"""The config file as plain values, with the place of every key, so that each error can name it."""

from __future__ import annotations

from pathlib import Path

import msgspec

from greenflash_kafka.documents.findings import Finding
from greenflash_kafka.documents.plain_document import PlainDocument, plain_document
from greenflash_kafka.documents.yaml_nodes import NOWHERE


def read(path: Path) -> PlainDocument:
    """Read a config file (YAML's core schema, as in mapping files). `value` is a map; what is wrong is in `findings`,
    never raised."""
    name = str(path)
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        finding = Finding(name, *NOWHERE, "unreadable", "error", f"the file can't be read: {reason}")
        return PlainDocument({}, {}, (finding,))
    document = plain_document(content, name)
    if isinstance(document.value, dict):
        return document
    findings = document.findings
    if document.value is not None:
        said, hint = "a config file is a map of sections", "begin with a section, such as `kafka:`"
        findings += (Finding(name, *document.places[()], "not-a-map", "error", said, hint),)
    return msgspec.structs.replace(document, value={}, places={}, findings=findings)
