"""Whether a run that ends once idle may end."""

from __future__ import annotations

import msgspec


class Rest(msgspec.Struct, frozen=True):
    """How it stands with a run that ends once idle.

    `idle`: everything up to the end of all partitions of the group is settled and committed, for as long as was asked
    for. `stuck`: what waits for an operator, once nothing has moved for so long.
    """

    idle: bool = False
    stuck: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """Whether the run may end."""
        return self.idle or bool(self.stuck)
