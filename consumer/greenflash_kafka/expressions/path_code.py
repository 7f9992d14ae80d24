"""Compilation of paths: the meaning of a name, and fast steps through objects and lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, Final

from greenflash_kafka.documents.did_you_mean import closest_word
from greenflash_kafka.documents.vocabulary import instead_of
from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.code_writer import CodeWriter
from greenflash_kafka.expressions.conversation import CONVERSATION_FIELDS
from greenflash_kafka.expressions.names import KAFKA_FIELDS, Path, Table
from greenflash_kafka.expressions.operand import Operand
from greenflash_kafka.expressions.values import NAMES, Type

_AT_ONCE: Final = 20
"""Steps in one statement: Python's own parser takes no more than so many brackets."""

_KAFKA_TYPES: Final[dict[str, Type]] = {
    "topic": "text",
    "partition": "number",
    "offset": "number",
    "timestamp": "time",
    "headers": "object",
    "schema": "text",
}

TOPIC_TABLES_IN: Final = "link.by, external_user_id, external_organization_id and properties"

Step = str | int | Operand
"""A key or position that is written out, or one that is worked out on each message."""


def _written_out(steps: Sequence[Step]) -> tuple[str | int, ...]:
    """The steps up to the first that isn't known before any message."""
    written: list[str | int] = []
    for step in steps:
        if isinstance(step, Operand):
            break
        written.append(step)
    return tuple(written)


class PathCode(CodeWriter):
    """The part of the compiler that writes names and paths."""

    def share(self, paths: Iterable[Path]) -> None:
        """Write, ahead of everything else, what several of these paths have in common: it is read once."""
        ways: Counter[tuple[str, tuple[str | int, ...]]] = Counter()
        for path in paths:
            if path.root in ("payload", "item"):
                ways.update((path.root, path.steps[: end + 1]) for end in range(len(path.steps)))
        # A way that all go on in the same direction isn't where they part.
        further = {(root, steps[:-1]) for (root, steps), count in ways.items() if count == ways[root, steps[:-1]]}
        self._sharing = self.emitter
        for (root, steps), count in sorted(ways.items(), key=lambda each: len(each[0][1])):
            if count > 1 and (root, steps) not in further:
                self._shared[root, steps] = self._follow_root(root, list(steps))

    def look_up(self, root: str, steps: tuple[str | int, ...]) -> str:
        """Read a path of the payload or the item, each step once in the function that is being written, and give the
        name of what is found; None if it is missing.

        This is for conditions: for most messages something on the way is missing, and raising an exception takes longer
        than the checks. In the expressions of a rule that matches, most often all is there (`follow`).
        """
        name = self.looked_up.get((root, steps))
        if name is None:
            code = f"s.{root}" if not steps else self._next_step(self.look_up(root, steps[:-1]), steps[-1])
            name = self.looked_up[root, steps] = self.temporary()
            self.emitter.line(f"{name} = {code}")
        return name

    def _next_step(self, code: str, step: str | int) -> str:
        key = self.constants.name(step)
        return (
            f"{code}.get({key}) if {code}.__class__ is dict else None"
            if isinstance(step, str)
            else f"at({code}, {key})"
        )

    def follow_row(self, code: str, steps: Sequence[str | int], absent: str) -> str:
        """Write the steps from a row before a change on, and give the name of what is found: None under a null on the
        way (then it was null, too), `absent` where a key isn't there."""
        name = self.temporary()
        self.emitter.line(f"{name} = {code}")
        for step in steps:
            key = self.constants.name(step)
            with self.emitter.block(f"if {name}.__class__ is {'dict' if isinstance(step, str) else 'list'}:"):
                # A list is always given whole: what isn't in it wasn't there.
                found = f"{name}.get({key}, {absent})" if isinstance(step, str) else f"at({name}, {key})"
                self.emitter.line(f"{name} = {found}")
            with self.emitter.block(f"elif {name} is not None:"):
                self.emitter.line(f"{name} = {absent}")
        return name

    def _follow_root(self, root: str, steps: list[Step]) -> str:
        """Write the steps from a root on, beginning with what is shared, where that can be seen."""
        if self.emitter is self._sharing:
            written = _written_out(steps)
            for end in range(len(written), 0, -1):
                shared = self._shared.get((root, written[:end]))
                if shared is not None:
                    return self.follow(shared, steps[end:])
        return self.follow(f"s.{root}", steps, local=False)

    def name(self, node: tree.Name) -> Operand:
        """A word by itself."""
        return self._path(node, [], node)

    def steps(self, node: tree.Steps) -> Operand:
        """`base.word[index]...`."""
        steps = [self._step(step) for step in node.steps]
        if isinstance(node.base, tree.Name):
            return self._path(node.base, steps, node)
        base = self.operand(node.base)
        if base.type not in ("any", "object", "list", "missing"):
            self.remark("type-mismatch", f"there is nothing in {NAMES[base.type]}", None, node)
        if not base.known:
            return Operand(self.follow(base.code, steps))
        return Operand(self.follow(base.code, steps), live=True)

    def _step(self, step: tree.Member | tree.Index) -> Step:
        if isinstance(step, tree.Member):
            return step.word
        at = self.operand(step.at)
        if not at.constant or at.value is None:
            return at
        if isinstance(at.value, str):
            return str.__str__(at.value)
        if isinstance(at.value, Decimal) and at.value == at.value.to_integral_value():
            return int(at.value)
        if at.value.__class__ is int:
            return int(at.value)
        self.refuse("bad-literal", "a step is a text or a whole number", '["a key"], [0], [-1]', step.at)
        return at

    def _path(self, word: tree.Name, steps: list[Step], node: tree.Node) -> Operand:
        if word.word in self.variables:
            return Operand(self.follow(self.variables[word.word], steps))
        let = self.names.lets.get(word.word)
        if let is not None:
            self.lets.add(word.word)
            self.note(word.word, steps)
            name = self.temporary()
            self.emitter.line(f"{name} = read_let(s, {self.constants.name(let)})")
            kind: Type = let.expression.type
            return Operand(self.follow(name, steps), "any" if steps else kind)
        match word.word:
            case "payload":
                return self._root(word.word, [*self.names.envelope.payload, *steps])
            case "item" | "index":
                if not self.names.item:
                    said = f"{word.word} is known only where each is set"
                    return self.refuse("unknown-name", said, f"payload.{word.word}, if it is a field", word)
                return self._root(word.word, steps, "number" if word.word == "index" and not steps else "any")
            case "kafka":
                return self._kafka(steps, node)
            case "tables":
                return self._table(steps, node)
            case "envelope":
                if self.names.envelope.payload:
                    return self._root("payload", steps)
                said = "envelope is known only where the file names one: source: {envelope: debezium} or cloudevents"
                return self.refuse("unknown-name", said, "payload.envelope, if it is a field", word)
            case "conversation":
                return self._conversation(steps, node, word)
        return self._unknown(word, node)

    def _root(self, root: str, steps: list[Step], kind: Type = "any") -> Operand:
        self.roots.add(root)
        self.note(root, steps)
        return Operand(self._follow_root(root, steps), kind)

    def _unknown(self, word: tree.Name, node: tree.Node) -> Operand:
        known = ["payload", "kafka", "tables", *self.names.lets, *self.variables]
        if self.names.item:
            known += ["item", "index"]
        near = instead_of(word.word, "names") or closest_word(word.word, known, 0.7)
        hint = near or f"payload.{self.text[node.start : node.end]}, if it is a field of the message"
        if word.word in self.names.later:
            hint = f"`{word.word}` stands below: move it above the line that uses it"
        before = self.text[: word.start].rstrip()
        if before.endswith("-") and before[:-1][-1:].isalnum():
            hint = f'payload["order-id"], if {word.word} is the end of a field\'s name'
        return self.refuse("unknown-name", f'"{word.word}" is an unknown name here', hint, word)

    def note(self, root: str, steps: Sequence[Step]) -> None:
        """Note that a path is read."""
        self.paths.setdefault(Path(root, _written_out(steps)))

    def _kafka(self, steps: list[Step], node: tree.Node) -> Operand:
        fields = ", ".join(f"kafka.{field}" for field in KAFKA_FIELDS)
        if not steps or isinstance(steps[0], Operand):
            return self.refuse("unknown-name", "kafka is not a value by itself", fields, node)
        field, *rest = steps
        if field not in KAFKA_FIELDS:
            near = closest_word(str(field), KAFKA_FIELDS)
            return self.refuse("unknown-name", f"kafka has no {field}", f"kafka.{near}" if near else fields, node)
        self.roots.add("kafka")
        self.note("kafka", steps)
        kind: Type = "any" if rest else _KAFKA_TYPES.get(str(field), "any")
        return Operand(self.follow(f"s.kafka.{KAFKA_FIELDS[KAFKA_FIELDS.index(str(field))]}", rest, local=False), kind)

    def _conversation(self, steps: list[Step], node: tree.Node, word: tree.Name) -> Operand:
        if not self.names.conversation:
            said = "conversation is known only in `properties`, and only of a rule that has a `link`"
            return self.refuse(
                "unknown-name", said, "payload.conversation, if it is a field; or give the rule a `link`", word
            )
        fields = ", ".join(f"conversation.{field}" for field in CONVERSATION_FIELDS)
        if not steps or isinstance(steps[0], Operand):
            return self.refuse("unknown-name", "conversation is not a value by itself", fields, node)
        field = CONVERSATION_FIELDS.get(str(steps[0]))
        if field is None:
            near = closest_word(str(steps[0]), CONVERSATION_FIELDS)
            hint = f"conversation.{near}" if near else fields
            return self.refuse("unknown-name", f"conversation has no {steps[0]}", hint, node)
        self.roots.add("conversation")
        self.note("conversation", steps)
        name, read = self.temporary(), self.constants.name(field.read)
        self.emitter.line(f"{name} = None if s.conversation is None else {read}(s.conversation)")
        return Operand(self.follow(name, steps[1:]), "any" if steps[1:] else field.type)

    def _table(self, steps: list[Step], node: tree.Node) -> Operand:
        name = steps[0] if steps else None
        table = self.names.tables.get(name) if isinstance(name, str) else None
        if table is None:
            near = closest_word(str(name), self.names.tables) if isinstance(name, str) else None
            said = f'there is no table "{name}"' if isinstance(name, str) else "tables is not a value by itself"
            return self.refuse("unknown-name", said, f"tables.{near}" if near else "tables.name[key].column", node)
        self.roots.add("tables")
        self.tables.add(table.name)
        self.note("tables", steps)
        if len(steps) < 2:
            hint = f"tables.{table.name}[key].{table.columns[-1] if table.columns else 'column'}"
            return self.refuse("unknown-name", "a table is not a value by itself", hint, node)
        if table.source and not self.names.topic_tables:
            said = f'table "{table.name}" is told by a topic: it is known only in {TOPIC_TABLES_IN}'
            return self.refuse("unknown-name", said, "use it there, not in a condition, a `let` or another field", node)
        keys = max(1, len(table.keys))
        if keys > 1 and (len(steps) <= keys or any(step in table.columns for step in steps[2 : keys + 1])):
            said = f'table "{table.name}" is looked up by {" and ".join(table.keys)}'
            return self.refuse("unknown-name", said, _look_up(table), node)
        return self._row(table, steps[1 : keys + 1], steps[keys + 1 :], node)

    def _row(self, table: Table, keys: list[Step], steps: list[Step], node: tree.Node) -> Operand:
        column = steps[0] if steps else None
        if isinstance(column, str) and table.columns and column not in table.columns:
            near = closest_word(column, table.columns)
            hint = near or ", ".join(table.columns)
            return self.refuse("unknown-name", f'table "{table.name}" has no column "{column}"', hint, node)
        row = self._rows(table)
        for number, key in enumerate(keys):
            code = key.code if isinstance(key, Operand) else self.constants.name(key)
            outer, row = row, self.temporary()
            unless = f" if {outer} is not None else None" if number else ""
            self.emitter.line(f"{row} = row({outer}, {code}){unless}")
        if not isinstance(column, str):
            return Operand(self.follow(row, steps), "any" if steps else "object")
        cell = self.temporary()
        self.emitter.line(f"{cell} = cell({row}, {self.constants.name(column)})")
        return Operand(self.follow(cell, steps[1:]))

    def _rows(self, table: Table) -> str:
        """What rows are looked up in: of a topic's table those as of the record's horizon."""
        if not table.source:
            return self.constants.name(table.rows)
        self.roots.add("kafka")
        name = self.temporary()
        self.emitter.line(f"{name} = topic_rows(s, {self.constants.name(table.source)})")
        return name

    def follow(self, code: str, steps: Sequence[Step], *, local: bool = True) -> str:
        """Write the steps from a value on, and give the name of what is found; None if it is missing.

        `local`: `code` is a name, cheap to read twice.
        """
        written: list[str | int] = []
        for step in steps:
            if isinstance(step, Operand):
                code, written = self._written(code, written, local), []
                name = self.temporary()
                self.emitter.line(f"{name} = step({code}, {step.code})")
                code, local = name, True
                continue
            if len(written) == _AT_ONCE:
                code, written, local = self._written(code, written, local), [], True
            written.append(step)
        return self._written(code, written, local)

    def _written(self, code: str, steps: list[Any], local: bool) -> str:
        if not steps:
            return code
        name = self.temporary()
        *way, last = [self.constants.name(step) for step in steps]
        if local and not way and isinstance(steps[0], str):
            self.emitter.line(f"{name} = {code}.get({last}) if {code}.__class__ is dict else None")
            return name
        for step, key in zip(steps, way, strict=False):
            code = f"{code}[{key}]" if isinstance(step, str) else f"at({code}, {key})"
        # The try is free when all is there, and the last step, most often the missing one, doesn't raise.
        with self.emitter.block("try:"):
            found = f"{code}.get({last})" if isinstance(steps[-1], str) else f"at({code}, {last})"
            self.emitter.line(f"{name} = {found}")
        with self.emitter.block("except Missing:"):
            self.emitter.line(f"{name} = None")
        return name


def _look_up(table: Table) -> str:
    """How a cell of a table is read."""
    keys = "".join(f"[payload.{key}]" for key in table.keys)
    columns = [column for column in table.columns if column not in table.keys]
    return f"tables.{table.name}{keys}.{columns[-1] if columns else 'column'}"
