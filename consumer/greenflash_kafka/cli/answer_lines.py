"""The answer of `explain` in a line or two: the events that a message becomes, or why it becomes none."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from greenflash_kafka.cases.reasons import nearest
from greenflash_kafka.explanations.explained_rule import ExplainedRule
from greenflash_kafka.model.counted import counted
from greenflash_kafka.model.decoded import skipped_words
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.problem import Problem

_MOST = 3
"""Events, and problems, that are named."""


def answer_lines(
    outcome: Outcome, explained: Sequence[ExplainedRule], drafts: Collection[str], *, other: str = ""
) -> list[str]:
    """What becomes of the message by today's rules. `other`: what it gives that is no event."""
    lines = _events(outcome.events, drafts)
    if outcome.problems:
        lines += [f"{'and ' if lines else 'no event, '}invalid: {each}" for each in _problems(outcome, explained)]
    out = dict.fromkeys(each.rule for each in outcome.counts if each.code == "sampled-out")
    if not lines:
        lines += [f"no event: it isn't in the sample of the rule {rule}" for rule in out]
    if not lines and other:
        return [f"no event, but {other}"]
    return lines or [f"no event: {_why_none(outcome, explained)}"]


def _events(events: Sequence[Event], drafts: Collection[str]) -> list[str]:
    said = [_event(each, drafts) for each in events[:_MOST]]
    if len(events) == 1:
        return [f"becomes 1 event: {said[0]}"]
    left = [f"  and {len(events) - _MOST} more"] if len(events) > _MOST else []
    return [f"becomes {counted(len(events), 'event')}:", *(f"  {each}" for each in said), *left] if events else []


def _event(event: Event, drafts: Collection[str]) -> str:
    item = "" if event.item is None else f", item {event.item}"
    name = event.sent_fields["event_type"]
    said = f"{name} by the rule {event.rule}{item}, with the insert_id {event.insert_id}"
    if event.rule in drafts:
        return f"{said}; a draft, never sent"
    if event.link is None:
        return said
    if event.link.result == "linked":
        return f"{said}; linked to {event.link.conversation}"
    return f"{said}; " + (
        "names its conversation itself" if event.link.result == "own" else f"no link: {event.link.result}"
    )


def _problems(outcome: Outcome, explained: Sequence[ExplainedRule]) -> list[str]:
    said = [_problem(each, explained) for each in outcome.problems[:_MOST]]
    left = len(outcome.problems) - _MOST
    return [*said, f"{left} more"] if left > 0 else said


def _problem(problem: Problem, explained: Sequence[ExplainedRule]) -> str:
    if problem.rule is None:
        return problem.describe(values=True)
    for each in explained:
        if (each.explanation.rule, each.explanation.item) != (problem.rule, problem.item):
            continue
        places = [field.where for field in each.fields if field.name == problem.field and field.where]
        places = places or [line.where for line in each.failed if line.result == "error" and line.where]
        if places:
            return f"{problem.describe(values=True)}, at {places[0]}"
    return problem.describe(values=True)


def _why_none(outcome: Outcome, explained: Sequence[ExplainedRule]) -> str:
    if outcome.skipped is not None:
        return skipped_words(outcome.skipped)
    near = nearest(explained)
    if near is None:
        return "no rule reads this topic" if not explained else "no rule matches it"
    line = near.failed[0]
    who = (
        near.explanation.rule
        if near.explanation.item is None
        else f"{near.explanation.rule}, item {near.explanation.item}"
    )
    at = f" at {line.where}" if line.where else ""
    rules = {each.explanation.rule for each in explained}
    same = {each.explanation.rule for each in explained if line in each.failed}
    rule = f"of {len(rules)} rules the nearest, {who}, failed" if len(rules) > 1 else f"the rule {who} failed"
    if len(rules) > 1 and rules == same:
        rule = f"all {len(rules)} rules failed"
    return f"{rule}{at}: {line.text}"
