"""A fingerprint of all that decides which activities a file's conversations find: what was found before holds as long
as it stays the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from typing import Final

from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar
from greenflash_kafka.expressions.names import Table

_SHARED: Final = ("source", "when", "where", "let", "each")
"""Keys of a file that decide it, beside its conversations."""

_DECIDES_NOTHING: Final = frozenset(("description", "max_delay", "product_id"))
"""Keys of a conversation on which no activity depends: they decide whether it is linked to."""


def activity_fingerprint(file: Values, conversations: Iterable[Values], tables: Mapping[str, Table]) -> str:
    """A SHA-256 of these parts of a file. Rules, comments and layout don't count; the version of this package does,
    since the functions of the language may change with it."""
    said = [
        version("greenflash-kafka"),
        said_by(file.node, _SHARED),
        [
            said_by(one.node, [entry.key.text for entry in one.node.entries if entry.key.text not in _DECIDES_NOTHING])
            for one in conversations
        ],
        {
            name: [list(table.columns), {key: dict(row) for key, row in table.rows.items()}]
            for name, table in tables.items()
        },
    ]
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode("utf-8", "surrogatepass")).hexdigest()


def said_by(node: Map, keys: Iterable[str]) -> list[tuple[str, object]]:
    """What stands under these keys, however it is laid out."""
    return [(key, _said(value)) for key in keys if (value := node.get(key)) is not None]


def _said(node: Node) -> object:
    """What a node says, however it is laid out."""
    if isinstance(node, Scalar):
        return node.text if node.style or isinstance(node.value, str) else [node.text]
    if isinstance(node, List):
        return ["list", *(_said(item) for item in node.items)]
    if isinstance(node, Map):
        return ["map", *([entry.key.text, _said(entry.value)] for entry in node.entries)]
    return None
