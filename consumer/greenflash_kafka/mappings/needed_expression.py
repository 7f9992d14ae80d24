"""Values of a mapping file that must be an expression."""

from __future__ import annotations

from greenflash_kafka.documents.schema_types import wrong
from greenflash_kafka.documents.yaml_nodes import Node, Scalar, place
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.mappings.value_compiler import ValueCompiler


def read_expression(words: str, node: Node, compiler: ValueCompiler) -> Expression | None:
    """An expression with its `=`; None after saying what is wrong with it. Texts that stand for themselves are refused:
    they would be the same for every message."""
    if not isinstance(node, Scalar):
        wrong(node, compiler.report, "an expression", "put the whole expression in quotes")
        return None
    if node.text.startswith("="):
        return compiler.expression(node)
    if node.value is None and not node.style:
        hint = f"e.g. {words.rpartition('.')[2]}: = payload...."
        compiler.report.add(place(node), "no-expression", f"{words} needs an expression, which begins with =", hint)
        return None
    said = f"{words} takes an expression, which begins with ="
    hint = f"= {node.text}" if isinstance(node.value, str) and "${" not in node.text else ""
    compiler.report.add(place(node), "no-expression", said, hint)
    return None
