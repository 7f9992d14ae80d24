"""Missing paths: the step where a path ends in a message, the nearest name there, and the same steps elsewhere."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import msgspec

from greenflash_kafka.documents.did_you_mean import closest_word
from greenflash_kafka.explanations.shown_values import names_in, shown, with_kind
from greenflash_kafka.expressions.functions.parsing import parse_json
from greenflash_kafka.expressions.paths import NO_ENVELOPE, EnvelopePaths, Path, Steps
from greenflash_kafka.expressions.refusals import EvaluationError

Show = Callable[[Steps], str]
"""From steps to a path as it is written."""

_MOST_VISITED: Final = 2_000
_DEEPEST: Final = 12
_ABSENT: Final = object()
_LONGEST_JSON: Final = 100_000
_OTHER: Final = re.compile(r"[\W_]+")


class MissingPath(msgspec.Struct, frozen=True):
    """What stands in place of a value, and what to write instead. `ended`: the steps that lead somewhere, `in_list` to
    a list."""

    found: str
    hint: str = ""
    ended: int = 0
    in_list: bool = False


def follow(value: object, steps: Sequence[str | int]) -> object:
    """The value at the end of a path; `ABSENT` if it isn't there (null is there)."""
    for step in steps:
        value = _step(value, step)
    return value


def is_absent(value: object) -> bool:
    """Whether `follow` found nothing."""
    return value is _ABSENT


def missing_path(
    top: object,
    steps: Steps,
    show: Show,
    payload: object,
    show_payload: Show,
    envelope: EnvelopePaths = NO_ENVELOPE,
) -> MissingPath:
    """Why `steps` from `top` lead to nothing. `show` writes steps from `top`, `show_payload` those from the payload,
    in which the same steps are looked for."""
    value = top
    for place, step in enumerate(steps):
        following = _step(value, step)
        if following is _ABSENT:
            return _stopped(value, steps, place, show, Elsewhere(payload, steps, show_payload, envelope))
        value = following
    return MissingPath("null" if steps else "nothing")


class Elsewhere(msgspec.Struct, frozen=True):
    """The search for the steps of a path in the rest of a message."""

    payload: object
    steps: Steps
    show: Show
    envelope: EnvelopePaths

    @property
    def hint(self) -> str:
        """Where the same steps are, or the last of them; "" if they are nowhere."""
        names = [step for step in self.steps if isinstance(step, str)]
        wanted: list[Steps] = [self.steps, self.steps[1:], self.steps[-1:]]
        for steps in wanted if names else ():
            found = next(self._holders(steps), None) if steps and isinstance(steps[-1], str) else None
            if found is not None:
                return f"the message has {self.show(found)}"
        return self._in_json(names[-1]) if names else ""

    def _holders(self, steps: Steps) -> Iterator[Steps]:
        for way, value in visited(self.payload):
            if isinstance(value, dict | list) and way + steps != self.steps:
                found = follow(value, steps)
                if found is not None and found is not _ABSENT:
                    yield way + steps

    def _in_json(self, name: str) -> str:
        for way, value in visited(self.payload):
            inner = json_in(value)
            found = (below for below, each in visited(inner) if isinstance(each, dict) and name in each)
            below = next(found, None) if isinstance(inner, dict) else None
            if below is not None:
                path = Path(_name(way), (*below, name))
                return f"{self.show(way)} is a text that holds JSON: {_let(way, self.envelope)}, then {path}"
        return ""


def visited(value: object) -> Iterator[tuple[Steps, object]]:
    """A value and what is in it, level by level, so far as somebody waits for it; of lists the first element."""
    waiting: list[tuple[Steps, object]] = [((), value)]
    for count, (way, each) in enumerate(waiting):
        if count > _MOST_VISITED:
            return
        yield way, each
        if len(way) >= _DEEPEST:
            continue
        if isinstance(each, dict):
            waiting.extend(((*way, name), inner) for name, inner in list(each.items())[:200])
        elif isinstance(each, list) and each:
            waiting.append(((*way, 0), each[0]))


def with_value(payload: object, wanted: str, show: Show) -> str:
    """The path of the first field that holds a text; "" if none does."""
    return next((show(way) for way, value in visited(payload) if value == wanted and way), "")


def json_in(value: object) -> object:
    """The object or list that a text holds as JSON; None if it holds none."""
    if not isinstance(value, str) or len(value) > _LONGEST_JSON or value.lstrip()[:1] not in ("{", "["):
        return None
    try:
        found: object = parse_json.run(value)
        return found
    except EvaluationError:
        return None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The name that was probably meant: other spelling, a letter off, an abbreviation, a part of it."""
    names = [name for name in known if len(name) <= 200][:500]
    plain = _OTHER.sub("", word.casefold())
    for name in names:
        if plain and _OTHER.sub("", name.casefold()) == plain:
            return name
    near = closest_word(word, names, 0.65) if len(word) <= 200 else None
    if near is not None or len(plain) < 3:
        return near
    parts = [name for name in names if _is_part(plain, name)]
    if len(parts) == 1:
        return parts[0]
    short = [name for name in names if _abbreviates(plain, _OTHER.sub("", name.casefold()))]
    return short[0] if len(short) == 1 else None


def _is_part(plain: str, name: str) -> bool:
    words = _OTHER.split(name.casefold())
    return len(words) > 1 and plain in words


def _abbreviates(one: str, other: str) -> bool:
    """Whether one of two names is the other without some letters: qty of quantity."""
    short, long = sorted((one, other), key=len)
    if len(short) < 3 or not long.startswith(short[0]):
        return False
    rest = iter(long)
    return all(letter in rest for letter in short)


def _step(value: object, step: str | int) -> object:
    if isinstance(value, dict):
        return value.get(str(step), _ABSENT)
    if isinstance(value, list) and isinstance(step, int) and -len(value) <= step < len(value):
        return value[step]
    return _ABSENT


def _stopped(value: object, steps: Steps, place: int, show: Show, search: Elsewhere) -> MissingPath:
    here, step, rest = show(steps[:place]), steps[place], steps[place + 1 :]
    if isinstance(value, dict):
        return _not_in_object(value, steps, place, show, search)
    if isinstance(value, list):
        listed = _not_in_list(value, here, step, rest)
        return MissingPath(listed.found, listed.hint, place, isinstance(step, str))
    if value is None:
        found = f"no such field ({here} is null)" if place else "nothing: the message has no payload"
        return MissingPath(found, search.hint)
    inner = json_in(value)
    if inner is not None:
        way = steps[:place]
        hint = f"{here} is a text that holds JSON: {_let(way, search.envelope)}, then {Path(_name(way), steps[place:])}"
        return MissingPath("no such field", hint)
    return MissingPath(f"no such field ({here} is {with_kind(value)})", search.hint)


def _not_in_object(value: dict[str, object], steps: Steps, place: int, show: Show, search: Elsewhere) -> MissingPath:
    step, rest = steps[place], steps[place + 1 :]
    near = nearest(str(step), value)
    if near is not None and is_absent(follow(value[near], rest)):
        # The rest of the path isn't there, but the name may still be the one that is meant.
        rest = ()
    hint = f"did you mean {show((*steps[:place], near, *rest))}?" if near is not None else ""
    elsewhere = search.hint
    if near is not None and near != step and elsewhere and not rest and place + 1 < len(steps):
        return MissingPath("no such field", elsewhere)
    found = "no such field"
    if hint:
        return MissingPath(found, hint)
    if place or not elsewhere or show(()) not in ("", "payload"):
        above = show(steps[:place])
        above = "the message" if above in ("", "payload") else above
        found += f" ({above} has {names_in(value)})" if value else f" ({above} is an empty object)"
    return MissingPath(found, elsewhere)


def _not_in_list(value: list[object], here: str, step: str | int, rest: Steps) -> MissingPath:
    name = here or "the message"
    if isinstance(step, int):
        return MissingPath(f"no such element ({name} is {shown(value)})")
    first = value[0] if value else None
    if isinstance(first, dict) and step not in first:
        near = nearest(step, first)
        more = f"; did you mean {near}?" if near else f"; an element has {names_in(first)}"
    else:
        more = ""
    found = f"no such field ({name} is {shown(value)}{more})"
    if not here or here == "payload":
        return MissingPath(found, "the message is a list: each: payload, and item in place of payload")
    inner = Path("x", (step, *rest))
    hint = f"{here}[0] is its first element; [{inner} for x in {here}] are the values of all, in an expression"
    return MissingPath(found, hint)


def _name(way: Steps) -> str:
    words = [step for step in way if isinstance(step, str) and step.isidentifier()]
    name = words[-1] if words else "body"
    return "body" if name in ("payload", "item", "index", "kafka", "tables", "envelope", "conversation") else name


def _let(way: Steps, envelope: EnvelopePaths) -> str:
    return f"let: {{{_name(way)}: = parse_json({envelope.written(way)})}}"
