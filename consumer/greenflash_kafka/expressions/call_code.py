"""Calls as code: which function, which argument goes where, and what can be said before any message comes."""

from __future__ import annotations

from greenflash_kafka.documents.did_you_mean import closest_word
from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.code_writer import NOTHING, CodeWriter
from greenflash_kafka.expressions.functions.argument_types import BadLiteral
from greenflash_kafka.expressions.functions.definition import Function, Parameter
from greenflash_kafka.expressions.functions.registry import FUNCTIONS
from greenflash_kafka.expressions.operand import LEFT_OUT, Operand, common_type
from greenflash_kafka.expressions.suggestions import function_hint
from greenflash_kafka.expressions.values import NAMES


class CallCode(CodeWriter):
    """The part of the compiler that writes calls."""

    text_enough: tree.Expr | None = None
    """The call of which only the text is wanted, not the currency that money knows."""

    def money_as_text(self, node: tree.Expr) -> bool:
        """Whether an expression is an amount of money, as a whole; then its text is what its code gives."""
        function = FUNCTIONS.get(node.word) if isinstance(node, tree.Call) else None
        if function is not None and function.run_text is not None:
            self.text_enough = node
        return self.text_enough is node

    def call(self, node: tree.Call) -> Operand:
        """`f(x, name=y)`."""
        function = FUNCTIONS.get(node.word)
        if function is None:
            return self._unknown_function(node)
        self.called.add(function.name)
        given = self._arguments(function, node)
        if given is None:
            return NOTHING
        if function.name == "coalesce":
            return self._coalesce([value for _, value in given])
        if function.name == "exists":
            return self._exists(given[0][1])
        # All of them before giving up, so that everything that is wrong is said at once.
        written = [self._argument(function, parameter, value) for parameter, value in given]
        operands = [operand for operand in written if operand is not None]
        if len(operands) < len(written) or not self._agree(node, function, given, operands):
            return NOTHING
        if not all(operand.known for operand in operands):
            self._arguments_fit(function, given, operands)
        types = [operand.type for operand in operands]
        text_only = function.run_text if node is self.text_enough else None
        result = self.apply(
            node,
            text_only or function.call,
            operands,
            function.returns if function.result_type is None else function.result_type(types),
            scoped=function.call_scoped,
            takes_missing=function.takes_missing,
            live=not function.foldable,
        )
        if result is not NOTHING:
            result.currency = self._review(node, given, operands)
        return result

    def _unknown_function(self, node: tree.Call) -> Operand:
        word = tree.Literal(start=node.start, end=node.start + len(node.word), value=None)
        hint = function_hint(node.word, FUNCTIONS)
        said = f"there is no function {node.word}()"
        if node.word.lower() == "money":
            said = "money() doesn't say its unit: is 14950 cents or euros?"
            hint = "money_minor(amount, currency) or money_major(amount, currency)"
        self.refuse("unknown-function", said, hint, word)
        for argument in node.arguments:
            self.operand(argument.value if isinstance(argument, tree.Keyword) else argument)
        return NOTHING

    def _arguments(self, function: Function, node: tree.Call) -> list[tuple[Parameter, tree.Expr | None]] | None:
        """Arguments in the order of the parameters, None for one left out before a later one; None when refused."""
        places: dict[str, tree.Expr] = {}
        further: list[tuple[Parameter, tree.Expr]] = []
        wrong = len(self.refusals)
        keywords = False
        for position, argument in enumerate(node.arguments):
            if isinstance(argument, tree.Keyword):
                keywords = True
                self._keyword(function, argument, places)
            elif keywords:
                self.refuse("arguments", "an argument without a name follows one with a name", None, argument)
            elif function.parameters[-1].many and position >= len(function.parameters) - 1:
                further.append((function.parameters[-1], argument))
            elif position < len(function.parameters):
                places[function.parameters[position].name] = argument
            else:
                self._wrong_count(function, node)
                break
        needed = [parameter for parameter in function.parameters if not parameter.optional and not parameter.many]
        lacking = [parameter.name for parameter in needed if parameter.name not in places]
        if len(self.refusals) == wrong and (lacking or (function.parameters[-1].many and not further)):
            self._wrong_count(function, node)
        if len(self.refusals) > wrong:
            return None
        given: list[tuple[Parameter, tree.Expr | None]] = [
            (parameter, places.get(parameter.name)) for parameter in function.parameters if not parameter.many
        ]
        while given and given[-1][1] is None:
            given.pop()
        return given + list(further)

    def _wrong_count(self, function: Function, node: tree.Call) -> None:
        advice = function.usage or function.forms
        given = len(node.arguments)
        self.refuse("arguments", f"{function.name} takes {function.takes}, not {given}", advice, node)

    def _keyword(self, function: Function, argument: tree.Keyword, places: dict[str, tree.Expr]) -> None:
        word = tree.Literal(start=argument.start, end=argument.word_end, value=None)
        names = [parameter.name for parameter in function.parameters if not parameter.many]
        if argument.word not in names:
            hint = closest_word(argument.word, names) or function.signature
            self.refuse("arguments", f"{function.name} has no argument {argument.word}", hint, word)
        elif argument.word in places:
            self.refuse("arguments", f"{argument.word} is given twice", function.signature, word)
        else:
            places[argument.word] = argument.value

    def _argument(self, function: Function, parameter: Parameter, node: tree.Expr | None) -> Operand | None:
        if node is None:
            # Left out before one that is given by its name: the function's own default.
            return Operand("None", "missing", known=True, value=LEFT_OUT)
        operand = self.operand(node)
        if operand is NOTHING:
            return None
        if parameter.type.literal and not (isinstance(node, tree.Literal) and isinstance(node.value, str)):
            said = f"{parameter.name} of {function.name} is a literal text"
            self.refuse("arguments", said, f'{function.name}(..., "...")', node)
            return None
        if parameter.type.prepare is not None and operand.constant and isinstance(operand.value, str):
            try:
                prepared = parameter.type.prepare(operand.value)
            except BadLiteral as bad:
                self.refuse("bad-literal", str(bad), bad.hint, node)
                return None
            return Operand(self.constants.name(prepared), "any", known=True, value=prepared)
        return operand

    def _arguments_fit(
        self, function: Function, given: list[tuple[Parameter, tree.Expr | None]], operands: list[Operand]
    ) -> None:
        """Say which arguments are of a type that the function never takes (what is all literal is refused anyway)."""
        for (parameter, node), operand in zip(given, operands, strict=True):
            if node is not None and operand.type not in parameter.takes:
                wanted = " or ".join(NAMES[kind] for kind in parameter.type.types)
                said = f"{function.name} takes {wanted} as {parameter.name}, and this is {NAMES[operand.type]}"
                self.remark("type-mismatch", said, None, node)

    def _exists(self, node: tree.Expr | None) -> Operand:
        assert node is not None
        operand = self.operand(node)
        if operand.constant:
            return self.constant(operand.value is not None)
        name = self.temporary()
        self.emitter.line(f"{name} = {operand.code} is not None")
        return Operand(name, "boolean")

    def _coalesce(self, nodes: list[tree.Expr | None]) -> Operand:
        """The first that isn't missing; what comes after it isn't worked out."""
        result: Operand | None = None
        for node in nodes:
            assert node is not None
            if result is not None and result.known and result.value is not None:
                with self.dead():
                    self.operand(node)
                continue
            if result is None or result.constant:
                result = self.operand(node)
                continue
            name = self.temporary()
            self.emitter.line(f"{name} = {result.code}")
            with self.emitter.block(f"if {name} is None:"):
                other = self.operand(node)
                self.emitter.line(f"{name} = {other.code}")
            self.one_currency(result, other, node)
            currency = result.currency if result.currency == other.currency else None
            result = Operand(name, common_type(result.type, other.type), currency=currency)
        assert result is not None
        return result

    def _review(
        self, node: tree.Call, given: list[tuple[Parameter, tree.Expr | None]], operands: list[Operand]
    ) -> str | None:
        """Say what is odd about literal texts; gives the currency of the result, if it is literal."""
        currency = None
        for (parameter, _), operand in zip(given, operands, strict=True):
            if parameter.type.review is not None and operand.constant and isinstance(operand.value, str):
                remark = parameter.type.review(operand.value)
                if remark is not None:
                    self.remark(*remark, node)
                if parameter.type.currency:
                    currency = operand.value.strip().upper()
        return currency

    def _agree(
        self,
        node: tree.Call,
        function: Function,
        given: list[tuple[Parameter, tree.Expr | None]],
        operands: list[Operand],
    ) -> bool:
        """Whether literal arguments fit each other; if not, it is said at the last of them."""
        if function.agree is None:
            return True
        literal = {
            parameter.name: operand.value
            for (parameter, _), operand in zip(given, operands, strict=True)
            if parameter.type.literal
        }
        try:
            function.agree(**literal)
        except BadLiteral as bad:
            last = next((node for _, node in reversed(given) if node is not None), node)
            self.refuse("bad-literal", str(bad), bad.hint, last)
            return False
        return True
