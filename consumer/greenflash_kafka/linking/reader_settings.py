"""Settings of the reading of conversation topics."""

from __future__ import annotations

import msgspec

from greenflash_kafka.linking.frontier import MARGIN_MS
from greenflash_kafka.model.conversations import EARLY_MS, LATE_MS


class ReaderSettings(msgspec.Struct, frozen=True):
    """All in milliseconds: `lookback`: the longest of all links; `late`: how much later than it happened an outcome may
    be recorded, with all of its lookback; `early`: how long before it happens an activity may be told; `spare`: how
    much earlier than the first message others may be without reading anew; `margin`: how much clocks may differ;
    `ahead`: how much further than messages need it topics are read.

    `batch`: rows that are written at once while many are read: sorted, so that many share their pages; `portion`: rows
    that are added without a look at the clock, about 1 ms. `whole`: partitions are read from their beginning, however
    far back messages ask."""

    lookback: int
    margin: int = MARGIN_MS
    late: int = LATE_MS
    early: int = EARLY_MS
    spare: int = 3_600_000
    ahead: int = 3_600_000
    batch: int = 30_000
    portion: int = 100
    whole: bool = False
