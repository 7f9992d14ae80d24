"""Origins of a rule's parts, found when its file is compiled."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_document import text_lines
from greenflash_kafka.documents.yaml_nodes import BEGINNING, List, Map, Place, Scalar, place
from greenflash_kafka.expressions import tree
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.names import ROOTS, Path
from greenflash_kafka.expressions.scope import Let
from greenflash_kafka.mappings.event_fields import Merged, Written
from greenflash_kafka.mappings.file_parts import EntryParts
from greenflash_kafka.mappings.link_reader import WrittenLink
from greenflash_kafka.rules.compiled_condition import CompiledCondition
from greenflash_kafka.rules.rule_code import RuleCode
from greenflash_kafka.rules.rule_info import ConditionInfo, FieldInfo, Layer, PartOrigin, RuleInfo, SampleInfo


class Origins:
    """Cuts the parts of one mapping file, whose keys are in `values`, out of its text."""

    def __init__(self, file: str, content: bytes, values: Values) -> None:
        self._file = file
        self._lines = text_lines(content)
        self._values = values
        self._cut: dict[tuple[Place, Layer], PartOrigin] = {}

    def origin(self, place: Place, layer: Layer) -> PartOrigin:
        """What stands at a place of the file; the same object for the same place (a default of many rules)."""
        found = self._cut.get((place, layer))
        if found is None:
            found = self._cut[place, layer] = PartOrigin(self._file, place, self._text(place), layer)
        return found

    def _text(self, place: Place) -> str:
        lines = self._lines[place.line - 1 : place.end_line]
        if not lines:
            return ""
        lines[-1] = lines[-1][: place.end_column - 1]
        first, *others = lines
        indent = min((len(line) - len(line.lstrip()) for line in others if line.strip()), default=0)
        indent = min(indent, place.column - 1)
        return "\n".join([first[place.column - 1 :], *(line[indent:] for line in others)])

    def rule(
        self,
        name: str,
        values: Values,
        parts: EntryParts,
        code: RuleCode,
        merged: Merged,
        link: WrittenLink | None = None,
    ) -> RuleInfo:
        """Everything that a rule, whose keys are in `values`, is made of."""
        lets, each = parts.names.lets, parts.each
        layers: dict[Layer, Values] = {"file": self._values, "rule": values}
        conditions = zip(parts.layers, code.conditions, strict=True)
        own_each: Layer = "rule" if values.has("each") else "file"
        valid = values.record("valid")
        return RuleInfo(
            name,
            self.origin(place(values.node), "rule"),
            (
                *(self._condition(condition, layer, layers[layer], lets) for layer, condition in conditions),
                *([self._valid(valid)] if valid is not None else ()),
            ),
            tuple(self._fields(merged, lets)),
            tuple(one for layer, of in layers.items() for one in self._lets(of, layer, lets)),
            self._part("each", each.expression, layers[own_each].get("each"), own_each, lets)
            if each is not None
            else None,
            tuple(self._link(link, layers, lets)) if link is not None else (),
            _text(values.get("description")),
            self._sample(values.record("sample")),
            tuple(self._keys(link, lets)) if link is not None else (),
        )

    def _sample(self, sample: Values | None) -> SampleInfo | None:
        if sample is None:
            return None
        by = sample.get("by")
        written = _text(by).removeprefix("=").strip()
        return SampleInfo(written, _text(sample.get("rate")), self.origin(_place(by), "rule"))

    def _condition(
        self, condition: CompiledCondition, layer: Layer, values: Values, lets: Mapping[str, Let]
    ) -> ConditionInfo:
        """Of a line of `when` its origin is all of it, of a `where` the value."""
        if condition.line is not None:
            origin = self.origin(condition.line.condition.whole, layer)
            return ConditionInfo("when", condition.written, origin, *_resolved(condition.reads, lets))
        origin = self.origin(_place(values.get("where")), layer)
        return ConditionInfo("where", condition.written, origin, *_resolved(condition.reads, lets))

    def _valid(self, valid: Values) -> ConditionInfo:
        return ConditionInfo("valid", "valid", self.origin(place(valid.node), "rule"))

    def _lets(self, values: Values, layer: Layer, lets: Mapping[str, Let]) -> Iterator[FieldInfo]:
        for name, (_, node) in values.named("let").items():
            yield self._part(name, lets[name].expression, node, layer, lets)

    def _fields(self, merged: Merged, lets: Mapping[str, Let]) -> Iterator[FieldInfo]:
        written: list[tuple[str, Written]] = [
            *merged.single.items(),
            *(("properties", one) for one in merged.whole),
            *((f"properties.{name}", one) for name, one in merged.properties.items()),
        ]
        for name, one in sorted(written, key=lambda each: (each[1].layer, each[1].value_at)):
            if one.expression is not None:
                origin = self.origin(one.value_at, one.layer)
                yield FieldInfo(name, origin, *_resolved(one.expression.paths, lets))

    def _link(self, link: WrittenLink, layers: Mapping[Layer, Values], lets: Mapping[str, Let]) -> Iterator[FieldInfo]:
        for layer, values in layers.items():
            node = values.node.get("link")
            if node is not None and any(layer in one.layers for one in link.tries):
                keys = [key.expression for one in link.tries for key in one.keys if key.layer == layer]
                paths = [path for expression in keys if expression is not None for path in expression.paths]
                yield FieldInfo("link", self.origin(place(node), layer), *_resolved(paths, lets))

    def _keys(self, link: WrittenLink, lets: Mapping[str, Let]) -> Iterator[FieldInfo]:
        for one in link.tries:
            for key in one.keys:
                paths = key.expression.paths if key.expression is not None else ()
                yield FieldInfo(f"by.{key.name}", self.origin(key.at, key.layer), *_resolved(paths, lets))

    def _part(
        self, name: str, expression: Expression, node: object, layer: Layer, lets: Mapping[str, Let]
    ) -> FieldInfo:
        return FieldInfo(name, self.origin(_place(node), layer), *_resolved(expression.paths, lets))


def _text(node: object) -> str:
    return " ".join(node.text.split()) if isinstance(node, Scalar) else ""


def _place(node: object) -> Place:
    return place(node) if isinstance(node, Scalar | List | Map) else BEGINNING


def _plain_path(expression: Expression) -> Path | None:
    """The path that an expression is, and nothing else; None for others."""
    read = None if expression.source is None else expression.source.tree
    steps = read.steps if isinstance(read, tree.Steps) and isinstance(read.base, tree.Name) else []
    written = all(isinstance(each, tree.Member) or isinstance(each.at, tree.Literal) for each in steps)
    return expression.paths[0] if steps and written and len(expression.paths) == 1 else None


def _resolved(paths: Iterable[Path], lets: Mapping[str, Let]) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """The paths from roots that these come to, each once, and the lets that they begin with."""
    found: dict[Path, None] = {}
    named: dict[str, None] = {}
    seen: set[str] = set()
    plain: dict[str, Path | None] = {}
    waiting = list(paths)
    for path in waiting:
        if path.root in lets and path.root not in ROOTS:
            named[path.root] = None
    while waiting:
        path = waiting.pop(0)
        if path.root in ROOTS or path.root not in lets:
            found[Path(path.root, path.steps)] = None
            continue
        if path.root not in plain:
            plain[path.root] = _plain_path(lets[path.root].expression)
        through = plain[path.root]
        if through is not None:
            waiting.append(Path(through.root, through.steps + path.steps))
        elif path.root not in seen:
            seen.add(path.root)
            waiting.extend(lets[path.root].expression.paths)
    return tuple(found), tuple(named)
