"""Tables from topics of a mapping file, each compiled into a rule that gives rows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Final

from msgspec.structs import replace

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values, wrong
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar, place
from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.paths import EnvelopePaths
from greenflash_kafka.expressions.values import NAMES
from greenflash_kafka.mappings.activity_fingerprint import said_by
from greenflash_kafka.mappings.event_fields import Merged, Written
from greenflash_kafka.mappings.file_parts import FileParts
from greenflash_kafka.mappings.rule_origins import Origins
from greenflash_kafka.mappings.source_format import read_source
from greenflash_kafka.mappings.topic_names import read_topics
from greenflash_kafka.mappings.value_compiler import ValueCompiler
from greenflash_kafka.model.conversations import MINUTE_MS
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat
from greenflash_kafka.model.topic_tables import PREFIX, TopicTable
from greenflash_kafka.rules.field_usage import payload_reads
from greenflash_kafka.rules.rule import FileFacts, Rule
from greenflash_kafka.rules.table_row_builder import TableRowBuilder

_FIELD: Final = re.compile(r"[^\W\d]\w*")
_PATH: Final = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_LAST_WORD: Final = re.compile(r"(\w+)\W*$")
_BEFORE: Final = EnvelopePaths(("before",))


@dataclass(frozen=True, slots=True)
class TopicTableEntry:
    """A table as it is compiled: what expressions see of it, the rule that finds its rows, and how its topic is
    read. `written` is the name, `topic` the topic, as they stand in the file."""

    written: Scalar
    topic: Scalar
    table: TopicTable
    rule: Rule
    format: TopicFormat
    values: Values


def compile_topic_tables(
    file: FileParts, topics: Mapping[str, Scalar], format: TopicFormat, origins: Origins
) -> list[TopicTableEntry]:
    """The tables from topics of a file that reads these `topics` in this `format`; those with mistakes are left out
    after saying what is wrong with them."""
    found = []
    for name, values in file.topic_tables:
        entry = _Compiler(file, name, values).compile(topics, format, origins)
        if entry is not None:
            found.append(entry)
    return found


class _Compiler:
    """Compiles one table."""

    def __init__(self, file: FileParts, name: Scalar, values: Values) -> None:
        self.file = file
        self.name = name
        self.values = values
        self.report: FileReport = file.report

    def compile(self, topics: Mapping[str, Scalar], format: TopicFormat, origins: Origins) -> TopicTableEntry | None:
        file, values = self.file, self.values
        topic = values.scalar("topic")
        names: dict[str, Scalar] = {}
        patterns: dict[str, Scalar] = {}
        read_topics([topic], names, patterns, self.report)
        if patterns and topic is not None:
            wrong(topic, self.report, "a topic's name", "rows of several topics can't be told apart")
        own, inherited = values.record("source"), None
        if own is not None:
            format = read_source(own, file.path.parent, file.around.tree, self.report)
        elif topic is not None and topic.text in topics:
            inherited = file.source
        else:
            format = PLAIN
        parts = FileParts(values, file.path, file.around, self.report, inherited)
        file.whens += parts.whens
        compiler = ValueCompiler(self.report, parts.names, None, file.around.strict_env)
        key = self._key(compiler)
        fields = self._fields(compiler)
        deleted = values.scalar("deleted")
        deletes = compiler.expression(deleted) if deleted is not None else None
        if deletes is not None and deleted is not None and deletes.type not in ("boolean", "any", "missing"):
            self.report.add(place(deleted), "wrong-type", f"`deleted` must be true or false, not {deletes.type}")
        if topic is None or not names or key is None or not fields or (deleted is not None and deletes is None):
            return None
        source = f"{PREFIX}{self.name.text}"
        before = None
        if parts.envelope.payload == ("after",):
            before = compile_expression(key.text, replace(parts.names, envelope=_BEFORE), self.report.file)
        entry = parts.alone()
        code = entry.code(parts, self.name)
        word = _LAST_WORD.search(key.text)
        expressions = [key, *fields.values(), *([deletes] if deletes else []), *([before] if before else [])]
        reads = [*code.reads, *(path for one in expressions for path in one.paths)]
        written = {"key": Written(key, self.values.at("key"), self.values.at("key"), "rule")}
        rule = Rule(
            source,
            FileFacts(str(file.path), parts.json_key, first_match=False),
            code,
            TableRowBuilder(source, key, before, word[1] if word else "", fields, deletes),
            origins.rule(source, values, entry, code, Merged(single=written)),
            reads=payload_reads(reads, parts.names) | ({("op",)} if before else set()),
        )
        delay = values.get("max_delay")
        table = TopicTable(
            source,
            topic.text,
            tuple(fields),
            delay if isinstance(delay, int) else MINUTE_MS,
            self._declaration(inherited, format),
        )
        return TopicTableEntry(self.name, topic, table, rule, format, values)

    def _declaration(self, inherited: Values | None, format: TopicFormat) -> str:
        said = [
            version("greenflash-kafka"),
            repr(format.schema),
            said_by(self.values.node, ("topic", "source", "when", "where", "key", "fields", "deleted")),
            said_by(inherited.node, ("format", "schema", "message", "key", "envelope")) if inherited else [],
        ]
        return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode("utf-8", "replace")).hexdigest()

    def _key(self, compiler: ValueCompiler) -> Expression | None:
        node = self.values.get("key")
        if not isinstance(node, Scalar):
            if isinstance(node, List | Map):
                wrong(
                    node, self.report, "a field or an expression", "rows are looked up by one key: concat() makes one"
                )
            return None
        key = self._expression(node, compiler)
        if key is None:
            return None
        if key.type in ("boolean", "list", "object"):
            said = f"a table's key can't be {NAMES[key.type]}"
            self.report.add(place(node), "wrong-type", said, "use the text or number that rows are looked up by")
            return None
        if key.constant:
            self.report.add(place(node), "wrong-type", "this key is the same for every message", "e.g. key: id")
            return None
        return key

    def _fields(self, compiler: ValueCompiler) -> dict[str, Expression]:
        node = self.values.get("fields")
        written: list[tuple[str, Node]] = []
        if isinstance(node, Map):
            written = [(entry.key.text, entry.value) for entry in node.entries]
        elif isinstance(node, List):
            for item in node.items:
                if isinstance(item, Scalar) and _FIELD.fullmatch(item.text):
                    written.append((item.text, item))
                else:
                    wrong(item, self.report, "a field's name", "a map gives names: {user_id: = payload.metadata.user}")
        if not written:
            if isinstance(node, Scalar) or (isinstance(node, List | Map) and not _parts(node)):
                wrong(node, self.report, "a list of fields, or a map of names to expressions", "e.g. [user_id]")
            return {}
        found: dict[str, Expression] = {}
        for name, each in written:
            expression = self._expression(each, compiler) if isinstance(each, Scalar) else None
            if not isinstance(each, Scalar):
                wrong(each, self.report, "an expression", "put the whole expression in quotes")
            if expression is None:
                return {}
            found[name] = expression
        return found

    def _expression(self, node: Scalar, compiler: ValueCompiler) -> Expression | None:
        """A field of the row, or an expression, which begins with =."""
        if node.text.startswith("="):
            return compiler.expression(node)
        if _PATH.fullmatch(node.text):
            return compile_expression(f"payload.{node.text}", compiler.names, self.report.file, node.line)
        self.report.add(place(node), "no-expression", "this is a field's name, or an expression", f"= {node.text}")
        return None


def _parts(node: List | Map) -> int:
    return len(node.items) if isinstance(node, List) else len(node.entries)
