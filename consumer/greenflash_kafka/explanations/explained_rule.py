"""Results of an explanation: the lines of a rule with what they expect and find, and the fields that are left out."""

from __future__ import annotations

from typing import Literal

import msgspec

from greenflash_kafka.rules.results import Explanation

Result = Literal["holds", "failed", "error", "not tried"]


class _Placed(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What stands in a mapping file; the file is "" for what isn't written."""

    file: str = ""
    line: int = 0
    column: int = 0

    @property
    def where(self) -> str:
        """`file:line:column`; "" for what isn't written."""
        return f"{self.file}:{self.line}:{self.column}" if self.file else ""


class ExplainedLine(_Placed, frozen=True, omit_defaults=True):
    """One line of `when`, a `where`, `each`, `valid` or `first_match`, or a part of one.

    `found` is the value of the message in words; `hint` says what to write instead. `parts` are the branches of `any`
    and `none`, and the parts of an expression.
    """

    kind: str
    name: str
    result: Result
    expected: str = ""
    found: str = ""
    hint: str = ""
    parts: tuple[ExplainedLine, ...] = ()

    @property
    def text(self) -> str:
        """What was expected and what was found, on one line."""
        if self.expected and self.found.startswith("no such"):
            return f"{self.name}: {self.found}, expected {self.expected}"
        if self.expected and self.found:
            return f"{self.name}: expected {self.expected}, found {self.found}"
        said = f"expected {self.expected}" if self.expected else self.found
        return f"{self.name}: {said}" if said else self.name


class ExplainedField(_Placed, frozen=True, omit_defaults=True):
    """A field of the event without a usable value. `left_out`: the event is sent without it; else the event isn't sent.

    `code` and `message` are those of the problem; `causes` name the paths, `hints` have what to write.
    """

    name: str
    code: str
    left_out: bool
    message: str = ""
    causes: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()


class FieldPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """A part of a field's expression, or a let that it names, with the value that it has on the message in words;
    `written` and `where` are the let's."""

    name: str
    found: str
    written: str = ""
    where: str = ""


class FieldSource(_Placed, frozen=True, omit_defaults=True):
    """A field of the event, as it is sent, and where it comes from: what is `written` at a place of the file, in the
    rule or once for all rules (`layer`), with the `parts` that it is worked out from. `how`: what gives a field that
    isn't written."""

    name: str
    value: object
    written: str = ""
    layer: Literal["rule", "file", ""] = ""
    parts: tuple[FieldPart, ...] = ()
    how: str = ""


class ExplainedRule(msgspec.Struct, frozen=True):
    """One rule (for one item, with `each`): the plain explanation with all lines, the fields without a value, and the
    sources of those that its event has."""

    explanation: Explanation
    lines: tuple[ExplainedLine, ...] = ()
    fields: tuple[ExplainedField, ...] = ()
    sources: tuple[FieldSource, ...] = ()

    @property
    def failed(self) -> tuple[ExplainedLine, ...]:
        """The lines that don't hold, or are in error, the first that failed before others."""
        failed = [each for each in self.lines if each.result in ("failed", "error")]
        return tuple(sorted(failed, key=lambda each: each.name != self.explanation.condition))

    @property
    def held(self) -> tuple[ExplainedLine, ...]:
        """The lines that hold."""
        return tuple(each for each in self.lines if each.result == "holds")
