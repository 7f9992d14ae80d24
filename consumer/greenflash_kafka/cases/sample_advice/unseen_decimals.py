"""Advice about amounts of Debezium topics in JSON of which nobody has shown a sample: they may be bytes in Base64."""

from __future__ import annotations

from typing import Final

from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.model.formats import AUTO, DEFAULT
from greenflash_kafka.rules.advice.rule_facts import RuleFacts, parts
from greenflash_kafka.rules.expressions import tree
from greenflash_kafka.rules.mapping import Understood

_AMOUNTS: Final = frozenset({"money_major", "number"})
"""Functions that read a decimal; whole minor units are numbers in JSON, too."""


def check_unseen_decimals(file: Understood) -> None:
    """Advise of the amounts of a file that reads Debezium's JSON, if it has no sample of it."""
    if file.format.envelope != "debezium" or file.format.format not in (AUTO, DEFAULT):
        return
    for facts in file.facts:
        for spot in facts.spots:
            source = spot.expression.source
            for node in parts(source.tree) if source is not None else ():
                path = _amount(node, spot.expression.text)
                if path:
                    _say(facts, path, spot.at)


def _amount(node: tree.Node, text: str) -> str:
    """The column that an amount is read from, as it is written; "" for what is no amount of a column."""
    if not isinstance(node, tree.Call) or node.word not in _AMOUNTS or not node.arguments:
        return ""
    first = node.arguments[0]
    if not isinstance(first, tree.Steps) or not isinstance(first.base, tree.Name) or first.base.word != "payload":
        return ""
    return text[first.start : first.end]


def _say(facts: RuleFacts, path: str, at: Place) -> None:
    said = f"{path} is bytes in Base64 if it is a decimal and the message has no schema; no sample shows it"
    hint = f"add a sample; for bytes write decode_decimal({path}, 2), where 2 is the column's scale"
    facts.report.add(at, "unseen-decimal", said, hint)
