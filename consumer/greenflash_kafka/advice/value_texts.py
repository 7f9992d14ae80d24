"""Advice about a `value` with its currency or its separators written into it, and about amounts without a unit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from greenflash_kafka.advice.list_fields import written
from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.functions.currencies import EXPONENTS
from greenflash_kafka.mappings.rule_facts import RuleFacts, constant, parts

_NUMBER: Final = r"-?\d[\d.,'_ ]*"
_SIGNS: Final = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "US$": "USD", "₹": "INR"}
_AMOUNT: Final = re.compile(rf"(US\$|[$€£¥₹]|[A-Z]{{3}})\s*({_NUMBER})|({_NUMBER})\s*([$€£¥₹]|[A-Z]{{3}})")
_GROUPED: Final = re.compile(r"-?\d{1,3}(?:[,' _]\d{3})+(?:\.\d+)?|-?\d{1,3}(?:\.\d{3})+,\d+|-?\d+,\d{1,2}")
_SHELL: Final = re.compile(r"\$\{?\{?\s*((?:payload|item)\.[\w.]+)\s*\}?\}?|\$([^\W\d]\w*(?:\.\w+)+)")
_AMOUNTS_WRITTEN: Final = """
    amount total price cost revenue subtotal fee gross net paid refund mrr arr cents amount_paid amount_due
    total_amount total_price grand_total unit_price unit_amount order_total
"""
_AMOUNTS: Final = frozenset(_AMOUNTS_WRITTEN.split())


def check_value(facts: RuleFacts) -> None:
    """Advice about what stands in `value`."""
    value = facts.merged.single.get("value")
    if value is None or value.expression is None:
        return
    said_type = constant(facts.merged.single.get("value_type"))
    if value.expression.constant:
        text = constant(value)
        found = _literal(text) if isinstance(text, str) and said_type != "text" else None
        if found is not None:
            facts.report.add(value.at, "amount-as-text", *found)
        return
    source = value.expression.source
    if source is None or said_type is not None:
        return
    sign = next(_signs(source.tree), None)
    if sign is not None:
        code = _SIGNS.get(sign, sign)
        said = f'"{sign}" is written into the value, so it is a text and no amount'
        hint = f'value: = money_major(payload.<amount>, "{code}"), or money_minor of cents; the currency in properties'
        facts.report.add(value.at, "amount-as-text", said, hint)
        return
    path = written(source.tree)
    if path is not None and value.expression.type == "any" and path.rsplit(".", 1)[-1].lower() in _AMOUNTS:
        said = f"{path} looks like an amount, and is sent as it comes, without a unit"
        hint = f"= money_major({path}, payload.currency), money_minor of cents, or number({path}) of what is no money"
        facts.report.add(value.at, "bare-amount", said, hint)


def _literal(text: str) -> tuple[str, str] | None:
    """What is wrong with a literal, and the form to copy."""
    shell = _SHELL.fullmatch(text.strip())
    if shell is not None:
        path = shell[1] or (shell[2] if shell[2].startswith(("payload.", "item.")) else f"payload.{shell[2]}")
        return f'"{text}" is sent as it stands: $ names no field here', f"value: = {path}"
    amount = _AMOUNT.fullmatch(text.strip())
    code = None if amount is None else (amount[1] or amount[4])
    if amount is not None and code is not None and (code in _SIGNS or code in EXPONENTS):
        number = _plain(amount[2] or amount[3])
        hint = f"value: {number}, value_type: currency, and properties: {{currency: {_SIGNS.get(code, code)}}}"
        return f'"{text}" is sent as a text: the value is the number alone', hint
    if _GROUPED.fullmatch(text.strip()):
        return f"{text} is sent as a text, not as a number", f"value: {_plain(text)}"
    return None


def _plain(number: str) -> str:
    bare = re.sub(r"[' _]", "", number.strip())
    if re.fullmatch(r"-?[\d.]+,\d+", bare) and ("." in bare or not re.search(r",\d{3}$", bare)):
        return bare.replace(".", "").replace(",", ".")
    return bare.replace(",", "")


def _signs(node: tree.Node) -> Iterator[str]:
    """Currencies that a text is put together with."""
    for part in parts(node):
        if isinstance(part, tree.Call) and part.word in ("concat", "join"):
            for inner in parts(part.arguments):
                text = inner.value if isinstance(inner, tree.Literal) else None
                if isinstance(text, str) and (text.strip() in _SIGNS or text.strip() in EXPONENTS):
                    yield text.strip()
