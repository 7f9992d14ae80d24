"""Operators of `when` in words: what is expected, and what to write when a value of the message is nearly that."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal
from typing import Final

from greenflash_kafka.advice.when_literals import text_advice
from greenflash_kafka.explanations.number_times import likely_unit
from greenflash_kafka.explanations.shown_values import literal, shown, with_kind
from greenflash_kafka.explanations.slips import is_slip
from greenflash_kafka.expressions.arithmetic import is_number, read_number
from greenflash_kafka.mappings.when_as_where import CALLS, from_payload
from greenflash_kafka.rules.when_conditions import Operator
from greenflash_kafka.rules.when_operators.all_operators import OPERATORS
from greenflash_kafka.rules.when_operators.ordering import SIGNS
from greenflash_kafka.rules.when_operators.when_operator import Literal, Unlike

_QUOTES: Final = "\u201c\u201d\u201e\u201f\u00ab\u00bb\u2018\u2019\u201a\"'`"
_SLASHES: Final = re.compile(r"/(.+)/([a-z]*)")
_PATH: Final = re.compile(r"(?:payload|item|kafka|tables)[.\[].+")
_PROVISO: Final = re.compile(r", unless the message|; null also means")
_LETTERS: Final = re.compile(r"[\W_]+")
_TRUE: Final = frozenset({"true", "yes", "on", "y", "1"})
_FALSE: Final = frozenset({"false", "no", "off", "n", "0"})
_DISGUISED: Final = frozenset({"operator-in-text", "path-as-text", "null-as-text", "not-in-text"})
"""Codes of lint's advice about texts that aren't meant as texts, whatever the message has."""


def expected(operator: Operator, found: object) -> str:
    """What an operator asks for; with its kind if the value of the message is of another kind."""
    name, given = operator.name, operator.given
    if name == "exists":
        return "a value" if given else "no value"
    if name == "any":
        return OPERATORS[name].asks.format(given)
    many = given if isinstance(given, tuple) else (given,)
    listed = _listed(many, found)
    if name == "is":
        return listed
    if name == "not":
        return "a value" if many == (None,) else f"a value that isn't {listed}"
    if name == "contains" and isinstance(found, list):
        return f"a list that contains {listed}"
    definition = OPERATORS[name]
    return (definition.asks or f"a value that {definition.words}").format(listed)


def _listed(given: tuple[Literal, ...], found: object) -> str:
    other = all(not _alike(each, found) for each in given)
    write = with_kind if other and found is not None else literal
    words = ["nothing (missing or null)" if each is None else write(each) for each in given[:8]]
    more = f" and {len(given) - 8} more" if len(given) > 8 else ""
    return words[0] if len(words) == 1 else f"one of {', '.join(words)}{more}" if words else "one of an empty list"


def _alike(given: object, found: object) -> bool:
    return (isinstance(given, str) and isinstance(found, str)) or (is_number(given) and is_number(found))


def found_words(operator: Operator, found: object) -> str:
    """The value of the message beside what is expected: with its kind if that is what differs."""
    given = operator.given if isinstance(operator.given, tuple) else (operator.given,)
    if found is None or operator.given is True or any(_alike(each, found) for each in given):
        return shown(found)
    return with_kind(found)


def hint(operator: Operator, found: object, path: str, *, named: bool = False) -> str:
    """What to write instead, if that can be seen from the value; else "". `path` is written as in the line. `named`: a
    rule compares the path with this value, so that the line doesn't misspell it."""
    name = operator.name
    given = operator.given if isinstance(operator.given, tuple) else (operator.given,)
    if name == "is" and isinstance(found, str) and not named:
        said = _other_case(given, found, path)
        if said:
            return said
    for each in given:
        said = ""
        if name == "is":
            said = meant(each, path) or ("" if named else _nearly(each, found, path))
        elif name in ("to", "becomes") and not named:
            said = moved_hint(name, each, found, path)
        elif name in SIGNS:
            said = _ordering(name, each, found, path)
        elif name in CALLS:
            said = _part(name, each, found, path)
        if said:
            return said
    return _list_hint(given[0], found, path) if given and name == "not" else ""


def _other_case(given: tuple[Literal, ...], found: str, path: str) -> str:
    """What to write where the value differs from a literal in upper and lower case alone; messages that the line
    passes now it passes still."""
    near = next((each for each in given if isinstance(each, str) and each.casefold() == found.casefold()), None)
    if near is None or near == found or len(found) > 1_000:
        return ""
    said = "only upper and lower case differ"
    if len(given) > 1:
        return f"{said}; add {literal(found)} to the list"
    any_case = f"{path}: {{matches: '(?i)^{re.escape(near)}$'}}"
    return f"{said}; for both write {path}: [{literal(near)}, {literal(found)}], or for any case {any_case}"


def moved_hint(name: str, given: Literal, value: object, path: str) -> str:
    """What to write in `from`, `to` or `becomes` in place of a literal that is nearly the value."""
    if given == value or not _nearly(given, value, path):
        return ""
    if isinstance(value, list | dict):
        return _nearly(given, value, path)
    return f"write {path}: {{{name}: {_quoted(value) if isinstance(value, str) else shown(value)}}}"


def meant(given: Literal, path: str) -> str:
    """What a text that looks like an operator, a pattern or a path was probably meant to be, as lint says it; "" for
    any other."""
    said = text_advice(path, "is", given) if isinstance(given, str) else None
    # What the message has is shown beside it: what lint says of other messages is left out.
    return f"write {_PROVISO.split(said[2])[0]}" if said is not None and said[2] and said[0] in _DISGUISED else ""


def _nearly(given: Literal, found: object, path: str) -> str:
    if isinstance(found, list):
        return _list_hint(given, found, path)
    if isinstance(given, str) and isinstance(found, str):
        return _text_hint(given, found, path)
    if isinstance(given, str) and isinstance(found, bool):
        word = given.strip().casefold()
        if word in _TRUE | _FALSE:
            true = word in _TRUE
            return f"{literal(given)} is a text here; write {path}: {'true' if true else 'false'}, without quotes"
        return ""
    if isinstance(given, bool) and isinstance(found, str):
        return f"the message has a text; write {path}: {shown(found)}" if found.casefold() in _TRUE | _FALSE else ""
    if isinstance(given, bool) and is_number(found):
        return f"the message has a number; write {path}: {shown(found)}" if found in (0, 1) else ""
    return _number_hint(given, found, path)


def _number_hint(given: Literal, found: object, path: str) -> str:
    if is_number(given) and isinstance(found, str):
        return f"the message has a text; write {path}: {shown(found)}" if read_number(found) == given else ""
    if isinstance(given, str) and is_number(found):
        return f"the message has a number; write {path}: {shown(found)}" if read_number(given) == found else ""
    if is_number(given) and isinstance(found, bool):
        return f"the message has {shown(found)}; write {path}: {shown(found)}" if given in (0, 1) else ""
    if is_number(given) and is_number(found):
        return _hundredfold(given, found)
    return ""


def _hundredfold(given: object, found: object) -> str:
    assert isinstance(given, int | Decimal)
    assert isinstance(found, int | Decimal)
    if not 0 < abs(Decimal(given)) < 10**18 or not 0 < abs(Decimal(found)) < 10**18:
        return ""
    hundred = Decimal(found) == Decimal(given) * 100 or Decimal(given) == Decimal(found) * 100
    return "one is a hundred times the other: cents and not euros, or the other way round?" if hundred else ""


def _list_hint(given: Literal, found: object, path: str) -> str:
    if not isinstance(found, list):
        return ""
    if found and isinstance(found[0], dict | list):
        return f"it is a list; {path}[0] is its first element, and `each` or `where` look at all of them"
    return f"it is a list; {path}: {{contains: {literal(given)}}} asks for an element"


def _text_hint(given: str, found: str, path: str) -> str:
    if given == found or len(given) > 1_000 or len(found) > 1_000:
        return ""
    one, other = _plain(given), _plain(found)
    if one.casefold() != other.casefold():
        return _alternatives(given, found, path) or _part_of(given, found, path)
    if given.casefold() == found.casefold():
        return "only upper and lower case differ"
    odd = _odd(given) or _odd(found)
    if odd:
        where = "the rule's text" if _odd(given) else "the message's text"
        return f"{where} holds {odd}; write {path}: {literal(other if _odd(given) else found)}"
    if given.casefold().split() == found.casefold().split() and given.split() != found.split():
        return f"upper and lower case and spaces differ; write {path}: {_quoted(found)}"
    what = "spaces" if given.split() == found.split() else "quotation marks"
    return f"they differ in {what} only; write {path}: {_quoted(found)}"


def _quoted(text: str) -> str:
    return shown(text) if text != text.strip() or "  " in text else literal(text)


def _alternatives(given: str, found: str, path: str) -> str:
    """Several texts written as one: `paid, open`, `paid|open`, `paid or open`."""
    parts = [part.strip() for part in re.split(r",|\||;| or ", given) if part.strip()]
    if len(parts) > 1 and found in parts:
        return f"this is one text; for one of several write {path}: [{', '.join(map(literal, parts))}]"
    return ""


def _part_of(given: str, found: str, path: str) -> str:
    """A text that begins the message's, is inside of it, or is nearly it."""
    if len(given) > 2 and found.startswith(given):
        return f"the message's text only begins so; write {path}: {{starts_with: {literal(given)}}}"
    if len(given) > 2 and given in found:
        return f"the message's text holds it; write {path}: {{contains: {literal(given)}}}"
    respelled = _LETTERS.sub("", given.casefold()) == _LETTERS.sub("", found.casefold())
    return f"did you mean {literal(found)}?" if respelled or is_slip(given.casefold(), found.casefold()) else ""


def _plain(text: str) -> str:
    """A text without what isn't seen: spaces around it, invisible characters, the shape of quotation marks."""
    kept = "".join(each for each in unicodedata.normalize("NFKC", text) if unicodedata.category(each) != "Cf")
    return " ".join(kept.split()).strip(_QUOTES).strip()


def _odd(text: str) -> str:
    """The first character that looks like another one, or like none, in words."""
    for each in text:
        if each in _QUOTES and each not in "\"'`":
            return f"the quotation mark {each} (U+{ord(each):04X}), which is a part of it"
        if unicodedata.category(each) in ("Cf", "Cc") or (each.isspace() and each != " "):
            return f"an invisible character (U+{ord(each):04X})"
    return ""


def _ordering(name: str, given: Literal, found: object, path: str) -> str:
    if isinstance(given, str) and _PATH.fullmatch(given):
        return f"`when` compares with literals; write where: {from_payload(path)} {SIGNS[name]} {given}"
    if isinstance(found, list):
        return f"it is a list; {path}: {{any: {{{name}: {literal(given)}}}}} looks at its elements"
    if isinstance(given, str) and is_number(found):
        number = read_number(given)
        if number is None:
            return _ordering_times(name, given, found, path)
        return f"{shown(given)} is a text; write {path}: {{{name}: {given.strip()}}}" if number is not None else ""
    if is_number(given) and isinstance(found, str) and read_number(found) is not None:
        return f"the message has a text; write where: number({from_payload(path)}) {SIGNS[name]} {shown(given)}"
    return ""


def _ordering_times(name: str, given: str, found: object, path: str) -> str:
    """A date that is compared with seconds, or thousandths, since 1970."""
    unit = likely_unit(found)
    if not unit or not re.match(r"\d{4}-\d\d-\d\d", given):
        return ""
    time = f'time({from_payload(path)}, "{unit}")'
    return f'the message has a number of "{unit}" since 1970; write where: {time} {SIGNS[name]} time("{given}")'


def _part(name: str, given: Literal, found: object, path: str) -> str:
    if not isinstance(given, str):
        return ""
    slashes = _SLASHES.fullmatch(given) if name == "matches" else None
    if slashes:
        flags = "(?i)" if "i" in slashes[2] else ""
        return f"a pattern has no slashes around it; write {path}: {{matches: '{flags}{slashes[1]}'}}"
    if isinstance(found, list):
        return _in_list(name, given, found, path)
    if is_number(found):
        call = f'{name}(text({from_payload(path)}), "{given}")'
        return f"the message has a number; write where: {call}"
    if not isinstance(found, str):
        return ""
    prepare = OPERATORS[name].prepare
    assert prepare is not None, name
    inner = given.strip("*%")
    if name != "matches" and inner != given and inner and _holds(prepare, inner, found):
        return f"* and % are no wildcards here; write {path}: {{{name}: {literal(inner)}}}"
    if name == "matches":
        folded = _holds(prepare, f"(?i){given}", found)
        return f"only upper and lower case differ; write {path}: {{matches: '(?i){given}'}}" if folded else ""
    if not _holds(prepare, given.casefold(), found.casefold()):
        return ""
    anchors = {"starts_with": ("^", ""), "ends_with": ("", "$")}
    start, end = anchors.get(name, ("", ""))
    pattern = f"(?i){start}{re.escape(given)}{end}"
    return f"only upper and lower case differ; for any case write {path}: {{matches: '{pattern}'}}"


def _in_list(name: str, given: str, found: list[object], path: str) -> str:
    if name != "contains":
        return f"it is a list; {path}: {{contains: ...}} asks for an element, {path}[0] is the first"
    texts = [each for each in found[:1000] if isinstance(each, str)]
    near = next((each for each in texts if each.casefold() == given.casefold()), None)
    if near is not None:
        return f"only upper and lower case differ; write {path}: {{contains: {literal(near)}}}"
    part = next((each for each in texts if given in each), None)
    return f"`contains` asks a list for a whole element, like {literal(part)}" if part is not None else ""


def _holds(prepare: Callable[[Literal], Callable[[object], bool]], given: str, found: str) -> bool:
    try:
        return prepare(given)(found)
    except (Unlike, ValueError):
        return False
