"""Conversations of a mapping file: each entry of `conversations`, compiled into a rule that gives activities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from greenflash_kafka.documents.schema_types import Values, wrong
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Scalar, beginning, place
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.expressions.values import NAMES, Type
from greenflash_kafka.mappings.activity_fingerprint import activity_fingerprint
from greenflash_kafka.mappings.event_fields import Merged, Written
from greenflash_kafka.mappings.file_parts import FileParts
from greenflash_kafka.mappings.needed_expression import read_expression
from greenflash_kafka.mappings.rule_origins import Origins
from greenflash_kafka.mappings.value_compiler import NULL_UUID, ValueCompiler, of_variable
from greenflash_kafka.model.conversations import MINUTE_MS, ConversationSource
from greenflash_kafka.model.event import FIELD
from greenflash_kafka.rules.activity_builder import ActivityBuilder
from greenflash_kafka.rules.field_usage import payload_reads
from greenflash_kafka.rules.fields import literal_refusal
from greenflash_kafka.rules.rule import FileFacts, Rule

SHORT_DELAY_MS: Final = 5_000
"""The difference that clocks have, and the margin with which the end of a topic is trusted."""

_NO_ID: Final[frozenset[Type]] = frozenset(("boolean", "list", "object"))
_PICK: Final = "use the text or number that tells one from the other"
_NO_TIME: Final[frozenset[Type]] = frozenset(("boolean", "list", "object", "number", "money"))
_NOWHERE: Final = Scope(None)


@dataclass(frozen=True, slots=True)
class ConversationEntry:
    """A conversation as it is compiled: what links see of it, the rule that finds its activities, and the tables that
    this one reads."""

    name: Scalar
    values: Values
    source: ConversationSource
    rule: Rule
    tables: frozenset[str]


def compile_conversations(file: FileParts, origins: Origins) -> list[ConversationEntry]:
    """The conversations of a file; those with mistakes are left out after saying what is wrong with them."""
    found: list[ConversationEntry] = []
    for values in file.values.records("conversations"):
        entry = _Compiler(file, values).compile(origins)
        if entry is not None:
            found.append(entry)
    return found


def fingerprint(file: FileParts, entries: Sequence[ConversationEntry]) -> str:
    """Of all that decides which activities a file's conversations find; "" without any."""
    if not entries:
        return ""
    used = frozenset[str]().union(*(entry.tables for entry in entries))
    tables = {name: table for name, table in file.tables.items() if name in used}
    return activity_fingerprint(file.values, [entry.values for entry in entries], tables)


class _Compiler:
    """Compiles one conversation."""

    def __init__(self, file: FileParts, values: Values) -> None:
        self.file = file
        self.values = values
        self.report = file.report

    def compile(self, origins: Origins) -> ConversationEntry | None:
        file, values = self.file, self.values
        parts = file.entry(values)
        compiler = ValueCompiler(self.report, parts.names, None, file.around.strict_env)
        id_key = self._id_key()
        id_ = self._expression(id_key, compiler, _NO_ID, _PICK) if id_key else None
        at = self._expression("at", compiler, _NO_TIME, 'write time(..., "s")')
        keys = self._keys(compiler)
        source = self._source(list(keys), greenflash_id=id_key == "greenflash_id")
        name = values.scalar("name")
        self._advise(at, name)
        if name is None or id_ is None or not keys or (parts.has_each and parts.each is None):
            return None
        code = parts.code(file, name)
        written = {str(id_key): id_, **({"at": at} if at is not None else {})}
        written |= {f"keys.{key}": expression for key, expression in keys.items()}
        expressions = [one.expression for one in written.values() if one.expression is not None]
        each = [parts.each.expression] if parts.each else []
        rule = Rule(
            name.text,
            # Two conversations may both see one message, whatever the file's rules do.
            FileFacts(str(file.path), file.json_key, first_match=False),
            code,
            ActivityBuilder(
                name.text,
                expressions[0],
                at.expression if at is not None else None,
                [(key, one.expression) for key, one in keys.items() if one.expression is not None],
                greenflash_id=id_key == "greenflash_id",
            ),
            origins.rule(name.text, values, parts, code, Merged(single=written)),
            each=parts.each,
            reads=payload_reads(
                [*code.reads, *(path for one in (*each, *expressions) for path in one.paths)], parts.names
            ),
        )
        lets = [let.expression for let in parts.names.lets.values()]
        tables = frozenset().union(*(one.tables for one in (*parts.wheres, *each, *expressions, *lets)))
        return ConversationEntry(name, values, ConversationSource(name.text, *source), rule, tables)

    def _id_key(self) -> str | None:
        """Which of the two keys the id stands under."""
        written = [key for key in ("id", "greenflash_id") if self.values.has(key)]
        if len(written) == 2:
            said = "a conversation has one id: `id` is your own, `greenflash_id` Greenflash's"
            self.report.add(self.values.at("greenflash_id"), "wrong-type", said, "keep one of them")
        return written[0] if written else None

    def _expression(self, key: str, compiler: ValueCompiler, never: frozenset[Type], hint: str) -> Written | None:
        node = self.values.get(key)
        return self._written(key, node, compiler, never, hint) if isinstance(node, Scalar | List | Map) else None

    def _written(
        self, words: str, node: Node, compiler: ValueCompiler, never: frozenset[Type], hint: str
    ) -> Written | None:
        expression = read_expression(words, node, compiler)
        if expression is None:
            return None
        if expression.type in never:
            self.report.add(place(node), "wrong-type", f"{words} can't be {NAMES[expression.type]}", hint)
            return None
        if expression.constant and words != "at":
            if words.startswith("keys."):
                said = f"{words} is the same for every message, so everybody's events would be linked by it"
                self.report.add(place(node), "constant-key", said, "use whose the conversation is, or leave it out")
            else:
                said = f"this {words} is the same for every message, so there would be one conversation only"
                self.report.add(place(node), "constant-id", said, "e.g. = payload.conversation_id")
                return None
        at = place(node)
        return Written(expression, at, at, "rule")

    def _keys(self, compiler: ValueCompiler) -> dict[str, Written]:
        keys: dict[str, Written] = {}
        for name, (_, node) in self.values.named("keys").items():
            if isinstance(node, Scalar | List | Map):
                one = self._written(f"keys.{name}", node, compiler, _NO_ID, _PICK)
                if one is not None:
                    keys[name] = one
        node = self.values.node.get("keys")
        if isinstance(node, Map) and not node.entries:
            said = "without keys nobody's event is linked to it"
            self.report.add(place(node), "wrong-type", said, "e.g. {external_user_id: = payload.user_id}")
        return keys

    def _source(self, keys: list[str], *, greenflash_id: bool) -> tuple[tuple[str, ...], int, str | None, bool]:
        """Of a ConversationSource what follows its name."""
        delay = self.values.get("max_delay")
        product = self._product()
        return tuple(keys), delay if isinstance(delay, int) else MINUTE_MS, product, greenflash_id

    def _product(self) -> str | None:
        node = self.values.get("product_id")
        if not isinstance(node, Scalar | List | Map):
            return None
        if not isinstance(node, Scalar):
            wrong(node, self.report, "a UUID or ${NAME}")
            return None
        if node.text.startswith("="):
            said = "a conversation's product is known before any message: a UUID or ${NAME}"
            self.report.add(place(node), "wrong-type", said, "leave it out if it depends on the message")
            return None
        expression = self.file.value_compiler(Names()).value(node)
        value = expression.evaluate(_NOWHERE) if expression is not None else None
        if expression is None:
            return None
        refused = literal_refusal(FIELD["product_id"], value)
        if refused is not None:
            whose, hint = of_variable(node.text)
            self.report.add(place(node), "not-allowed", f"product_id {refused}{whose}", hint)
            return None
        # What stands for a variable that isn't set is nobody's product.
        return None if value == NULL_UUID else str(value)

    def _advise(self, at: Written | None, name: Scalar | None) -> None:
        """Remarks about a conversation that would work."""
        said_name = name.text if name is not None else "the conversation"
        if at is None and not self.values.has("at"):
            said = f"{said_name} has no `at`: the record's timestamp stands for the time of the interaction"
            where = place(name) if name is not None else beginning(self.values.node)
            hint = "add at: = time(payload....), or = kafka.timestamp if that is meant"
            self.report.add(where, "no-activity-time", said, hint)
        delay = self.values.get("max_delay")
        if isinstance(delay, int) and delay < SHORT_DELAY_MS:
            said = (
                f"a message of {said_name} that arrives later than this isn't considered, and clocks differ by seconds"
            )
            node = self.values.node.get("max_delay")
            self.report.add(place(node) if node else self.values.at("max_delay"), "short-max-delay", said)
