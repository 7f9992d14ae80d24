"""The fixtures of rules' tests: mapping files made of a few lines."""

from tests.unit.rules.conftest import advice, apply, explain, load_text, of_line, rules_of

__all__ = ["advice", "apply", "explain", "load_text", "of_line", "rules_of"]
