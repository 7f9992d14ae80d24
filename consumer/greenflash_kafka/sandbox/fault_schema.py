"""The JSON schema of a fault script, for editors."""

from __future__ import annotations

from greenflash_kafka.documents.published_schema import model_schema, schema_text
from greenflash_kafka.sandbox.faults import AnyFault, Faults


def fault_schema_text() -> str:
    """The schema as the text of `docs/faults.schema.json`."""
    return schema_text(model_schema(Faults | list[AnyFault]), "A fault script of greenflash-kafka's sandbox")
