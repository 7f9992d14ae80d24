"""Whether a group's members work with the same rules, for `doctor`."""

from __future__ import annotations

from collections.abc import Mapping

from consumer.rules.ruleset import Ruleset
from consumer.source.group_rules import committed_rules

SECONDS = 10.0
"""How long the question may take."""


def rules_of_group(
    admin: Mapping[str, str], group: str, topics: Mapping[str, int], ruleset: Ruleset
) -> tuple[str, str]:
    """What the partitions of these topics were last committed by, and what to do about it ("" where that is all right).

    Raises `BrokerUnreachable`.
    """
    found = committed_rules(admin, group, topics, SECONDS)
    mine = ruleset.version
    if not found:
        return f"the mapping files here are version {mine}; nothing is committed that says by which rules", ""
    parts = [
        f"{count} partition(s) by version {version}" + (" (the mapping files here)" if version == mine else "")
        for version, count in sorted(found.items())
    ]
    said = f"last committed {' and '.join(parts)}"
    if len(found) > 1:
        todo = (
            "each member judges the messages of its partitions by its own rules: in a rolling deployment, finish it. "
            "Otherwise give all members of the group the same mapping files, or each deployment a kafka.group of its "
            "own. If no member runs, starting all with the same files settles it"
        )
        return said, todo
    return said if mine in found else f"{said}; the mapping files here are version {mine}", ""
