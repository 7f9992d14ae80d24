"""The examples of codes belong to codes."""

from __future__ import annotations

from greenflash_kafka.documents.code_examples import EXAMPLES
from greenflash_kafka.documents.codes import CODES
from greenflash_kafka.model.problem import CODES as PROBLEMS


def test_examples_are_of_known_codes_and_every_problem_has_one() -> None:
    assert EXAMPLES.keys() <= CODES.keys()
    assert set(PROBLEMS) <= EXAMPLES.keys()
