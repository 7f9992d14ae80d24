"""Mapping files made of a few lines, as the tests of rules have them."""

from tests.unit.rules.conftest import advice, load_text, of_line

__all__ = ["advice", "load_text", "of_line"]
