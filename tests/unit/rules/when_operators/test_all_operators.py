"""The table of operators of `when`."""

from __future__ import annotations

from greenflash_kafka.rules.when_operators.all_operators import OPERATORS, TRANSITIONS


def test_an_operator_says_what_it_takes_and_when_it_holds() -> None:
    for name, operator in OPERATORS.items():
        assert operator.name == name
        assert operator.help
        assert operator.schema
        assert operator.many or operator.takes
        assert operator.many or not operator.accepts(None)
        assert operator.words or name in ("exists", "not")


def test_operators_without_a_comparison_of_their_own_are_those_that_the_compiler_writes() -> None:
    assert {name for name, operator in OPERATORS.items() if operator.prepare is None} == {"exists", "not", *TRANSITIONS}


def test_transitions_are_the_operators_of_changes() -> None:
    assert {"changed", "increased", "decreased", "from", "to", "becomes"} == TRANSITIONS
