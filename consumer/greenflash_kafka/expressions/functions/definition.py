"""`@function`: a function of the language as one annotated Python function, and the checks and charges of its calls."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from types import MappingProxyType, NoneType
from typing import Any, Final, get_args

import msgspec

from greenflash_kafka.expressions.functions.argument_types import ArgumentType
from greenflash_kafka.expressions.scope import spend_steps, spend_text
from greenflash_kafka.expressions.values import Type

_REQUIRED: Final = inspect.Parameter.empty


class Parameter(msgspec.Struct, frozen=True, eq=False):
    """One parameter. `many`: takes all further arguments. `default`: a value that needs no check: of an optional one
    that is left out, or None where a missing argument is passed on."""

    name: str
    type: ArgumentType
    optional: bool = False
    many: bool = False
    default: object = None

    @property
    def takes(self) -> frozenset[Type]:
        """Types that an argument may have, as far as it is known: money is a text, unknown may be anything."""
        accepted: set[Type] = set(self.type.types or get_args(Type))
        if "text" in accepted:
            accepted.add("money")
        return frozenset(accepted | {"missing", "any"})


class Function(msgspec.Struct, frozen=True, eq=False, dict=True):
    """A function of the language, as `@function` reads it.

    `run` is the Python function; it takes the scope first if `scoped`. It isn't called with a missing argument, unless
    `takes_missing`. `doc` is the docstring's first paragraph, `details` is the rest. For other fields see `function`.
    """

    name: str
    group: str
    parameters: tuple[Parameter, ...]
    returns: Type
    may_miss: bool
    doc: str
    details: str
    run: Callable[..., Any]
    scoped: bool
    takes_missing: bool
    example: str
    gives: str
    fails: Mapping[str, str]
    steps: Callable[..., int | None] | None
    makes_text: bool
    foldable: bool
    run_text: Callable[..., str] | None
    result_type: Callable[[Sequence[Type]], Type] | None
    usage: str
    agree: Callable[..., None] | None

    @property
    def signature(self) -> str:
        """`substring(x, start, length?)`, as the reference and findings show it."""
        shown = []
        for parameter in self.parameters:
            if parameter.many:
                shown.append(f"{parameter.name}, ...")
            else:
                shown.append(parameter.name + ("?" if parameter.optional else ""))
        return f"{self.name}({', '.join(shown)})"

    @property
    def takes(self) -> str:
        """`1 or 2 arguments`, `at least 1 argument`."""
        needed = sum(not parameter.optional for parameter in self.parameters)
        if any(parameter.many for parameter in self.parameters):
            return f"at least {needed} argument{'s' * (needed != 1)}"
        most = len(self.parameters)
        if needed == most:
            return f"{most} argument{'s' * (most != 1)}"
        return f"{needed} {'or' if most == needed + 1 else 'to'} {most} arguments"

    @property
    def forms(self) -> str:
        """`round(x), or round(x, n)`: the call without its optional arguments, and with all of them."""
        needed = [parameter.name for parameter in self.parameters if not parameter.optional]
        if len(needed) == len(self.parameters):
            return self.signature
        every = [parameter.name for parameter in self.parameters]
        return f"{self.name}({', '.join(needed)}), or {self.name}({', '.join(every)})"

    @property
    def call_scoped(self) -> bool:
        """True if `call` takes the scope first."""
        return self.scoped or self.makes_text or self.steps is not None

    @cached_property
    def call(self) -> Callable[..., Any]:
        """The function that rules call: it checks arguments, charges the message's budget, and calls `run`.

        It is written as code at its first use, so that a call costs no loop over parameters.
        """
        names: dict[str, Any] = {"RUN": self.run, "NAME": self.name, "STEPS": self.steps}
        names |= {"spend_steps": spend_steps, "spend_text": spend_text}
        head, lines, words = ["scope"] * self.call_scoped, [], {}
        for number, parameter in enumerate(self.parameters):
            word, default = f"x{number}", f"DEFAULT{number}"
            names |= {default: parameter.default, f"CHECK{number}": parameter.type.check}
            names[f"READY{number}"] = parameter.type.ready
            words[parameter.name] = f"*{word}" if parameter.many else word
            head.append(f"{word}={default}" if parameter.optional else words[parameter.name])
            if parameter.type.check is not None:
                value = "value" if parameter.many else word
                wanted = [f"{value} is not {default}"] * (parameter.default is not _REQUIRED)
                wanted += [f"{value}.__class__ is not READY{number}"] * (parameter.type.ready is not None)
                checked = f"CHECK{number}(NAME, {value}) if {' and '.join(wanted) or True} else {value}"
                lines.append(f"{word} = " + (f"[{checked} for value in {word}]" if parameter.many else checked))
        words["scope"] = "scope"
        if self.steps is not None:
            lines += [f"steps = STEPS({_named(self.steps, words)})", "if steps is not None: spend_steps(scope, steps)"]
        if not lines and not self.makes_text:
            return self.run
        result = f"RUN({_named(self.run, words)})"
        if self.makes_text and self.may_miss:
            lines += [f"text = {result}", "if text is None: return None"]
            result = "text"
        lines.append(f"return spend_text(scope, {result})" if self.makes_text else f"return {result}")
        source = "\n ".join([f"def call({', '.join(head)}):", *lines])
        exec(compile(source, f"<function {self.name}>", "exec"), names)
        call: Callable[..., Any] = names["call"]
        return call


def function(
    *,
    example: str,
    gives: str,
    fails: Mapping[str, str] = MappingProxyType({}),
    steps: Callable[..., int | None] | None = None,
    charges_text: bool = False,
    foldable: bool = True,
    run_text: Callable[..., str] | None = None,
    result_type: Callable[[Sequence[Type]], Type] | None = None,
    usage: str = "",
    agree: Callable[..., None] | None = None,
) -> Callable[[Callable[..., Any]], Function]:
    """Make a function of the language of a Python function.

    Rules write its name, and its parameters' names, without a last `_`; annotations are those of `argument_types`.
    A parameter `scope` gets the message's scope. A parameter with a default is optional. If `| None` stands without a
    default, a missing argument is passed on; else the result is missing then, and the function isn't called.

    `example` and `gives` (as the language writes values), and `fails` (an expression and its problem's code) stand in
    the reference, and a test runs them.
    `steps` takes checked arguments by their names, and returns the steps that a call is charged before it runs; None
    is no charge. The text of a function that returns `Text` is charged after it, unless `charges_text`: then the
    function itself charges what it makes, or what it makes has a fixed length.
    `foldable` false: the result depends on the message or on the configuration; literal arguments give no constant.
    `run_text` gives the text of money alone, for less. `result_type` makes the result's type of the arguments' types.
    `usage` is lint's hint for wrong arguments, instead of the signature. `agree` gets the prepared literal arguments by
    their names, when rules are loaded; it raises BadLiteral if they don't fit each other.
    """

    def define(run: Callable[..., Any]) -> Function:
        signature = inspect.signature(run, eval_str=True)
        doc, _, details = inspect.cleandoc(run.__doc__ or "").partition("\n\n")
        parameters = tuple(_parameter(each) for each in signature.parameters.values() if each.name != "scope")
        returns, may_miss = _annotated(signature.return_annotation)
        kind = returns.types[0] if returns.types else "any"
        return Function(
            name=run.__name__.removesuffix("_"),
            group=run.__module__.rpartition(".")[2],
            parameters=parameters,
            returns=kind,
            may_miss=may_miss,
            doc=" ".join(doc.split()),
            details=" ".join(details.split()),
            run=run,
            scoped="scope" in signature.parameters,
            takes_missing=any(each.default is None and not each.optional for each in parameters),
            example=example,
            gives=gives,
            fails=fails,
            steps=steps,
            makes_text=kind == "text" and not charges_text,
            foldable=foldable,
            run_text=run_text,
            result_type=result_type,
            usage=usage,
            agree=agree,
        )

    return define


def _parameter(argument: inspect.Parameter) -> Parameter:
    kind, may_miss = _annotated(argument.annotation)
    optional = argument.default is not _REQUIRED
    return Parameter(
        argument.name.removesuffix("_"),
        kind,
        optional=optional,
        many=argument.kind is inspect.Parameter.VAR_POSITIONAL,
        default=None if may_miss and not optional else argument.default,
    )


def _annotated(annotation: Any) -> tuple[ArgumentType, bool]:
    """The ArgumentType in an annotation, and whether `| None` follows it."""
    alternatives = get_args(annotation)
    if NoneType in alternatives:
        return alternatives[0].__metadata__[-1], True
    return annotation.__metadata__[-1], False


def _named(run: Callable[..., Any], words: Mapping[str, str]) -> str:
    return ", ".join(words[name.removesuffix("_")] for name in inspect.signature(run).parameters)
