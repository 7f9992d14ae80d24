"""The result of a replay as text."""

from __future__ import annotations

from greenflash_kafka.model.counted import counted, in_number
from greenflash_kafka.redaction import visible
from greenflash_kafka.replay import ReplayReport

_FOREIGN = ("record is no dead letter of greenflash-kafka", "records are no dead letters of greenflash-kafka")

_UNANSWERED = "had no answer yet; the next replay tries again"


def as_text(report: ReplayReport, *, sent: bool) -> str:
    """Lines for people: how many passed, why the others stay, and what to do next."""
    tried = report.dead_letters - report.again
    did = "passed" if sent else "would pass now"
    events = "accepted" if sent else "to send"
    lines = [f"{report.passed} of {counted(tried, 'dead letter')} {did}; {counted(report.events, 'event')} {events}"]
    for (code, rule), each in sorted(report.staying.items(), key=lambda item: -item[1].count):
        what = f"{in_number(each.count, 'stays', 'stay')}: {code}{f'  rule {rule}' if rule else ''}"
        lines.append(f"{each.count:>7} {what}, for example {each.example}")
        lines.append(f"        {each.text}")
    for count, one, many in (
        (report.again, "was written twice, and counts once", "were written twice, and count once"),
        (report.earlier, "was settled by an earlier replay", "were settled by an earlier replay"),
        (report.foreign, *_FOREIGN),
        (report.unanswered, _UNANSWERED, _UNANSWERED),
    ):
        if count:
            lines.append(f"{count:>7} {in_number(count, one, many)}")
    if report.stopped_by:
        lines.append(f"stopped before the end: {report.stopped_by}")
    if not sent and report.passed:
        lines.append("Nothing was sent. `greenflash-kafka dlq replay --send` sends them.")
    return "\n".join(visible(each) for each in lines)
