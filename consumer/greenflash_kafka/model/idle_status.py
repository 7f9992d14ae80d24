"""The status of a run that ends when it is idle."""

from __future__ import annotations

import msgspec


class IdleStatus(msgspec.Struct, frozen=True):
    """Status of a run that ends once it is idle.

    `idle`: everything up to the end of all partitions of the group is settled and committed, for as long as was asked
    for. `blocked_by`: what waits for an operator, once nothing has moved for so long.
    """

    idle: bool = False
    blocked_by: tuple[str, ...] = ()

    @property
    def over(self) -> bool:
        """True if the run may end."""
        return self.idle or bool(self.blocked_by)
