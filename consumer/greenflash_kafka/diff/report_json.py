"""The report of a diff as JSON, with what a reader has to know first."""

from __future__ import annotations

import msgspec

from greenflash_kafka.diff.alarms import alarms
from greenflash_kafka.diff.report import DiffReport
from greenflash_kafka.diff.verdict import verdict


def as_json(report: DiffReport) -> str:
    """One JSON object; amounts are texts."""
    found = {
        **msgspec.structs.asdict(report),
        "verdict": verdict(report),
        "alarms": alarms(report),
    }
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode()
