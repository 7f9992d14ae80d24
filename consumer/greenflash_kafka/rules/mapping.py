"""One mapping file, from its bytes to compiled rules; everything that is wrong with it goes to one report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from greenflash_kafka.rules.advice import RuleFacts, advise, constant, equalities
from greenflash_kafka.rules.conditions import make_line
from greenflash_kafka.rules.event_builder import EventBuilder
from greenflash_kafka.rules.event_fields import FieldReader, Merged, Written
from greenflash_kafka.rules.expressions.expression import Expression, compile_expression
from greenflash_kafka.rules.expressions.names import Names, Table
from greenflash_kafka.rules.expressions.path_parser import parse_path
from greenflash_kafka.rules.expressions.refusals import ExpressionRefused
from greenflash_kafka.rules.expressions.scope import Let
from greenflash_kafka.rules.field_usage import payload_reads
from greenflash_kafka.rules.findings import FileReport
from greenflash_kafka.rules.rule import Each, FileFacts, Rule
from greenflash_kafka.rules.rule_info import Layer
from greenflash_kafka.rules.rule_origins import Origins
from greenflash_kafka.rules.ruleset import CompiledFile
from greenflash_kafka.rules.schema_types import Values
from greenflash_kafka.rules.spec import FILE
from greenflash_kafka.rules.tables import read_table
from greenflash_kafka.rules.topic_names import read_topics
from greenflash_kafka.rules.transitions import Declared
from greenflash_kafka.rules.validity import read_valid
from greenflash_kafka.rules.value_compiler import ValueCompiler
from greenflash_kafka.rules.when import Condition, asks_for_nothing, read_when
from greenflash_kafka.rules.yaml_document import parse
from greenflash_kafka.rules.yaml_nodes import BEGINNING, List, Map, Scalar, beginning, place

_REQUIRED = ("event_type", "product_id", "value")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file is compiled with beside its text: the environment, how to read the tables beside it, the time
    (for advice only), and tables that stand in for the file's own of the same names."""

    env: Mapping[str, str]
    strict_env: bool
    read: Callable[[Path], bytes]
    now: datetime
    tables: Mapping[str, Table] = field(default_factory=dict)


@dataclass(slots=True)
class Understood:
    """A mapping file as far as it could be understood: what runs, and what checks over several files need."""

    path: Path
    report: FileReport
    topics: dict[str, Scalar] = field(default_factory=dict)
    patterns: dict[str, Scalar] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    names: list[Scalar] = field(default_factory=list)
    facts: list[RuleFacts] = field(default_factory=list)

    @property
    def compiled(self) -> CompiledFile:
        """The part that runs."""
        return CompiledFile(str(self.path), tuple(self.topics), tuple(self.patterns), tuple(self.rules))


def understand(path: Path, content: bytes, order: int, around: Surroundings, report: FileReport) -> Understood:
    """Read and compile a mapping file; `order` is its place among all files."""
    understood = Understood(path, report)
    root = parse(content, report)
    values = FILE.read(root, report) if root is not None else None
    if root is None and not report.findings:
        report.add(BEGINNING, "missing-key", "the file is empty", "begin with version: 1")
    if values is not None:
        origins = Origins(str(path), content, values)
        _FileCompiler(values, order, around, report, understood, origins).compile()
    return understood


class _FileCompiler:
    """Compiles one file's parts, from those that others refer to down to the rules."""

    def __init__(
        self,
        values: Values,
        order: int,
        around: Surroundings,
        report: FileReport,
        understood: Understood,
        origins: Origins,
    ) -> None:
        self.values = values
        self.origins = origins
        self.around = around
        self.report = report
        self.understood = understood
        source = values.get("source")
        self.source = source if isinstance(source, Values) else None
        self.each_node = _scalar(values.get("each"))
        self.order = order
        self.declared: Declared | None = None
        self.first_match = values.get("first_match") is True

    def compile(self) -> None:
        topics = self.source.get("topics") if self.source else None
        read_topics(topics, self.understood.topics, self.understood.patterns, self.report)
        self.declared = self._declared()
        tables = self._tables()
        has_each = self.values.has("each")
        self.compiler = ValueCompiler(self.report, Names(tables=tables, item=has_each), None, self.around.strict_env)
        self.names = compile_lets(self.values, self.compiler)
        self.json_key = self.source is not None and self.source.get("key") == "json"
        self.fields = FieldReader(self.report)
        # The file's conditions are read as the file's: there a path needs `payload.` only if the file has `each`.
        self.own_conditions = self.conditions(self.values, self.names)
        self.own_wheres = self.wheres(self.values, self.names)
        rules = self.values.get("rules")
        for rule in rules if isinstance(rules, list) else ():
            if isinstance(rule, Values):
                _RuleCompiler(self, rule).compile()
        if self.first_match and len({facts.each for facts in self.understood.facts}) > 1:
            said = "with `first_match` all rules of a file run over the same `each`, or none"
            self.report.add(self.values.at("first_match"), "mixed-each", said)

    def _declared(self) -> Declared | None:
        paths = []
        for key in ("before", "after"):
            scalar = _scalar(self.source.get(key)) if self.source else None
            if scalar is None:
                continue
            try:
                paths.append(parse_path(scalar.text, Names(item=True)))
            except ExpressionRefused as refused:
                for refusal in refused.refusals:
                    at = scalar.part(refusal.start, refusal.end)
                    self.report.add(at, refusal.code, refusal.message, refusal.hint or "")
        if self.source and (self.source.node.entry("before") is None) != (self.source.node.entry("after") is None):
            key = "before" if self.source.node.entry("before") else "after"
            self.report.add(self.source.at(key), "missing-key", "`before` and `after` go together")
        return Declared(paths[0], paths[1]) if len(paths) == 2 else None

    def _tables(self) -> dict[str, Table]:
        tables = self.values.get("tables")
        found: dict[str, Table] = {}
        for name, (_, node) in tables.items() if isinstance(tables, dict) else ():
            if isinstance(node, Map | List | Scalar):
                table = self.around.tables.get(name)
                if table is None:
                    table = read_table(name, node, self.understood.path.parent, self.around.read, self.report)
                # A table with mistakes still has a name: what refers to it isn't wrong, too.
                found[name] = table if table is not None else Table(name, (), {})
        return found

    def conditions(self, values: Values, names: Names) -> tuple[Condition, ...]:
        """A `when`, as conditions."""
        node = values.get("when")
        return read_when(node, names, self.report) if isinstance(node, Map | List | Scalar) else ()

    def wheres(self, values: Values, names: Names) -> tuple[Expression, ...]:
        """A `where`, compiled."""
        scalar = _scalar(values.get("where"))
        expression = self.compiler.with_names(names).expression(scalar) if scalar else None
        if expression is not None and scalar is not None and expression.type not in ("boolean", "any", "missing"):
            self.report.add(place(scalar), "wrong-type", f"`where` must be true or false, not {expression.type}")
        return (expression,) if expression is not None else ()


class _RuleCompiler:
    """Compiles one rule of a file."""

    def __init__(self, file: _FileCompiler, values: Values) -> None:
        self.file = file
        self.values = values
        self.report = file.report
        self.name = _scalar(values.get("name"))

    def compile(self) -> None:
        file, values = self.file, self.values
        own_each = values.has("each")
        has_each = own_each or file.values.has("each")
        base = file.names
        outer = Names(base.lets, base.tables, has_each)
        names = compile_lets(values, file.compiler.with_names(outer))
        each = self._each(_scalar(values.get("each")) if own_each else file.each_node, names)
        own_conditions, own_wheres = file.conditions(values, names), file.wheres(values, names)
        conditions, wheres = file.own_conditions + own_conditions, file.own_wheres + own_wheres
        self._needs_condition(has_each)
        defaults, event = file.values.get("defaults"), values.get("event")
        compiler = ValueCompiler(self.report, outer, file.around.env, file.around.strict_env)
        merged = file.fields.merge(
            [
                ("file", defaults if isinstance(defaults, Values) else None, compiler),
                ("rule", event if isinstance(event, Values) else None, compiler.with_names(names)),
            ]
        )
        self._needs_fields(merged)
        self._needs_item(merged, has_each)
        valid = read_valid(values.get("valid"), self.report)
        if self.name is None or (has_each and each is None):
            return
        lines = tuple(make_line(condition, names, file.declared, self.name.text) for condition in conditions)
        facts = FileFacts(str(file.understood.path), file.order, file.json_key, file.first_match)
        fields = merged.fields
        expressions = (*wheres, *([each.expression] if each else []), *fields.expressions)
        rule = Rule(
            self.name.text,
            len(file.understood.rules),
            facts,
            lines,
            wheres,
            EventBuilder(self.name.text, fields),
            file.origins.rule(
                self.name.text,
                values,
                list(zip(_layers(file.own_conditions, own_conditions), lines, strict=True)),
                list(zip(_layers(file.own_wheres, own_wheres), wheres, strict=True)),
                each.expression if each is not None else None,
                merged,
                names.lets,
            ),
            each=each,
            valid=valid,
            has_key="insert_id" in merged.single,
            identity=_identity(self.name.text, each, merged),
            asks_for_nothing=asks_for_nothing(conditions) or any(_names_payload(where) for where in wheres),
            reads=payload_reads(lines, expressions, names),
        )
        file.understood.rules.append(rule)
        file.understood.names.append(self.name)
        known = RuleFacts(
            self.name.text,
            place(self.name),
            self.report,
            values.at("event"),
            merged,
            names,
            conditions,
            equalities(lines),
            file.declared,
            each.text if each else "",
            file.first_match,
            valid,
            values.at("valid"),
        )
        file.understood.facts.append(known)
        if isinstance(event, Values):
            advise(known, file.around.now)

    def _each(self, scalar: Scalar | None, names: Names) -> Each | None:
        if scalar is None:
            return None
        expression = self.file.compiler.with_names(Names(names.lets, names.tables)).expression(scalar)
        if expression is None:
            return None
        if expression.uses_item:
            said = "`each` can't use item or index, or a `let` that does: it is what makes them"
            self.report.add(place(scalar), "wrong-type", said)
            return None
        if expression.type not in ("list", "object", "any", "missing"):
            self.report.add(place(scalar), "wrong-type", f"`each` must be a list, not {expression.type}")
        # A rule's own lets have the names of others' lets: only without them can two rules share the list.
        shared = " ".join(expression.text.split())
        own = expression.lets - self.file.names.lets.keys()
        return Each(f"{self.values.node.line}: {shared}" if own else shared, expression)

    def _needs_condition(self, has_each: bool) -> None:
        for values in (self.values, self.file.values):
            when = values.node.get("when")
            if (
                values.misspelled & {"when", "where", "each"}
                or values.node.entry("where") is not None
                or (when is not None and not _is_empty(when))
            ):
                return
        if not has_each:
            at = place(self.name) if self.name else beginning(self.values.node)
            self.report.add(at, "no-condition", "the rule would match every message", "add a `when` or a `where`")

    def _needs_fields(self, merged: Merged) -> None:
        event = self.values.get("event")
        if not isinstance(event, Values):
            return
        missing = [name for name in _REQUIRED if name not in merged.single and name not in merged.failed]
        for name in missing:
            said = f"an event needs {name}, and neither `event` nor `defaults` has it"
            self.report.add(self.values.at("event"), "missing-field", said, f"add {name}: ...")

    def _needs_item(self, merged: Merged, has_each: bool) -> None:
        key = merged.single.get("insert_id")
        if has_each and key is not None and key.expression is not None and not key.expression.uses_item:
            said = "with `each` this insert_id is the same for every item, so only the first would be stored"
            hint = 'use item or index in it, e.g. join([payload.id, index], "-")'
            self.report.add(key.at, "constant-id", said, hint)


def _layers(of_file: Sequence[object], of_rule: Sequence[object]) -> list[Layer]:
    """Of each of a file's parts, and then of each of a rule's own, where it is written."""
    layers: list[Layer] = ["file" for _ in of_file]
    layers.extend("rule" for _ in of_rule)
    return layers


def compile_lets(values: Values, compiler: ValueCompiler) -> Names:
    """The names in scope after a `let`: those before it and its own, each of which may use those above it."""
    names = compiler.names
    lets = values.get("let")
    for name, (key, node) in lets.items() if isinstance(lets, dict) else ():
        if name in names.lets:
            said = f"the file has a `let` of the name {name} already; a rule can't give it another meaning"
            compiler.report.add(place(key), "duplicate-name", said, "choose another name")
            continue
        expression = compiler.with_names(names).value(node) if isinstance(node, Map | List | Scalar) else None
        if expression is None:
            # It has its finding; a stand-in keeps what refers to it from being wrong, too.
            expression = _anything(compiler)
        names = Names({**names.lets, name: Let(name, expression)}, names.tables, names.item)
    return names


def _identity(name: str, each: Each | None, merged: Merged) -> str:
    """What the ids of a rule's events are made of: its own name and list, or what it writes as its `insert_id`."""
    key = merged.single.get("insert_id")
    if key is None:
        return f"record {name} {each.text if each is not None else ''}"
    return f"key {_text(merged.single.get('event_type'))} {_text(key)}"


def _text(written: Written | None) -> str:
    """A field as it is written, however it is spaced."""
    if written is None or written.expression is None:
        return ""
    return " ".join(written.expression.text.split()) or str(constant(written))


def _anything(compiler: ValueCompiler) -> Expression:
    return compile_expression("item" if compiler.names.item else "payload", Names(item=compiler.names.item))


def _names_payload(where: Expression) -> bool:
    """Whether an expression looks at the payload as a whole: `not exists(payload)`."""
    return any(path.root == "payload" and not path.steps for path in where.paths)


def _scalar(value: object) -> Scalar | None:
    return value if isinstance(value, Scalar) else None


def _is_empty(node: object) -> bool:
    return isinstance(node, Map) and not node.entries
