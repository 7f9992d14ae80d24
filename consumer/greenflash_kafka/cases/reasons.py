"""The reasons why rules matched or did not match, for people: a few lines a rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from msgspec.structs import replace

from greenflash_kafka.explanations.explained_rule import ExplainedField, ExplainedLine, ExplainedRule
from greenflash_kafka.model.outcome import NOT_SENT
from greenflash_kafka.rules.results import Explanation

FEW: Final = 3
"""So many rules (and items) are always shown in full, and of more so many that are nearest."""

_ITEMS: Final = 3


def reasons(explained: Sequence[ExplainedRule], *, whole: bool = False) -> list[str]:
    """What decided, a block of lines for each rule; items of one rule with the same reasons share it. `whole`: of rules
    with more than a line every line, with what it found.

    A rule that already fails by its kind of message (a test of equality on a field by which several rules are told
    apart) has one line, if there are others that are nearer. A line of their file at which several rules fail is said
    once, for all of them.
    """
    lines: list[str] = []
    for line, rules in _of_files(explained):
        lines += [f"{', '.join(rules)}: failed", *_failed(line)]
        explained = [each for each in explained if line not in each.failed or (whole and len(each.lines) > 1)]
        explained = [_without_line(each, line) for each in explained]
    near = _near(explained)
    blocks: dict[tuple[str, tuple[str, ...]], list[ExplainedRule]] = {}
    for each in explained:
        body = tuple(_lines(each, whole) if id(each) in near else _short(each))
        blocks.setdefault((each.explanation.rule, body), []).append(each)
    for (rule, body), group in blocks.items():
        first, *rest = body
        lines += [f"{_who(rule, group)}: {first}", *rest]
    return lines


def _of_files(explained: Sequence[ExplainedRule]) -> list[tuple[ExplainedLine, list[str]]]:
    """The lines of whole files at which several rules fail first, with these rules."""
    found: dict[ExplainedLine, dict[str, None]] = {}
    for each in explained:
        for line in each.failed[:1]:
            if line.file and each.explanation.result == "failed":
                found.setdefault(line, {})[each.explanation.rule] = None
    return [(line, list(rules)) for line, rules in found.items() if len(rules) > 1]


def _without_line(each: ExplainedRule, line: ExplainedLine) -> ExplainedRule:
    return replace(each, lines=tuple(other for other in each.lines if other != line))


def nearest(explained: Sequence[ExplainedRule]) -> ExplainedRule | None:
    """The rule (and item) that fails at the fewest lines, none of them the kind of message if others get further."""
    failed = [each for each in explained if each.explanation.result == "failed" and each.failed]
    kinds = _kinds(failed)
    near = [each for each in failed if not any(_field_of(line) in kinds for line in each.failed)]
    return min(near or failed, key=lambda each: len(each.failed), default=None)


def plain_reason(explanation: Explanation) -> str:
    """One line: what decided about a rule, without the message's values."""
    who = explanation.rule if explanation.item is None else f"{explanation.rule}, item {explanation.item}"
    if explanation.result == "failed":
        return f"{who}: no, `{explanation.condition}` failed"
    return f"{who}: {_problems(explanation) if explanation.result == 'invalid' else 'matched'}"


def _who(rule: str, group: Sequence[ExplainedRule]) -> str:
    items = [str(each.explanation.item) for each in group if each.explanation.item is not None]
    if not items:
        return rule
    more = f" and {len(items) - _ITEMS} more" if len(items) > _ITEMS else ""
    return f"{rule}, item{'s' if len(items) > 1 else ''} {', '.join(items[:_ITEMS])}{more}"


def _near(explained: Sequence[ExplainedRule]) -> set[int]:
    """The rules (and items) that are shown in full, by their identity."""
    decided = [each for each in explained if each.explanation.result != "failed"]
    failed = [each for each in explained if each.explanation.result == "failed" and each.lines]
    if len(explained) <= FEW:
        return set(map(id, explained))
    kinds = _kinds(failed)
    near = [each for each in failed if not any(_field_of(line) in kinds for line in each.failed)]
    # A kind of message that is nearly the message's is probably a mistake.
    near += [each for each in failed if any(line.hint and _field_of(line) in kinds for line in each.failed)][:FEW]
    if not near and not decided:
        near = sorted(failed, key=lambda each: len(each.failed))[:FEW]
    return set(map(id, decided + near))


def _kinds(explained: Sequence[ExplainedRule]) -> set[str]:
    """The names of lines by which several rules are told apart: those of `when` at which more than one fails first."""
    firsts = Counter(
        name
        for name, _ in {(_field_of(line), each.explanation.rule) for each in explained for line in each.failed[:1]}
        if name not in ("where", "each", "valid", "first_match", "any", "none", "payload")
    )
    return {name for name, number in firsts.items() if number > 1}


def _field_of(line: ExplainedLine) -> str:
    """The field that a line tests, however it is written."""
    return line.name.removeprefix("payload.")


def _short(each: ExplainedRule) -> list[str]:
    if each.explanation.result != "failed":
        return [plain_reason(each.explanation).partition(": ")[2]]
    if not each.failed:
        return [f"failed: {each.explanation.condition}"]
    return [f"failed: {each.failed[0].text}"]


def _lines(each: ExplainedRule, whole: bool) -> list[str]:
    explanation = each.explanation
    held = _all_held(each) if whole else _held(each)
    if explanation.result == "failed":
        if not each.lines:
            return [f"failed: {explanation.condition}"]
        return ["failed", *(line for failed in each.failed for line in _failed(failed)), *held]
    required = [field for field in each.fields if not field.left_out]
    out = any(field.code in NOT_SENT for field in each.fields)
    lines = ["matched" if explanation.result == "matched" and not required else "invalid"]
    if out:
        lines = ["matched, and not in the rule's sample: no event is sent"]
    if explanation.condition is not None:
        lines += [line for failed in each.failed for line in _failed(failed)] or [f"  {_problems(explanation)}"]
    if explanation.condition is not None or whole:
        lines += held
    lines += [line for field in required for line in _field(field)]
    left_out = [field for field in each.fields if field.left_out and field.code not in NOT_SENT]
    if left_out:
        lines.append("  left out:" if out else "  left out, event is still sent:")
        lines += [f"  {line}" for field in left_out for line in _field(field)]
    return lines


def _held(each: ExplainedRule) -> list[str]:
    if not each.held:
        return []
    names = [line.name for line in each.held]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return [f"  holds: {', '.join(names[:8])}{more}"]


def _all_held(each: ExplainedRule) -> list[str]:
    """The lines that hold, with what each found, and those that couldn't be tried."""
    others = [line for line in each.lines if line.result in ("holds", "not tried")]
    lines = []
    for line in others:
        lines.append(f"  {line.result}: {line.where}: {line.text}")
        lines += [f"    {inner}" for part in line.parts for inner in _part(part, line.name)]
    return lines


def _failed(line: ExplainedLine) -> list[str]:
    said = [f"  {line.where}: {line.text}"]
    if line.hint:
        said.append(f"    hint: {line.hint}")
    said += [f"    {inner}" for part in line.parts for inner in _part(part, line.name)]
    return said


def _part(part: ExplainedLine, above: str) -> Iterator[str]:
    """A branch of `any` or `none`, or a part of an expression, with what is below it."""
    mark = {"holds": "holds", "failed": "failed", "error": "error", "not tried": "not tried"}[part.result]
    if part.kind == "branch":
        wanted = "holds" if above == "none" else "failed"
        if part.result != wanted and above == "none":
            return
        for line in part.parts:
            if line.result == wanted or (wanted == "failed" and line.result == "error"):
                yield f"{part.name}: {line.text}"
                yield from (f"  {inner}" for inner in _below(line))
        return
    yield f"{mark}: {part.name}" + (f" ({part.found})" if part.found else "")
    yield from (f"  {inner}" for inner in _below(part))


def _below(line: ExplainedLine) -> Iterator[str]:
    if line.hint:
        yield f"hint: {line.hint}"
    for part in line.parts:
        yield from _part(part, line.name)


def _field(field: ExplainedField) -> list[str]:
    place = f"{field.where}: " if field.where else ""
    head = f"  {place}{field.name}: {field.code}"
    if field.left_out:
        instead = "; the record's timestamp is sent instead" if field.name == "event_at" else ""
        return [f"{head}: {'; '.join(field.causes) or 'it is empty'}{instead}", *_hints(field)]
    said = f"`{field.name}` is required, and it is empty" if field.code == "missing" else field.message
    causes = [_without(field.message, each) for each in field.causes]
    return [f"{head}: {said}", *(f"    {each}" for each in causes if each and each not in said), *_hints(field)]


def _without(message: str, cause: str) -> str:
    """A cause without the message that stands above it already: only the values in it."""
    rest = cause.removeprefix(message)
    return rest if rest == cause else rest.strip().removeprefix("(").removesuffix(")")


def _hints(field: ExplainedField) -> list[str]:
    return [f"    hint: {each}" for each in field.hints]


def _problems(explanation: Explanation) -> str:
    said = (
        f"{each.field}: {each.code}: {each.full_text}" if each.field else each.full_text
        for each in explanation.problems
    )
    return "; ".join(said) or "invalid"
