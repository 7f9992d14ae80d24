"""Advice about event types that are nearly known ones: another spelling is another type for every report."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final

from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.expressions import tree
from greenflash_kafka.mappings.rule_facts import RuleFacts, constant

KNOWN: Final = (
    "signup_completed",
    "trial_started",
    "task_success",
    "upgrade_purchased",
    "meeting_booked",
    "lead_converted",
    "cancellation_requested",
    "error_encountered",
    "workflow_abandoned",
    "refund_requested",
    "step_completed",
    "feature_viewed",
    "usage_logged",
)
"""Greenflash's own names, and those of the mappings that come with the consumer."""

_OPPOSITE: Final = ("re", "un", "de", "in", "dis", "non", "pre", "up", "down")
_ENDINGS: Final = ("ation", "ing", "ed", "es", "er", "s", "d", "e")


def check_event_types(rules: Sequence[RuleFacts], planned: Collection[str] = KNOWN) -> None:
    """Warn of the types of all rules that are near a known one; `planned` are those that are known beside the rules."""
    used = [(facts, name, at) for facts in rules for name, at in _types(facts)]
    times = Counter(name for _, name, _ in used)
    ranked = sorted(times, key=lambda name: -times[name])
    for facts, name, at in used:
        if name in planned:
            continue
        near = nearest(name, planned) or nearest(name, (each for each in ranked if _before(each, name, times, ranked)))
        if near is not None:
            whose = "the known event type" if near in planned else "another rule's event type"
            said = f"{name} is nearly {whose} {near}: reports would count them as two types"
            facts.report.add(at, "near-event-type", said, f"event_type: {near}")


def _before(other: str, name: str, times: Mapping[str, int], ranked: Sequence[str]) -> bool:
    """Whether of two types in use the other is the one that was meant: it is used more often, or first."""
    return (-times[other], ranked.index(other)) < (-times[name], ranked.index(name))


def _types(facts: RuleFacts) -> Iterator[tuple[str, Place]]:
    """The event types that a rule writes out, in all branches."""
    written = facts.merged.single.get("event_type")
    if written is None or written.expression is None:
        return
    text = constant(written)
    if isinstance(text, str):
        yield text, written.at
    elif written.expression.source is not None:
        for each in _branches(written.expression.source.tree):
            yield each, written.at


def _branches(node: tree.Expr) -> Iterator[str]:
    if isinstance(node, tree.Literal) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, tree.Conditional):
        yield from _branches(node.then)
        yield from _branches(node.otherwise)
    elif isinstance(node, tree.Call) and node.word == "coalesce":
        for argument in node.arguments:
            if not isinstance(argument, tree.Keyword):
                yield from _branches(argument)


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known type that another spelling of it stands for: other case or separators, a letter off, another ending,
    the words in another order."""
    return next((each for each in known if each != name and _near(name, each)), None)


def _near(one: str, other: str) -> bool:
    a, b = _words(one), _words(other)
    if "".join(a) == "".join(b) or (len(a) > 1 and sorted(a) == sorted(b)):
        return True
    if len(a) != len(b) or sum(map(len, b)) < 6:
        return False
    pairs = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    return len(pairs) <= 2 and all(_alike(x, y) for x, y in pairs)


def _words(name: str) -> list[str]:
    """The words of a name, in small letters: `orderPaid`, `Order Paid`, `order.paid` are one."""
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return [word for word in re.split(r"[\W_]+", spaced.lower()) if word]


def _alike(one: str, other: str) -> bool:
    """Whether two words are one, spelled or bent otherwise: `cancelation`, `purchase` and `purchased`."""
    if any(ch.isdigit() for ch in one + other) or min(len(one), len(other)) < 4:
        return False
    short, long = sorted((one, other), key=len)
    if any(long == prefix + short for prefix in _OPPOSITE):
        return False
    if _stem(one) == _stem(other):
        return True
    return _edits(one, other) <= (1 if len(long) < 8 else 2) and one[0] == other[0]


def _stem(word: str) -> str:
    ending = next((each for each in _ENDINGS if word.endswith(each) and len(word) - len(each) >= 4), "")
    return word.removesuffix(ending)


def _edits(one: str, other: str) -> int:
    """Letters to change, add, leave out or swap with their neighbour."""
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]
