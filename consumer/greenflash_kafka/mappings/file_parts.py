"""The parts of a mapping file that its rules and conversations share, and those of each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from msgspec.structs import replace

from greenflash_kafka.documents.file_tree import FileTree
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar, place
from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names, Table
from greenflash_kafka.expressions.path_parser import parse_path
from greenflash_kafka.expressions.paths import ENVELOPES, NO_ENVELOPE
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.expressions.scope import Let
from greenflash_kafka.mappings.spec import TABLE_TOPIC
from greenflash_kafka.mappings.tables import is_from_topic, read_table, table_columns
from greenflash_kafka.mappings.value_compiler import ValueCompiler, report_refusals
from greenflash_kafka.mappings.when import read_when
from greenflash_kafka.model.topic_tables import PREFIX
from greenflash_kafka.rules.conditions import make_line
from greenflash_kafka.rules.rule import Each
from greenflash_kafka.rules.rule_code import RuleCode, compile_rule
from greenflash_kafka.rules.rule_conditions import RuleParts
from greenflash_kafka.rules.rule_info import Layer
from greenflash_kafka.rules.transitions import DEBEZIUM_ROWS, Declared
from greenflash_kafka.rules.when_conditions import Condition


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a file is compiled with beside its text: the environment, the files beside it, and
    tables that stand in for the file's own of the same names."""

    env: Mapping[str, str]
    strict_env: bool
    tree: FileTree
    tables: Mapping[str, Table] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EntryParts:
    """The parts that a rule and a conversation have alike. `outer` are the names that the file's own parts see in it,
    `names` those that its own see; `conditions` and `wheres` begin with the file's. `each` is None without one, and
    after a mistake (`has_each` says which)."""

    outer: Names
    names: Names
    has_each: bool
    each: Each | None
    conditions: tuple[Condition, ...]
    wheres: tuple[Expression, ...]
    layers: tuple[Layer, ...]
    """Where each of the conditions, and then of the `where`s, is written."""

    def code(self, file: FileParts, name: Scalar, *, null: bool = False) -> RuleCode:
        """The conditions, compiled for the rule or conversation of this name; `null`: a message without a payload has
        a chance."""
        lines = [make_line(condition, self.names) for condition in self.conditions]
        return compile_rule(
            RuleParts(
                name.text,
                lines,
                self.wheres,
                self.names,
                file.declared,
                each=self.each is not None,
                null=null,
                file=file.report.file,
                line=name.line,
            )
        )


class FileParts:
    """The parts of one file that everything in it shares, compiled once."""

    def __init__(
        self,
        values: Values,
        path: Path,
        around: Surroundings,
        report: FileReport,
        inherited: Values | None = None,
    ) -> None:
        """`inherited`: the `source` if these values have none."""
        self.values = values
        self.path = path
        self.around = around
        self.report = report
        self.source = values.record("source") or inherited
        self.json_key = self.source is not None and self.source.get("key") in ("json", "auto")
        self.first_match = values.get("first_match") is True
        envelope = self.source.get("envelope") if self.source is not None else None
        self.envelope = next((of for name, of in ENVELOPES.items() if name == envelope), NO_ENVELOPE)
        self.declared = self._declared()
        self._each_node = values.scalar("each")
        self.topic_tables: list[tuple[Scalar, Values]] = []
        """Names and keys of the tables from topics; they are compiled by themselves."""
        self.whens: list[Node] = []
        """Every `when` that is read, for advice about its literals."""
        self.tables = self._tables()
        names = Names(tables=self.tables, item=values.has("each"), envelope=self.envelope)
        self.compiler = ValueCompiler(report, names, None, around.strict_env)
        self.names = compile_lets(values, self.compiler)
        # The file's conditions are read as the file's: there a path needs `payload.` only if the file has `each`.
        self._conditions = self._conditions_of(values, self.names)
        self._wheres = self._wheres_of(values, self.names)

    def entry(self, values: Values) -> EntryParts:
        """The parts of a rule or a conversation, the file's included."""
        own_each = values.has("each")
        has_each = own_each or self.values.has("each")
        outer = replace(self.names, item=has_each)
        names = compile_lets(values, self.compiler.with_names(outer))
        each = self._each(values, values.scalar("each") if own_each else self._each_node, names)
        conditions, wheres = self._conditions_of(values, names), self._wheres_of(values, names)
        return EntryParts(
            outer,
            names,
            has_each,
            each,
            self._conditions + conditions,
            self._wheres + wheres,
            _layers(self._conditions, conditions) + _layers(self._wheres, wheres),
        )

    def alone(self) -> EntryParts:
        """The file's own parts, as those of an entry."""
        layers = _layers((), self._conditions) + _layers((), self._wheres)
        return EntryParts(self.names, self.names, False, None, self._conditions, self._wheres, layers)

    def value_compiler(self, names: Names) -> ValueCompiler:
        """The compiler of values where `${NAME}` may stand."""
        return ValueCompiler(self.report, names, self.around.env, self.around.strict_env)

    def _declared(self) -> Declared | None:
        paths = []
        for key in ("before", "after"):
            scalar = self.source.scalar(key) if self.source else None
            if scalar is None:
                continue
            try:
                paths.append(parse_path(scalar.text, Names(item=True, envelope=self.envelope)))
            except ExpressionRefused as refused:
                report_refusals(refused, self.report, scalar)
        if self.source and (self.source.node.entry("before") is None) != (self.source.node.entry("after") is None):
            key = "before" if self.source.node.entry("before") else "after"
            self.report.add(self.source.at(key), "missing-key", "`before` and `after` go together")
        if self.envelope is ENVELOPES["debezium"]:
            return self._of_debezium()
        return Declared(paths[0], paths[1]) if len(paths) == 2 else None

    def _of_debezium(self) -> Declared:
        for key in ("before", "after"):
            if self.source is not None and self.source.node.entry(key) is not None:
                said = f"under `envelope: debezium` it is known where the row {key} the change is"
                self.report.add(self.source.at(key), "unknown-key", said, "leave before and after out")
        return DEBEZIUM_ROWS

    def _tables(self) -> dict[str, Table]:
        found: dict[str, Table] = {}
        for name, (key, node) in self.values.named("tables").items():
            if isinstance(node, Map | List | Scalar):
                table = self.around.tables.get(name)
                if table is None:
                    table = self._topic_table(key, node) if is_from_topic(node) else self._table(name, node)
                # A table with mistakes still has a name: what refers to it isn't wrong, too.
                found[name] = table if table is not None else Table(name, (), {})
        return found

    def _table(self, name: str, node: Node) -> Table | None:
        return read_table(name, node, self.path.parent, self.around.tree, self.report)

    def _topic_table(self, name: Scalar, node: Node) -> Table:
        source = f"{PREFIX}{name.text}"
        values = TABLE_TOPIC.read(node, self.report)
        if values is None:
            return Table(name.text, (), {}, source=source)
        self.topic_tables.append((name, values))
        return Table(name.text, table_columns(values), {}, source=source)

    def _conditions_of(self, values: Values, names: Names) -> tuple[Condition, ...]:
        node = values.get("when")
        if not isinstance(node, Map | List | Scalar):
            return ()
        self.whens.append(node)
        return read_when(node, names, self.report)

    def _wheres_of(self, values: Values, names: Names) -> tuple[Expression, ...]:
        scalar = values.scalar("where")
        expression = self.compiler.with_names(names).expression(scalar) if scalar else None
        if expression is not None and scalar is not None and expression.type not in ("boolean", "any", "missing"):
            self.report.add(place(scalar), "wrong-type", f"`where` must be true or false, not {expression.type}")
        return (expression,) if expression is not None else ()

    def _each(self, values: Values, scalar: Scalar | None, names: Names) -> Each | None:
        if scalar is None:
            return None
        expression = self.compiler.with_names(replace(names, item=False)).expression(scalar)
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
        own = expression.lets - self.names.lets.keys()
        return Each(f"{values.node.line}: {shared}" if own else shared, expression)


def compile_lets(values: Values, compiler: ValueCompiler) -> Names:
    """The names in scope after a `let`: those before it and its own, each of which may use those above it."""
    names = compiler.names
    lets = values.named("let")
    below = frozenset(lets)
    for name, (key, node) in lets.items():
        if name in names.lets:
            said = f"the file has a `let` of the name {name} already; a rule can't give it another meaning"
            compiler.report.add(place(key), "duplicate-name", said, "choose another name")
            continue
        seen = replace(names, later=below)
        expression = compiler.with_names(seen).value(node) if isinstance(node, Map | List | Scalar) else None
        if expression is None:
            # It has its finding; a stand-in keeps what refers to it from being wrong, too.
            expression = _anything(compiler)
        names = replace(names, lets={**names.lets, name: Let(name, expression)})
    return names


def _anything(compiler: ValueCompiler) -> Expression:
    return compile_expression("item" if compiler.names.item else "payload", Names(item=compiler.names.item))


def _layers(of_file: Sequence[object], of_entry: Sequence[object]) -> tuple[Layer, ...]:
    """Of each of a file's parts, and then of each of an entry's own, where it is written."""
    file: Layer = "file"
    entry: Layer = "rule"
    return (file,) * len(of_file) + (entry,) * len(of_entry)
