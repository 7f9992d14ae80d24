"""`ignored:` of a mapping file: messages that were looked at and mean nothing. No message is evaluated by it."""

from __future__ import annotations

from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.rules.conditions import Tests
from greenflash_kafka.rules.rule_code import Broken, RuleCode


class Ignored:
    """One entry: its conditions, and why what they hold for means nothing."""

    __slots__ = ("_code", "because", "line")

    def __init__(self, code: RuleCode, because: str, line: int) -> None:
        self._code = code
        self.because = because
        self.line = line
        """Where it stands in its file, from 1."""

    @property
    def pins(self) -> Tests:
        """Fields and literals that a message must have to fit."""
        return self._code.pins

    def fits(self, scope: Scope) -> bool:
        """Whether all conditions hold; not if that can't be told."""
        if not self._code.holds(scope, []):
            return False
        try:
            return self._code.rest is None or self._code.rest(scope, [], True) is None
        except Broken:
            return False
