"""The result of one check of `doctor`, and the checks of whether topics are there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

import msgspec

from greenflash_kafka.errors import GreenflashKafkaError
from greenflash_kafka.source.admin import AdminQueries

SECONDS = 10.0
"""How long one question may take."""


Status = Literal["ok", "warning", "failed", "skipped"]


class Check(msgspec.Struct, frozen=True):
    """One thing looked at. `todo` says what to do when it isn't ok; warning: `run` works, but somebody should look at
    it; skipped: it couldn't be looked at."""

    name: str
    status: Status
    said: str
    todo: str = ""


def failed(name: str, error: GreenflashKafkaError) -> Check:
    """What an error says, as a check."""
    said, _, todo = str(error).partition(". ")
    return Check(name, "failed", said, todo)


def missing_topics(what: str, missing: Mapping[str, str]) -> Iterator[Check]:
    """A failure for each topic that isn't there, by its name and why; `what` it is comes before the name."""
    for name, why in missing.items():
        said, _, todo = why.partition(". ")
        todo = todo or "create it, correct its name in the mapping file, or grant this user Describe and Read"
        yield Check(f"{what} {name}", "failed", said, todo)


def unmatched(what: str, cluster: AdminQueries, patterns: Iterable[str], status: Status) -> Iterator[Check]:
    """This status for each pattern that no topic matches. Raises BrokerUnreachable."""
    for pattern in patterns:
        if not cluster.matching([], [pattern]):
            todo = "correct the pattern in the mapping file, or wait for the first such topic"
            yield Check(f"{what} /{pattern}/", status, "no topic has such a name", todo)
