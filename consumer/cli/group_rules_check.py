"""Comparison of the rules by which a group's partitions were committed, for `doctor`."""

from __future__ import annotations

from collections.abc import Mapping

from consumer.cli.check import SECONDS, Check, failed
from consumer.errors import GreenflashKafkaError
from consumer.rules.ruleset import Ruleset
from consumer.source.group_rules import committed_rules

NAME = "rules of the group"


def rules_check(admin: Mapping[str, str], group: str, topics: Mapping[str, int], ruleset: Ruleset) -> Check:
    """By which versions the partitions of these topics were last committed; a warning if there are several."""
    try:
        found = committed_rules(admin, group, topics, SECONDS)
    except GreenflashKafkaError as error:
        return failed(NAME, error)
    mine = ruleset.version
    if not found:
        said = f"the mapping files here are version {mine}; nothing is committed that says by which rules"
        return Check(NAME, "ok", said)
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
        return Check(NAME, "warning", said, todo)
    return Check(NAME, "ok", said if mine in found else f"{said}; the mapping files here are version {mine}")
