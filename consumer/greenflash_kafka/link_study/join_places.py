"""Places in mapping files where the steps that join ids are to be written, with the lines to write."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

import msgspec

from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.link_study.id_steps import Steps, written
from greenflash_kafka.rules.rule import Rule
from greenflash_kafka.rules.rule_info import FieldInfo

_NUMBER_LIKE: Final = re.compile(r"[0-9.:+TZ-]*")
_QUOTED: Final = re.compile(r": | #")


class JoinPlace(msgspec.Struct, frozen=True):
    """Where something is to be written (`file:line`), in which part, and the lines."""

    where: str
    part: str
    lines: tuple[str, ...]


def in_link(rule: Rule, key: str, steps: Steps, ids: Sequence[str]) -> Iterator[JoinPlace]:
    """Where the steps are written for the outcomes of a rule: in `by` of each way of its link that goes by this key,
    which has these ids. Nothing where the expression that is there can't be written otherwise."""
    if rule.link is None:
        return
    infos = iter(rule.info.keys)
    for way in rule.link.tries:
        places: dict[str, FieldInfo] = {name: next(infos) for name, _ in way.by}
        if key not in places:
            continue
        lines = ["by:"]
        for name, expression in way.by:
            own = expression or rule.expression(name)
            text = _stepped(own, steps if name == key else (), ids)
            if text is None:
                break
            lines.append(f"  {name}: {text}")
        else:
            yield JoinPlace(_where(places[key]), f"in `link` of {rule.name}", tuple(lines))


def in_keys(sources: Mapping[str, Rule], key: str, steps: Steps, ids: Sequence[str]) -> Iterator[JoinPlace]:
    """Where the steps are written for conversations: in `keys` of each of these sources that has the key."""
    for name, rule in sources.items():
        written_as = next((each for each in rule.info.fields if each.name == f"keys.{key}"), None)
        text = _stepped(rule.expression(f"keys.{key}"), steps, ids)
        if written_as is not None and text is not None:
            yield JoinPlace(_where(written_as), f"in `keys` of {name}", (f"{key}: {text}",))


def in_table(rule: Rule, steps: Steps, ids: Sequence[str]) -> Iterator[JoinPlace]:
    """Where the steps are written for the rows of a table, whose rule this is: in its `key`."""
    written_as = next((each for each in rule.info.fields if each.name == "key"), None)
    text = _stepped(rule.expression("key"), steps, ids)
    if written_as is not None and text is not None:
        yield JoinPlace(_where(written_as), "in the table", (f"key: {text}",))


def _where(info: FieldInfo) -> str:
    return f"{info.origin.file}:{info.origin.place.line}"


def _stepped(expression: Expression | None, steps: Steps, ids: Sequence[str]) -> str | None:
    """The expression with these steps after it, as YAML has it; None if it isn't one that a line can have."""
    if expression is None or expression.source is None:
        return None
    base = expression.text.strip()
    if steps and expression.type != "text" and any(_NUMBER_LIKE.fullmatch(each) for each in ids):
        # Functions of text refuse a number, which is an id's text all the same.
        base = f"text({base})"
    text = written(steps, base)
    try:
        compile_expression(text, msgspec.structs.replace(expression.source.names, topic_tables=True))
    except ExpressionRefused:
        return None
    said = f"= {text}"
    return "'" + said.replace("'", "''") + "'" if _QUOTED.search(said) else said
