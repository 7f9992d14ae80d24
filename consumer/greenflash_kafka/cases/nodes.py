"""Reading YAML nodes of a cases file: closed keys, right types, plain values; every fault is a finding at its place."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar, UnreadableNode, place
from greenflash_kafka.documents.yaml_scalars import shortest


def closed(node: Node | None, known: Collection[str], what: str, report: FileReport) -> Map | None:
    """The node as a map whose keys are all known; None when it isn't a map. Unknown keys are findings."""
    if node is None or isinstance(node, UnreadableNode):
        return None
    if not isinstance(node, Map):
        report.add(place(node), "wrong-type", f"{what} must be a map: {', '.join(known)}")
        return None
    for entry in node.entries:
        if entry.key.text not in known:
            said = f"`{entry.key.text}` is no key of {what}"
            hint = did_you_mean(entry.key.text, known) or f"one of {', '.join(known)}"
            report.add(place(entry.key), "unknown-key", said, hint)
    return node


def text(node: Node | None, what: str, report: FileReport) -> str | None:
    """The node as a text; None and a finding for anything else (None alone when there is no node)."""
    if node is None or isinstance(node, UnreadableNode):
        return None
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node.value
    hint = f'write "{node.text}"' if isinstance(node, Scalar) else ""
    report.add(place(node), "wrong-type", f"{what} must be a text", hint)
    return None


def integer(node: Node | None, what: str, report: FileReport, least: int = 0) -> int | None:
    """The node as a whole number."""
    if node is None or isinstance(node, UnreadableNode):
        return None
    value = node.value if isinstance(node, Scalar) else None
    if isinstance(value, int) and not isinstance(value, bool) and value >= least:
        return value
    report.add(place(node), "wrong-type", f"{what} must be a whole number from {least} up")
    return None


def instant(node: Node | None, what: str, report: FileReport) -> datetime | None:
    """The node as a time: ISO 8601, without a zone it is UTC."""
    said = text(node, what, report)
    if node is None or said is None:
        return None
    try:
        time = datetime.fromisoformat(said)
    except ValueError:
        report.add(place(node), "bad-time", f"{what} must be a time", 'write it like "2026-11-18T11:06:41Z"')
        return None
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)


def items(node: Node | None, what: str, report: FileReport) -> tuple[Node, ...]:
    """The items of a list; none, and a finding, for anything else."""
    if node is None or isinstance(node, UnreadableNode):
        return ()
    if isinstance(node, List):
        return node.items
    report.add(place(node), "wrong-type", f"{what} must be a list")
    return ()


def data(node: Node, report: FileReport) -> Any:
    """The node as JSON data with exact numbers. A number that isn't written the shortest way is a finding."""
    if isinstance(node, Map):
        return {entry.key.text: data(entry.value, report) for entry in node.entries}
    if isinstance(node, List):
        return [data(each, report) for each in node.items]
    if isinstance(node, UnreadableNode):
        return None
    if not node.style:
        short = shortest(node.text)
        if short is not None:
            said = f"{node.text} isn't a number's shortest text ({short})"
            report.add(place(node), "bad-number", said, f'write "{node.text}" if it is a text, or {short}')
    return node.value
