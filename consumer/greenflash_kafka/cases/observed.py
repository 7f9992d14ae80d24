"""Messages that `test` has evaluated: what came of each case and sample, for checks over all of them."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from greenflash_kafka.model.event import Event
from greenflash_kafka.rules.results import Explanation


class Observed(msgspec.Struct, frozen=True):
    """One message. `who` names the case or the sample; `sample`: it is a sample, and so a message of its own, where
    cases are variants of one message."""

    who: str
    sample: bool
    events: Sequence[Event]
    explanations: Sequence[Explanation]
