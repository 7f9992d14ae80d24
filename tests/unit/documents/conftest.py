"""Mapping files made of a few lines, as the tests of rules have them."""

from tests.unit.rules.conftest import load_text

__all__ = ["load_text"]
