"""Hints for lines of `when` whose key is no path, or that are no lines of `field: value` at all."""

from __future__ import annotations

import re
from typing import Final

from greenflash_kafka.documents.yaml_nodes import Entry, List, Map, Node, Scalar
from greenflash_kafka.documents.yaml_signs import OPERATOR_OF
from greenflash_kafka.expressions.functions.registry import FUNCTIONS
from greenflash_kafka.expressions.suggestions import function_hint
from greenflash_kafka.mappings.when_as_where import as_written, from_payload, quoted_steps, tested
from greenflash_kafka.rules.when_operators.all_operators import TRANSITIONS

_CALL: Final = re.compile(r"(?P<name>[A-Za-z_]\w*)\s*\((?P<inside>.*)\)")
_EACH_ELEMENT: Final = re.compile(r"(?P<list>.*?)(?:\[\s*\*?\s*\]|\.\*)\.?(?P<rest>.*)")
_AROUND: Final = re.compile(r"^(?:\$\{(.*)\}|\{\{(.*)\}\}|[“”„‘’«»`](.*)[“”„‘’«»`]|\$\.(.*)|\.(.*)|/(.*))$")
_ARROW: Final = re.compile(r"\s*->>?\s*'?(\w+)'?")
_TEXT_LINE: Final = re.compile(
    r"(?P<key>[^\s:=<>!~]+)\s*(?P<sign>===?|!==?|<>|>=|<=|=>|:=|=|>|<|:|\s)\s*(?P<value>[^\s=].*)", re.S
)
_SIGN_AT_END: Final = re.compile(r"(?P<path>.*?)\s*(?P<sign>===?|!==?|<>|>=|<=|=|>|<)")
_NOT: Final = re.compile(r"not\s+(?P<path>\S+)", re.I)
_CASE_BLIND: Final = ("lower", "upper", "lcase", "ucase")
_COUNTED: Final = ("length", "len", "size", "count")


def key_hint(entry: Entry) -> str:
    """What to write instead of a line whose key isn't a path; "" if nobody knows."""
    written = entry.key.text.strip()
    call = _CALL.fullmatch(written)
    if call is not None:
        return _call(call["name"], call["inside"].strip(), entry.value)
    if "(" in written or re.match(r"tables\b", written):
        return f"where: {tested(written, entry.value)}"
    each = _EACH_ELEMENT.fullmatch(written)
    if each is not None and each["list"] and each["rest"]:
        if _EACH_ELEMENT.fullmatch(each["rest"]) is None and not _moves(entry.value):
            inner = f"{quoted_steps(each['rest'])}: {as_written(entry.value)}"
            return f"{quoted_steps(each['list'])}: {{any: {{{inner}}}}}"
        test = tested(f"x.{each['rest']}", entry.value)
        return f"where: count([x for x in {from_payload(quoted_steps(each['list']))} if {test}]) > 0"
    signed, negated = _SIGN_AT_END.fullmatch(written), _NOT.fullmatch(written)
    if signed is not None or negated is not None:
        path = quoted_steps(signed["path"] if signed is not None else str(negated and negated["path"]))
        operator = OPERATOR_OF[signed["sign"]] if signed is not None else "not"
        value = as_written(entry.value)
        return f"{path}: {{{operator}: {value}}}" if operator else f"{path}: {value}"
    return _line(_plain_path(written), entry)


def _moves(node: Node) -> bool:
    """Whether a line tests a change, which no element has."""
    return isinstance(node, Map) and any(entry.key.text in TRANSITIONS for entry in node.entries)


def _plain_path(written: str) -> str:
    """A path of another language as ours."""
    match = _AROUND.match(written)
    inner = next((each for each in match.groups() if each is not None), "") if match is not None else ""
    if inner:
        written = inner.replace("/", ".") if written.startswith("/") else inner
    return quoted_steps(_ARROW.sub(r".\1", written.strip()))


def _line(path: str, entry: Entry) -> str:
    """The line with another path, in quotes where YAML needs them."""
    quoted = f"'{path}'" if entry.key.flow and "[" in path else path
    return f"{quoted}: {as_written(entry.value)}" if path and path != entry.key.text else ""


def _call(name: str, inside: str, value: Node) -> str:
    """A call as the key of a line."""
    path = from_payload(inside)
    small = name.lower()
    if small in _CASE_BLIND and isinstance(value, Scalar):
        return f"{inside}: {{matches: '(?i)^{re.escape(value.text)}$'}}"
    if small == "exists" and isinstance(value, Scalar) and isinstance(value.value, bool):
        return f"{inside}: {{exists: {value.text.lower()}}}"
    if small in _COUNTED:
        return f"where: {tested(f'count({path})', value)}; of a text: where: {tested(f'length({path})', value)}"
    known = small if small in FUNCTIONS else function_hint(name, FUNCTIONS) or name
    return f"where: {tested(f'{known}({path})' if known.isidentifier() else known, value)}"


def not_lines(node: Node) -> tuple[str, str]:
    """Message and hint for a `when` that is no map."""
    if isinstance(node, List):
        return "lines of `field: value` are expected here, not a list", _without_dashes(node)
    text = node.text.strip() if isinstance(node, Scalar) else ""
    if text.startswith("=") or re.match(r"(?:payload|item|kafka|tables)\b|(?:not|exists)\b", text) or "(" in text:
        return "`when` takes lines of `field: value`; an expression belongs in `where`", f"where: {text.lstrip('= ')}"
    first = node.source.split("\n")[0].strip() if isinstance(node, Scalar) and not node.style else text
    match = _TEXT_LINE.fullmatch(first)
    if match is None:
        said = "lines of `field: value` are expected here"
        return said, f"{text}: ..., with a space after the colon" if text.isidentifier() else "e.g. type: order.paid"
    operator = OPERATOR_OF.get(match["sign"].strip(), "")
    value = match["value"].strip()
    shown = f"{match['key']}: {{{operator}: {value}}}" if operator else f"{match['key']}: {value}"
    if match["sign"] == ":":
        return f"a space is missing after the colon of `{match['key']}`", shown
    return "lines of `field: value` are expected here", shown


def _without_dashes(node: List) -> str:
    entries = [entry for item in node.items if isinstance(item, Map) for entry in item.entries]
    if not entries:
        return "take the dashes away: type: order.paid"
    keys = [entry.key.text for entry in entries]
    if len(set(keys)) < len(keys):
        return f"if one of them is enough: any: {as_written(node)}"
    lines = " / ".join(f"{entry.key.source}: {as_written(entry.value)}" for entry in entries)
    return f"take the dashes away: {lines}; if one of them is enough: any: {as_written(node)}"
