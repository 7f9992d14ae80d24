"""Problems of a message that stand in place of its events."""

from __future__ import annotations

from collections import Counter

from greenflash_kafka.model.outcome import Outcome


def wrongs(outcome: Outcome) -> Counter[tuple[str, int | None, str | None]]:
    """What is wrong with a message, whatever the rules are called."""
    return Counter((each.code, each.item, each.field) for each in outcome.problems)


def why_gone(new: Outcome, rule: str, item: int | None) -> str:
    """The kind of change: something is wrong now, the rule is a draft or samples, or no rule matches."""
    if has_problem(new, rule, item):
        return "invalid"
    counted = {each.code for each in new.counts if each.rule == rule}
    return "draft" if "draft" in counted else "sampled" if "sampled-out" in counted else "gone"


def wrong_before(old: Outcome, rule: str, item: int | None) -> str:
    """Field and code of what was wrong, in place of this event of a rule."""
    wrong = (each for each in old.problems if each.rule in (None, rule) and each.item in (None, item))
    return ", ".join(dict.fromkeys(f"{each.field or 'message'}: {each.code}" for each in wrong))


def has_problem(outcome: Outcome, rule: str, item: int | None) -> bool:
    """Whether an event of a rule is missing because something is wrong with it, or with the whole message."""
    return any(each.rule in (None, rule) and (each.item is None or each.item == item) for each in outcome.problems)
