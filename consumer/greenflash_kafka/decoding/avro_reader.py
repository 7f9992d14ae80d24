"""Compiler of Avro types to readers: of a record only what rules read becomes values, the rest is stepped over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from greenflash_kafka.decoding import avro_compounds as compounds
from greenflash_kafka.decoding import avro_primitives as primitives
from greenflash_kafka.decoding.avro_budget import Budget
from greenflash_kafka.decoding.avro_logical import conversion
from greenflash_kafka.decoding.avro_primitives import Read
from greenflash_kafka.decoding.avro_steps import (
    PRIMITIVE,
    UNKNOWN,
    Step,
    Steps,
    array_steps,
    enum_steps,
    fixed_steps,
    map_steps,
    primitive_union,
    run,
    union_steps,
)
from greenflash_kafka.decoding.avro_type import AvroField, AvroType
from greenflash_kafka.model.payload import Shape

_READS: Final[Mapping[str, Read]] = {
    "boolean": primitives.read_boolean,
    "bytes": primitives.read_bytes,
    "double": primitives.read_double,
    "float": primitives.read_float,
    "int": primitives.read_int,
    "long": primitives.read_long,
    "null": primitives.read_null,
    "string": primitives.read_string,
}

_MAX_STEPS: Final = 64
"""Steps of a record that stand among those of a record that holds it; more are a call, and stand once."""


class AvroCompiler:
    """Readers of the types of one schema, and steps over their values. Those of a recursive record are made once, and
    refer to themselves."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._reads: dict[int, list[Read]] = {}
        self._steps: dict[int, list[Steps]] = {}

    def read(self, kind: AvroType, shape: Shape | None) -> Read:
        """Reader of a type's values, of which only what `shape` names is needed (None: all)."""
        convert = conversion(kind)
        if convert is not None:
            return compounds.converted(self._plain(kind, None), convert)
        return self._plain(kind, shape)

    def _plain(self, kind: AvroType, shape: Shape | None) -> Read:
        match kind.kind:
            case "array":
                inner = _inner(kind)
                return compounds.array_reader(self.read(inner, None), 1 + inner.weightless, self._budget)
            case "map":
                inner = _inner(kind)
                return compounds.map_reader(self.read(inner, None), 1 + inner.weightless, self._budget)
            case "enum":
                return compounds.enum_reader(kind.symbols)
            case "fixed":
                return primitives.fixed_reader(kind.size)
            case "record":
                return self._whole(kind) if shape is None else self._guarded(kind, self._parts(kind.fields, shape))
            case "union":
                return self._union(kind.branches, shape)
            case primitive:
                return _READS[primitive]

    def _whole(self, kind: AvroType) -> Read:
        known = self._reads.get(id(kind))
        if known is None:
            known = self._reads[id(kind)] = []
            fields = [(field.name, self.read(field.type, None)) for field in kind.fields]
            known.append(self._guarded(kind, compounds.record_reader(fields)))
        elif not known:
            later = known
            return lambda body, at: later[0](body, at)
        return known[0]

    def _guarded(self, kind: AvroType, read: Read) -> Read:
        return self._budget.guarded(read, kind.levels) if kind.recursive else read

    def _parts(self, fields: Sequence[AvroField], shape: Shape) -> Read:
        parts: list[tuple[Steps, str, Read]] = []
        steps: list[Step] = []
        for field in fields:
            if field.name in shape:
                parts.append((tuple(steps), field.name, self.read(field.type, shape[field.name])))
                steps = []
            else:
                steps.extend(self.steps(field.type))
        return compounds.parts_reader(parts, tuple(steps))

    def _union(self, branches: Sequence[AvroType], shape: Shape | None) -> Read:
        tagged = sum(branch.kind == "record" for branch in branches) > 1
        reads = []
        for branch in branches:
            read = self.read(branch, shape)
            if tagged and branch.kind == "record":
                read = compounds.tagged(read, branch.name)
            reads.append(self._budget.charged(read, branch.weightless))
        if len(branches) == 2 and branches[0].kind == "null":
            return compounds.optional_reader(reads[1])
        return compounds.union_reader(reads)

    def steps(self, kind: AvroType) -> Steps:
        """Steps over a type's values."""
        match kind.kind:
            case "array":
                inner = _inner(kind)
                return array_steps(self.steps(inner), 1 + inner.weightless, self._budget)
            case "map":
                inner = _inner(kind)
                return map_steps(self.steps(inner), 1 + inner.weightless, self._budget)
            case "enum":
                return enum_steps(len(kind.symbols))
            case "fixed":
                return fixed_steps(kind.size)
            case "record":
                return self._record_steps(kind)
            case "union" if all(branch.kind in PRIMITIVE for branch in kind.branches):
                return primitive_union(tuple(branch.kind for branch in kind.branches))
            case "union":
                weightless = [branch.weightless for branch in kind.branches]
                return union_steps([self.steps(branch) for branch in kind.branches], weightless, self._budget)
            case primitive:
                return PRIMITIVE[primitive]

    def _record_steps(self, kind: AvroType) -> Steps:
        known = self._steps.get(id(kind))
        if known is None:
            known = self._steps[id(kind)] = []
            steps = tuple(step for field in kind.fields for step in self.steps(field.type))
            if kind.recursive:
                steps = ((UNKNOWN, self._budget.guarded_skip(run(steps), kind.levels)),)
            elif len(steps) > _MAX_STEPS:
                steps = ((UNKNOWN, run(steps)),)
            known.append(steps)
        elif not known:
            later = known
            return ((UNKNOWN, lambda body, at: later[0][0][1](body, at)),)
        return known[0]


def _inner(kind: AvroType) -> AvroType:
    assert kind.inner is not None
    return kind.inner
