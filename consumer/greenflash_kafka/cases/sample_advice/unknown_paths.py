"""Advice about paths that no sample has: misspelled, elsewhere in the message, or inside a text that holds JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from greenflash_kafka.advice.optional_paths import optional_paths
from greenflash_kafka.cases.sample_advice.sampled_rules import SampledMessage, SampledRule, of
from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.explanations.missing_paths import follow, is_absent, json_in, missing_path
from greenflash_kafka.explanations.slips import is_slip
from greenflash_kafka.expressions.names import Path
from greenflash_kafka.mappings.rule_facts import condition_tests

_FEW: Final = 3
"""Samples from which on a path that none has is worth a word, although nothing is near."""

_COMMON: Final = frozenset({"id", "type", "name", "status", "value", "key", "data", "url", "kind", "code", "state"})
"""Names that many objects of a message have."""

Steps = tuple[str | int, ...]


def check_paths(sampled: SampledRule) -> None:
    """Say which paths of a rule are in none of the samples."""
    optional = set(optional_paths(sampled.facts))
    for path, at, in_condition in _written(sampled):
        samples = sampled.samples if in_condition and not sampled.meant else sampled.meant
        if samples and path.steps and path not in optional:
            _check(sampled, path, at, samples)


def _written(sampled: SampledRule) -> Iterator[tuple[Path, Place, bool]]:
    """Every path with its place, and whether it decides if the rule matches."""
    for test in condition_tests(sampled.facts.conditions):
        yield test.path, test.at, True
    for spot in sampled.facts.written:
        for path in spot.expression.paths:
            yield path, spot.at, True
    for one in sampled.facts.spots:
        for path in one.expression.paths:
            yield path, one.at, False


def _check(sampled: SampledRule, path: Path, at: Place, samples: Sequence[SampledMessage]) -> None:
    tops = [top for sample in samples for top in sampled.tops(path, sample)]
    if not tops or any(not is_absent(follow(top, path.steps)) for top in tops):
        return
    top = max(tops, key=lambda each: _reach(each, path.steps))
    place = _reach(top, path.steps)
    holder, step = follow(top, path.steps[:place]), path.steps[place]
    if isinstance(holder, dict) and step in holder:
        return  # it is null there, as Debezium's row after a deletion
    written, above = sampled.shown(path), sampled.shown(Path(path.root, path.steps[:place], path.bare))
    said = f"{written}: in none of {of(samples)}" if len(samples) > 1 else f"{written}: not in {of(samples)}"
    if any(sampled.facts.report.has(at, code, f"{written}: ") for code in ("misspelled-path", "not-in-samples")):
        return  # another rule with the same default has said it, of other samples
    say = sampled.facts.report.add
    if json_in(holder) is not None:
        hint = _missing(sampled, path, top, samples[0].payload)
        say(at, "json-in-text", f"{above} is a text that holds JSON, and {written} reads it as an object", hint)
        return
    near = _near(holder, step)
    if near is not None:
        rest = path.steps[place + 1 :]
        right = Path(path.root, (*path.steps[:place], near, *rest), path.bare)
        say(at, "misspelled-path", said, f"did you mean {sampled.shown(right)}?")
        return
    hint = _missing(sampled, path, top, samples[0].payload)
    if isinstance(holder, list) and isinstance(step, str):
        say(at, "misspelled-path", f"{said}: {above} is a list", hint)
    elif hint.startswith("the message has") and len(path.steps) > 1 and _holds_end(hint, path):
        say(at, "misspelled-path", said, hint)
    elif place == len(path.steps) - 1 and (len(samples) >= _FEW or _is_elsewhere(hint, step)):
        say(at, "not-in-samples", said, "" if hint.startswith("did you mean") else hint)


def _is_elsewhere(hint: str, name: str | int) -> bool:
    """Whether a name that isn't everybody's stands at another place of the message."""
    return hint.startswith("the message has") and str(name).lower() not in _COMMON


def _reach(value: object, steps: Steps) -> int:
    """How many steps lead somewhere; null counts as the end."""
    for place, step in enumerate(steps):
        following = follow(value, (step,))
        if is_absent(following) or following is None:
            return place
        value = following
    return len(steps) - 1


def _missing(sampled: SampledRule, path: Path, top: object, payload: object) -> str:
    def show(steps: Steps) -> str:
        return sampled.shown(Path(path.root, steps, path.bare))

    def show_payload(steps: Steps) -> str:
        return sampled.shown(Path("payload", steps, path.bare and path.root == "payload"))

    return missing_path(top, path.steps, show, payload, show_payload, sampled.facts.names.envelope).hint


def _holds_end(hint: str, path: Path) -> bool:
    """Whether the place that a hint names has the last two steps of the path: one name alone may be another's."""
    end = str(Path("payload", path.steps[-2:], bare=True))
    return hint.endswith((f".{end}", f" {end}"))


def _near(holder: object, step: str | int) -> str | None:
    """The name of a sample that is nearly this one: other spelling, or a slip of the pen."""
    if not isinstance(holder, dict) or not isinstance(step, str):
        return None
    plain = _plain(step)
    same = next((name for name in holder if _plain(name) == plain), None)
    return same or next((name for name in holder if is_slip(step, name)), None)


def _plain(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()
