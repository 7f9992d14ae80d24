"""The ranges that a backfill reads: bounded by the live group, or the rest of one that was begun."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import click
import msgspec

from greenflash_kafka.backfill.backfill_progress import (
    BackfillProgress,
    before_live,
    left_of,
    progress_in,
    rules_fingerprint,
)
from greenflash_kafka.cli.backfill_settings import BackfillSettings
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.ports import TopicPartition


class BackfillPart(msgspec.Struct, frozen=True):
    """What is read: ranges, whether they are the rest of a backfill that was begun, and what is left out."""

    ranges: Sequence[OffsetRange]
    resumed: bool = False
    unread: Sequence[OffsetRange] = ()
    complete: bool = False
    others: tuple[str, ...] = ()
    """Versions of other rules with which the live group works."""
    live: str = ""
    """The live group's name."""

    @property
    def facts(self) -> dict[str, object]:
        """For the report as JSON."""
        return {
            "resumed": self.resumed,
            "complete": self.complete,
            "ranges": [str(each) for each in self.ranges],
            "not_read_by_group": [str(each) for each in self.unread],
            "group_works_by_other_rules": self.others,
        }

    @property
    def lines(self) -> list[str]:
        """For people."""
        if self.complete:
            return ["This backfill is complete; another --name begins it anew."]
        lines = []
        if self.resumed:
            lines.append("The rest of a backfill that was begun, within the time that it was given then.")
        if self.others:
            lines.append(
                f"The live group works by other rules than these files (version {', '.join(self.others)}): deploy "
                "these first, since what it reads from now on is none of this backfill's."
            )
        live = f"the live group {self.live}" if self.live else "the live group"
        lines += [f"{each}: left out, {live} has committed nothing there" for each in self.unread]
        if not self.ranges:
            lines.append(
                f"No messages: {live} hasn't read any of this time yet, or there are none. Is it the group of the "
                "deployment (kafka.group, --config)?"
            )
        return lines


def part_to_read(
    settings: BackfillSettings,
    group: str,
    window: Sequence[OffsetRange],
    live: Mapping[TopicPartition, int],
    begun: Mapping[TopicPartition, tuple[int, str]],
) -> BackfillPart:
    """What is read of a window. `live` are the offsets that the live group has committed, `begun` the commits of the
    backfill's own `group`. Raises click's usage error if these are of other rules or topics."""
    found: dict[TopicPartition, BackfillProgress] = {}
    for key, (offset, metadata) in begun.items():
        progress = progress_in(offset, metadata)
        if progress is not None:
            found[key] = progress
    if not found:
        behind, unread = before_live(window, live)
        return BackfillPart(behind, unread=unread)
    fingerprint = rules_fingerprint(settings.rules, settings.topics)
    if any(each.rules != fingerprint for each in found.values()):
        raise click.UsageError(
            f"the group {group} keeps the progress of a backfill of other rules or topics: choose another --name"
        )
    left = left_of(found)
    return BackfillPart(left, resumed=True, complete=not left)
