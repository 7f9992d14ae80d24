"""One mapping file, from its bytes to compiled rules; everything that is wrong with it goes to one report."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import BEGINNING, List, Map, Node, Scalar, beginning, place
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.paths import EnvelopePaths
from greenflash_kafka.mappings.conversation_entries import ConversationEntry, compile_conversations, fingerprint
from greenflash_kafka.mappings.event_fields import FieldReader, Merged, Written
from greenflash_kafka.mappings.file_parts import EntryParts, FileParts, Surroundings
from greenflash_kafka.mappings.ignored_entries import compile_ignored
from greenflash_kafka.mappings.key_words import OTHER_WORDS
from greenflash_kafka.mappings.link_reader import LinkReader, WrittenLink
from greenflash_kafka.mappings.misplaced_keys import name_in_when
from greenflash_kafka.mappings.rule_facts import RuleFacts, Spot, constant, equalities
from greenflash_kafka.mappings.rule_origins import Origins
from greenflash_kafka.mappings.sample_entry import read_sample
from greenflash_kafka.mappings.source_format import read_source
from greenflash_kafka.mappings.spec import FILE
from greenflash_kafka.mappings.table_entries import TopicTableEntry, compile_topic_tables
from greenflash_kafka.mappings.topic_names import read_topics
from greenflash_kafka.mappings.validity import read_valid
from greenflash_kafka.mappings.value_compiler import ValueCompiler
from greenflash_kafka.mappings.value_kinds import needs_value_type
from greenflash_kafka.model.topic_format import PLAIN, TopicFormat
from greenflash_kafka.rules.event_builder import EventBuilder
from greenflash_kafka.rules.field_usage import payload_reads
from greenflash_kafka.rules.ignored import Ignored
from greenflash_kafka.rules.rule import Each, FileFacts, Rule, Valid
from greenflash_kafka.rules.rule_code import RuleCode
from greenflash_kafka.rules.rule_info import Layer
from greenflash_kafka.rules.ruleset import CompiledFile
from greenflash_kafka.rules.sample import Sample
from greenflash_kafka.rules.when_conditions import asks_for_nothing

_REQUIRED = ("event_type", "product_id", "value")


@dataclass(slots=True)
class Understood:
    """A mapping file as far as it could be understood: what runs, and what checks over several files need."""

    path: Path
    report: FileReport
    root: Node | None = None
    topics: dict[str, Scalar] = field(default_factory=dict)
    patterns: dict[str, Scalar] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    names: list[Scalar] = field(default_factory=list)
    whens: list[Node] = field(default_factory=list)
    facts: list[RuleFacts] = field(default_factory=list)
    links: list[WrittenLink] = field(default_factory=list)
    conversations: list[ConversationEntry] = field(default_factory=list)
    conversations_written: int = 0
    activities: str = ""
    tables: list[TopicTableEntry] = field(default_factory=list)
    ignored: list[Ignored] = field(default_factory=list)
    format: TopicFormat = PLAIN
    source: Values | None = None
    digests: tuple[bytes, ...] = ()
    """SHA-256 of its content, and of that of each file that was read for it."""

    def again(self) -> Understood:
        """The same with a report of its own, to which others can add findings."""
        report = self.report.copy()
        facts = [replace(each, report=report) for each in self.facts]
        return replace(self, report=report, facts=facts, links=[replace(each, report=report) for each in self.links])

    @property
    def compiled(self) -> CompiledFile:
        """The part that runs."""
        return CompiledFile(
            str(self.path),
            tuple(self.topics),
            tuple(self.patterns),
            tuple(self.rules),
            tuple(entry.source for entry in self.conversations),
            tuple(entry.rule for entry in self.conversations),
            self.activities,
            self.format,
            hashlib.sha256(b"".join(self.digests)).hexdigest(),
            tuple(self.ignored),
            self._initial_offset_at,
        )

    @property
    def _initial_offset_at(self) -> str:
        if self.source is None or not self.source.has("initial_offset"):
            return ""
        return f"{self.path}:{self.source.at('initial_offset').line}"

    @property
    def table_files(self) -> list[CompiledFile]:
        """The tables from topics, each read as a file of its own."""
        return [
            CompiledFile(
                str(self.path), (each.table.topic,), (), (), format=each.format, tables=((each.table, each.rule),)
            )
            for each in self.tables
        ]


def understand(path: Path, content: bytes, around: Surroundings) -> Understood:
    """Read and compile a mapping file."""
    report = FileReport(str(path))
    root = parse(content, report)
    understood = Understood(path, report, root)
    values = FILE.read(root, report) if root is not None else None
    if root is None and not report.findings:
        report.add(BEGINNING, "missing-key", "the file is empty", "begin with version: 1")
    if values is not None:
        _compile(values, around, understood, Origins(str(path), content, values))
    elif report.failed:
        # What a file says that can't be read isn't known: it may describe conversations.
        understood.conversations_written = 1
    return understood


def _compile(values: Values, around: Surroundings, understood: Understood, origins: Origins) -> None:
    """Compile a file's parts, from those that others refer to down to its rules and conversations."""
    report = understood.report
    source = values.record("source")
    read_topics(source.get("topics") if source else None, understood.topics, understood.patterns, report)
    if source is not None:
        understood.source = source
        understood.format = read_source(source, understood.path.parent, around.tree, report)
    file = FileParts(values, understood.path, around, report)
    understood.tables = compile_topic_tables(file, understood.topics, understood.format, origins)
    fields, links = FieldReader(report), LinkReader(values, report)
    for rule in values.records("rules"):
        _RuleCompiler(file, rule, fields, links, origins, understood).compile()
    if file.first_match and len({facts.each for facts in understood.facts}) > 1:
        said = "with `first_match` all rules of a file run over the same `each`, or none"
        report.add(values.at("first_match"), "mixed-each", said)
    understood.ignored = compile_ignored(file)
    understood.whens = file.whens
    understood.conversations = compile_conversations(file, origins)
    written = values.get("conversations")
    understood.conversations_written = len(written) if isinstance(written, list) else int(values.has("conversations"))
    understood.activities = fingerprint(file, understood.conversations)
    if values.has("link") and not values.has("rules"):
        said = "`link` says how events are linked, and this file has no rules"
        report.add(values.at("link"), "link-without-rules", said)
    _needs_rules(values, report)
    if values.has("defaults") and values.has("conversations") and not values.has("rules"):
        said = "`defaults` are fields of events, and this file has no rules: its conversations take nothing from them"
        report.add(values.at("defaults"), "defaults-without-rules", said)


def _needs_rules(values: Values, report: FileReport) -> None:
    """Say of what is for rules that this file has none."""
    if values.has("rules"):
        return
    if values.has("ignored"):
        said = "`ignored` is about messages that rules read, and this file has no rules"
        report.add(values.at("ignored"), "ignored-without-rules", said)
    source = values.record("source")
    if source is not None and source.has("initial_offset"):
        said = "conversations are read as far back as links look, and this file has no rules"
        report.add(source.at("initial_offset"), "initial-offset-without-rules", said)


class _RuleCompiler:
    """Compiles one rule of a file."""

    def __init__(
        self,
        file: FileParts,
        values: Values,
        fields: FieldReader,
        links: LinkReader,
        origins: Origins,
        understood: Understood,
    ) -> None:
        self.file = file
        self.values = values
        self.fields = fields
        self.links = links
        self.origins = origins
        self.understood = understood
        self.report = file.report
        self.name = values.scalar("name")

    def compile(self) -> None:
        file, values = self.file, self.values
        parts = file.entry(values)
        names, each = parts.names, parts.each
        self._needs_condition(parts.has_each)
        if not values.has("name"):
            name_in_when(values.node.get("when"), self.report)
        compiler = file.value_compiler(parts.outer)
        merged = self._merged(parts, compiler)
        self._needs_fields(merged)
        self._needs_item(merged, parts.has_each)
        valid = read_valid(values.get("valid"), self.report)
        name = self.name.text if self.name else "the rule"
        link = self.links.read(values, name, merged, self._compilers(parts))
        if self.name is None or (parts.has_each and each is None):
            return
        null = asks_for_nothing(parts.conditions) or any(_names_payload(one) for one in parts.wheres)
        code = parts.code(file, self.name, null=null)
        fields = merged.fields
        compiled_link = link.compiled if link is not None else None
        expressions = (
            *([each.expression] if each else []),
            *fields.expressions,
            *(link.expressions if link else ()),
        )
        builder = EventBuilder(name, fields, compiled_link, file=self.report.file, line=self.name.line)
        sample = read_sample(values.get("sample"), compiler.with_names(names), self.report)
        if sample is not None:
            builder.keep(name, sample)
            expressions = (*expressions, sample.by)
            self._never_revenue(sample, merged)
        rule = Rule(
            name,
            FileFacts(str(file.path), file.json_key, file.first_match),
            code,
            builder,
            self.origins.rule(name, values, parts, code, merged, link),
            each=each,
            valid=valid,
            event_at=builder.event_at() if valid is not None else None,
            has_key="insert_id" in merged.single,
            identity=_identity(name, each, merged, names.envelope),
            reads=payload_reads([*code.reads, *(path for one in expressions for path in one.paths)], names),
            link=compiled_link,
            tables=_from_topics(names, expressions),
            draft=values.get("draft") is True,
        )
        self.understood.rules.append(rule)
        self.understood.names.append(self.name)
        if link is not None:
            self.understood.links.append(link)
        if values.record("event") is not None:
            needs_value_type(merged, names, self.report)
        self._note(self.name, parts, code, merged, valid)

    def _never_revenue(self, sample: Sample, merged: Merged) -> None:
        value = merged.single.get("value")
        if value is None or value.expression is None or value.expression.type != "money" or sample.revenue:
            return
        said = "a part of the amounts is left out, so that their sum is too small"
        hint = "leave sample out, or write revenue: true in it if that is meant"
        self.report.add(self.values.at("sample"), "sampled-revenue", said, hint)

    def _compilers(self, parts: EntryParts) -> dict[Layer, ValueCompiler]:
        compiler = ValueCompiler(self.report, parts.outer, None, self.file.around.strict_env)
        return {"file": compiler, "rule": compiler.with_names(parts.names)}

    def _merged(self, parts: EntryParts, compiler: ValueCompiler) -> Merged:
        links = self.links.links(self.values)
        return self.fields.merge(
            [
                ("file", self.file.values.record("defaults"), compiler),
                ("rule", self.values.record("event"), compiler.with_names(parts.names)),
            ],
            links=links,
            unlinked=not links and self.file.values.has("link"),
        )

    def _note(self, name: Scalar, parts: EntryParts, code: RuleCode, merged: Merged, valid: Valid | None) -> None:
        """Keep what others judge the rule by."""
        facts = RuleFacts(
            name.text,
            place(name),
            self.report,
            self.values.at("event"),
            merged,
            parts.names,
            parts.conditions,
            equalities(each.line for each in code.conditions if each.line is not None),
            self.file.declared,
            tuple(_spots(self.file, self.values, parts)),
            parts.each.text if parts.each else "",
            self.file.first_match,
            self.links.links(self.values),
            valid,
            self.values.at("valid"),
            self.values.record("event") is not None,
            not self.report.failed,
        )
        self.understood.facts.append(facts)

    def _needs_condition(self, has_each: bool) -> None:
        for values in (self.values, self.file.values):
            when = values.node.get("when")
            if (
                values.misspelled & {"when", "where", "each"}
                or any("`when`" in OTHER_WORDS.get(entry.key.text, "") for entry in values.node.entries)
                or values.node.entry("where") is not None
                or (when is not None and not _is_empty(when))
            ):
                return
        if not has_each:
            at = place(self.name) if self.name else beginning(self.values.node)
            self.report.add(at, "no-condition", "the rule would match every message", "add a `when` or a `where`")

    def _needs_fields(self, merged: Merged) -> None:
        if self.values.record("event") is None:
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


def _spots(file: FileParts, rule: Values, parts: EntryParts) -> Iterator[Spot]:
    """The expressions of a rule that are no fields of its event, with those of its file."""
    for values in (file.values, rule):
        for name, (_, node) in values.named("let").items():
            let = parts.names.lets.get(name)
            if let is not None and isinstance(let.expression, Expression) and isinstance(node, Scalar | List | Map):
                yield Spot(let.expression, place(node))
    written = [each for each in (v.scalar("where") for v in (file.values, rule)) if each is not None]
    if len(written) == len(parts.wheres):
        yield from (Spot(one, place(at)) for one, at in zip(parts.wheres, written, strict=True))
    if parts.each is not None:
        yield Spot(parts.each.expression, rule.at("each") if rule.has("each") else file.values.at("each"))


def _identity(name: str, each: Each | None, merged: Merged, envelope: EnvelopePaths) -> str:
    """What the ids of a rule's events are made of: its own name and list, or what it writes as its `insert_id`; and
    what its paths mean."""
    key = merged.single.get("insert_id")
    around = "".join(f" under {step}" for step in envelope.payload)
    if key is None:
        return f"record {name} {each.text if each is not None else ''}{around}"
    return f"key {_text(merged.single.get('event_type'))} {_text(key)}{around}"


def _text(written: Written | None) -> str:
    """A field as it is written, however it is spaced."""
    if written is None or written.expression is None:
        return ""
    return " ".join(written.expression.text.split()) or str(constant(written))


def _from_topics(names: Names, expressions: Iterable[Expression]) -> frozenset[str]:
    """The sources of the tables from topics that these read."""
    used = {names.tables[name].source for one in expressions for name in one.tables if name in names.tables}
    return frozenset(used - {""})


def _names_payload(where: Expression) -> bool:
    """Whether an expression looks at the payload as a whole: `not exists(payload)`."""
    return any(path.root == "payload" and not path.steps for path in where.paths)


def _is_empty(node: object) -> bool:
    return isinstance(node, Map) and not node.entries
