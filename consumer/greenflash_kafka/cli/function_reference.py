"""The reference of functions, as Markdown, as text and as JSON, from what `@function` reads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from greenflash_kafka.expressions.functions import registry
from greenflash_kafka.expressions.functions.definition import Function, Parameter
from greenflash_kafka.expressions.scope import MAX_STEPS, MAX_TEXT
from greenflash_kafka.expressions.suggestions import function_hint

_INTRODUCTION: Final = f"""\
Expressions call a function by its name: `= upper(payload.plan)`. An argument may also stand with its name, after those
without: `time(payload.at, zone="Europe/Paris")`. `?` marks an argument that may be left out, `...` one or more of them.
`greenflash-kafka functions replace` prints one entry in a terminal.

- A missing argument gives a missing result, and the function isn't called, unless its entry says something else.
- An argument of another type is the problem `type-mismatch`. A number that isn't whole, or is out of its range, where
  an entry says "a whole number", is `bad-number`. Money counts as text.
- Text that functions make is at most {MAX_TEXT:,} bytes a message, and what they walk over is at most {MAX_STEPS:,}
  steps (an element of a list; 32 characters of a long text). More is the problem `limit`.
- "Written out" means a literal text, like `"s"`: lint checks it.
- A result that is all literal is evaluated when rules are loaded; where it is a problem, lint refuses the expression.
"""


class UnknownFunction(ValueError):
    """No function has this name; the text says which one was probably meant."""


def function_lines() -> Iterator[str]:
    """The reference page of functions, without its title."""
    yield _INTRODUCTION
    for file, functions in registry.grouped():
        yield from (f"## {functions[0].group.capitalize()}", "", file.__doc__ or "", "")
        for function in functions:
            yield from (f"### {function.name}", "", f"`{function.signature}` gives {_result(function)}.", "")
            yield from (_described(function), "")
            yield from (f"- `{parameter.name}`: {_takes(parameter)}" for parameter in function.parameters)
            yield f"- `{function.example}` gives `{function.gives}`"
            yield from (f"- `{text}` is the problem `{code}`" for text, code in function.fails.items())
            yield ""


def function_text(name: str | None) -> str:
    """The entry of a function, or one line a function if none is named. Raises UnknownFunction."""
    if name is None:
        return "\n".join(
            line
            for _, functions in registry.grouped()
            for line in (f"{functions[0].group}:", *(f"  {each.signature:<48} {each.doc}" for each in functions))
        )
    function = _known(name)
    lines = [f"{function.signature} gives {_result(function)}.", "", _described(function), ""]
    lines += [f"  {parameter.name:<12} {_takes(parameter)}" for parameter in function.parameters]
    lines += ["", f"  {function.example} gives {function.gives}"]
    lines += [f"  {text} is the problem {code}" for text, code in function.fails.items()]
    return "\n".join(lines)


def function_json(name: str | None) -> str:
    """The same for machines: an object, or a list of all. Raises UnknownFunction."""
    functions = registry.FUNCTIONS.values() if name is None else [_known(name)]
    entries = [
        {
            "name": function.name,
            "group": function.group,
            "signature": function.signature,
            "arguments": [
                {"name": parameter.name, "takes": _takes(parameter), "optional": parameter.optional}
                for parameter in function.parameters
            ],
            "result": _result(function),
            "description": _described(function),
            "example": function.example,
            "gives": function.gives,
            "problems": dict(function.fails),
        }
        for function in functions
    ]
    return json.dumps(entries if name is None else entries[0], indent=2)


def beginning(start: str) -> Iterator[tuple[str, str]]:
    """The names that begin so, each with what the function does."""
    return ((name, each.doc) for name, each in registry.FUNCTIONS.items() if name.startswith(start))


def _known(name: str) -> Function:
    function = registry.FUNCTIONS.get(name)
    if function is None:
        hint = function_hint(name, registry.FUNCTIONS)
        advice = f" Did you mean {hint!r}?" if hint in registry.FUNCTIONS else f" Write {hint}." if hint else ""
        raise UnknownFunction(f"there is no function {name!r}.{advice}")
    return function


def _described(function: Function) -> str:
    return f"{function.doc} {function.details}".rstrip()


def _result(function: Function) -> str:
    return f"{_TYPES.get(function.returns, function.returns)}{', or missing' * function.may_miss}"


def _takes(parameter: Parameter) -> str:
    types = [_TYPES.get(kind, kind) for kind in parameter.type.types or ("any",)]
    words = parameter.type.words or ", ".join([*types[:-1], f"or {types[-1]}"] if types[1:] else types)
    return f"{words}{', written out' * parameter.type.literal}{' (optional)' * parameter.optional}"


_TYPES: Final = {
    "any": "any value",
    "boolean": "true or false",
    "list": "a list",
    "money": "money (text with a currency)",
    "number": "a number",
    "object": "an object",
    "time": "a time",
}
