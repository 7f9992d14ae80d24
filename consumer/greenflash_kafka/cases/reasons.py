"""The reasons why rules matched or did not match, one line a rule, for people."""

from __future__ import annotations

from collections.abc import Sequence

from greenflash_kafka.rules.results import Explanation


def reasons(explanations: Sequence[Explanation]) -> list[str]:
    """One line a rule (and item): what decided."""
    return [f"{_who(each)}: {_what(each)}" for each in explanations]


def _who(explanation: Explanation) -> str:
    return explanation.rule if explanation.item is None else f"{explanation.rule}, item {explanation.item}"


def _what(explanation: Explanation) -> str:
    if explanation.result == "matched":
        return "matched"
    if explanation.result == "failed":
        return f"no, `{explanation.condition}` is the first condition that doesn't hold"
    said = (
        f"{each.field}: {each.code}: {each.full_text}" if each.field else each.full_text
        for each in explanation.problems
    )
    return "; ".join(said) or "invalid"
