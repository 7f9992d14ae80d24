"""`@function`: one block makes a function of rules, findings and the reference; its calls are checked and charged."""

from __future__ import annotations

from types import MappingProxyType, ModuleType
from typing import Annotated, Any

import pytest
from click.testing import CliRunner

from greenflash_kafka.cli import functions as verb
from greenflash_kafka.cli.function_reference import function_lines
from greenflash_kafka.expressions import call_code, expression
from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.functions import registry
from greenflash_kafka.expressions.functions.argument_types import List, Number, Text, whole_number
from greenflash_kafka.expressions.functions.definition import function
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError, ExpressionRefused
from greenflash_kafka.expressions.scope import MAX_STEPS, MAX_TEXT, Scope


@function(example='initials("Ada Lovelace")', gives='"A.L."', steps=lambda x: len(x))
def initials(x: Text, most: Annotated[int, whole_number("most", 1)] = 9) -> Text:
    """The first letters of a name's words.

    An empty text has none.
    """
    return "".join(f"{word[0]}." for word in x.split()[:most])


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    with_toy = MappingProxyType({**registry.FUNCTIONS, "initials": initials})
    for module in (registry, call_code, expression):
        monkeypatch.setattr(module, "FUNCTIONS", with_toy)


def _run(text: str, payload: Any) -> Any:
    return compile_expression(text, Names()).evaluate(Scope(payload))


def test_one_block_is_a_function_of_rules() -> None:
    assert _run("initials(payload)", "Ada Lovelace") == "A.L."
    assert _run("initials(payload, most=1)", "Ada Lovelace") == "A."
    assert _run("initials(payload.name)", {}) is None
    assert compile_expression(initials.example, Names()).constant


def test_its_arguments_are_checked() -> None:
    for payload, code in ((["Ada", "1"], "type-mismatch"), (["Ada", 0], "bad-number"), ([7, 1], "type-mismatch")):
        with pytest.raises(EvaluationError) as failed:
            _run("[initials(payload[0], payload[1])]", payload)
        assert failed.value.code == code


def test_its_steps_and_its_text_are_charged_to_the_message() -> None:
    scope = Scope("Ada Lovelace")
    compile_expression("initials(payload)", Names()).evaluate(scope)
    assert scope.budget[1:] == [MAX_TEXT - 4, MAX_STEPS - 12]
    with pytest.raises(EvaluationError, match="limit"):
        _run("initials(payload)", "x" * (MAX_STEPS + 1))


def test_findings_name_its_signature() -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression("initials()", Names())
    assert refused.value.refusals[0].message == "initials takes 1 or 2 arguments, not 0"


def test_the_reference_and_the_verb_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    toys = ModuleType("toys", "Functions of a test.")
    vars(toys)["initials"] = initials
    monkeypatch.setattr(registry, "FILES", (*registry.FILES, toys))
    page = "\n".join(function_lines())
    assert "`initials(x, most?)`" in page
    assert "The first letters of a name's words. An empty text has none." in page
    shown = CliRunner().invoke(verb.command, ["initials"]).output
    assert 'initials("Ada Lovelace") gives "A.L."' in shown


def test_what_stays_missing_and_what_is_passed_on_is_annotated() -> None:
    @function(example="all_of(1, null)", gives="[1, null]")
    def all_of(x: Number | None, *more: Number | None) -> List:
        """Some values."""
        return [x, *more]

    assert all_of.takes_missing
    assert all_of.signature == "all_of(x, more, ...)"
    assert all_of.call(None, 1, None) == [None, 1, None]
    with pytest.raises(EvaluationError, match="type-mismatch"):
        all_of.call(1, "1")
    assert not initials.takes_missing
