"""The activities of conversations that a message gives: the result of `evaluate.activities`."""

from __future__ import annotations

from typing import Final

import msgspec

from greenflash_kafka.model.conversations import Activity
from greenflash_kafka.model.problem import Problem


class Activities(msgspec.Struct, frozen=True, gc=False):
    """What a message of a conversation topic gives; a problem's `rule` is the name of the source."""

    found: tuple[Activity, ...] = ()
    problems: tuple[Problem, ...] = ()


NO_ACTIVITIES: Final = Activities()
"""The result for a message that no source asks for; shared, since most messages may have it."""
