"""Python source of our own making: lines, temporary names and a table of constants, nothing of the file's in between.

Everything that stands in the source is a keyword, a name from the tables here, a name that is made by counting, or the
literal of a text, as `ascii` writes it. Whatever else the file says (numbers, lists) is a constant behind a name. Each
line knows the line of the mapping file that it was made from: tracebacks show that one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from sys import intern
from typing import Any, Final

from greenflash_kafka.expressions import arithmetic, operators
from greenflash_kafka.expressions.line_table import placed
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import read_let
from greenflash_kafka.expressions.topic_rows import topic_rows

HELPERS: Final[dict[str, object]] = {
    # What following a path through a payload raises when something on the way is missing, or no object.
    "Missing": (KeyError, TypeError, AttributeError),
    "EvaluationError": EvaluationError,
    "dict": dict,
    "list": list,
    "read_let": read_let,
    "topic_rows": topic_rows,
    **{
        function.__name__: function
        for function in (
            *(
                arithmetic.add,
                arithmetic.subtract,
                arithmetic.multiply,
                arithmetic.divide,
                arithmetic.remainder,
                arithmetic.negate,
            ),
            *(operators.equal, operators.unequal, operators.less, operators.less_or_equal, operators.greater),
            *(operators.greater_or_equal, operators.boolean, operators.contained, operators.contained_text),
            *(operators.rounds, operators.at, operators.step, operators.row, operators.cell),
        )
    },
}
"""The names that generated code calls."""


class Constants:
    """Values behind names; the same value (not an equal one) has one name. Texts need none: a literal of them is read
    quicker, and takes less memory."""

    def __init__(self) -> None:
        self.values: dict[str, object] = {}
        self._names: dict[int, str] = {}

    def name(self, value: object) -> str:
        """The code that gives the value."""
        if value is None or value is True or value is False:
            return str(value)
        if type(value) is str:
            return ascii(value)
        name = self._names.get(id(value))
        if name is None:
            # One text for all rules: these names stay with the code.
            name = intern(f"K{len(self.values)}")
            self._names[id(value)] = name
            self.values[name] = value
        return name


class Emitter:
    """The lines of one function, with their indentation. `at` is the line of the mapping file that what is added is
    made from; 0 for none."""

    def __init__(self, name: str, parameters: str, at: int = 0) -> None:
        self.name = name
        self.at = at
        self.places = [at]
        self._lines = [f"def {name}({parameters}):"]
        self._indent = 1

    def line(self, text: str) -> None:
        """Add one line."""
        self._lines.append(" " * self._indent + text)
        self.places.append(self.at)

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        """Add a line that opens a block (an `if`, say), and indent what is added within."""
        self.line(opening)
        self._indent += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.line("pass")
        self._indent -= 1

    @property
    def source(self) -> str:
        """The function."""
        return "\n".join(self._lines)


def compile_all(
    functions: Sequence[Emitter],
    constants: Constants,
    names: Mapping[str, object] = HELPERS,
    file: str = "",
) -> dict[str, Any]:
    """Compile the functions together and give them by name; `names` are those that they call. `file` is the mapping
    file that they were made from."""
    # As builtins the names are one dict for all rules.
    found: dict[str, Any] = {"__builtins__": names, **constants.values}
    code = compile("\n".join(function.source for function in functions), "<expression>", "exec")
    if file:
        code = placed(code, file, [at for function in functions for at in function.places])
    exec(code, found)
    return found


def load(
    functions: Sequence[Emitter],
    constants: Constants,
    names: Mapping[str, object] = HELPERS,
    file: str = "",
) -> Callable[..., Any]:
    """The last of the functions, compiled together with the others."""
    last: Callable[..., Any] = compile_all(functions, constants, names, file)[functions[-1].name]
    return last
