"""Whether a process has anything left to do."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class Rest(msgspec.Struct, frozen=True):
    """How it stands with a run that ends once idle.

    `settled`: everything up to the end of its own partitions is settled and committed, for as long as was asked for.
    `idle`: nor has any other partition of the group messages left. `stuck`: what waits for an operator, once nothing
    has moved for so long. `bare`: it has never had a partition, so it can't tell before the group has had its time.
    """

    settled: bool = False
    idle: bool = False
    stuck: tuple[str, ...] = ()
    bare: bool = False

    @property
    def over(self) -> bool:
        """Whether a process that is alone may end."""
        return self.idle or bool(self.stuck)


def all_over(every: Iterable[Rest]) -> bool:
    """Whether processes that share a group may end, all of them: nothing is left, or somebody has to be asked.

    One that is idle has looked at the whole group. Where one is stuck none can be idle: then the others have to have
    done what is theirs.
    """
    known = list(every)
    if any(each.stuck for each in known):
        return all(each.stuck or each.settled or each.bare for each in known)
    return any(each.idle for each in known) and all(each.idle or each.bare for each in known)
