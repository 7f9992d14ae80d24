"""`valid: {from, until, zone}`: when a rule holds, by the event's own time."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values, describe
from greenflash_kafka.documents.yaml_nodes import Scalar, beginning, place
from greenflash_kafka.rules.rule import Valid


def read_valid(values: object, report: FileReport) -> Valid | None:
    """From `from` (inclusive) until `until` (exclusive): two rules that meet at one date neither overlap nor leave a
    gap. None without `valid`, or after a mistake."""
    if not isinstance(values, Values):
        return None
    zone = values.get("zone")
    name = zone.text if isinstance(zone, Scalar) else None
    try:
        read_moment("2000-01-01", name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        if isinstance(zone, Scalar):
            report.add(place(zone), "bad-time", f'"{name}" isn\'t a time zone', "e.g. Europe/Paris or UTC")
        name = None
    since, until = _moment(values, "from", name, report), _moment(values, "until", name, report)
    if since is not None and until is not None and until <= since:
        report.add(values.at("until"), "bad-time", "`until` isn't after `from`, so the rule would never hold")
        until = None
    if not values.node.entry("from") and not values.node.entry("until") and not values.misspelled:
        report.add(beginning(values.node), "missing-key", "`valid` needs `from` or `until`", "from: 2026-12-01")
    return Valid(since, until)


def _moment(values: Values, key: str, zone: str | None, report: FileReport) -> datetime | None:
    node = values.get(key)
    if node is None:
        return None
    moment = read_moment(node.text, zone) if isinstance(node, Scalar) and isinstance(node.value, str) else None
    if moment is None and isinstance(node, Scalar):
        said = f"`{key}` takes a date or a time, not {describe(node)}"
        report.add(place(node), "bad-time", said, "e.g. 2026-12-01 or 2026-12-01T09:00:00+01:00")
    elif moment is None:
        report.add(values.at(key), "bad-time", f"`{key}` takes a date or a time")
    return moment.astimezone(UTC) if moment is not None else None


def read_moment(text: str, zone: str | None) -> datetime | None:
    """A literal date or time; without a zone of its own it is in `zone` (UTC if None). None if it is neither.

    Raises ZoneInfoNotFoundError or ValueError for a zone that doesn't exist.
    """
    own = ZoneInfo(zone) if zone is not None else UTC
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo is not None else moment.replace(tzinfo=own)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
