"""Origin of every part of a compiled rule: its text, place and layer, and the paths that it reads.

For explanations, comparisons and pages. No message is evaluated with any of it.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from greenflash_kafka.documents.yaml_nodes import Place
from greenflash_kafka.expressions.names import Path

Layer = Literal["rule", "file"]
"""Where a part is written: in the rule itself, or once for all rules of the file (`defaults`, the file's `when`)."""


class PartOrigin(msgspec.Struct, frozen=True, gc=False):
    """A stretch of a mapping file. `text` is exactly what stands there, but for the indentation of further lines; a
    variable (`${NAME}`) stands in it by its name."""

    file: str
    place: Place
    text: str
    layer: Layer


class ConditionInfo(msgspec.Struct, frozen=True, gc=False):
    """One condition. `name` is what `Explanation.condition` says when it is the first that fails.

    Of a line of `when` the origin is all of it (`status: [active, trialing]`), of `where` and `valid` the value.
    `reads` are the paths from `payload`, `item`, `index`, `kafka` and `tables` that it reads, also through lets and
    for an earlier value; `lets` the lets that it names itself.
    """

    kind: Literal["when", "where", "valid"]
    name: str
    origin: PartOrigin
    reads: tuple[Path, ...] = ()
    lets: tuple[str, ...] = ()


class FieldInfo(msgspec.Struct, frozen=True, gc=False):
    """One field of the event, `let` or `each`: its name, the origin of its value, and what that reads.

    A property's name is `properties.x`; `properties` alone are all that one expression gives. `reads` and `lets` are as
    in `ConditionInfo`.
    """

    name: str
    origin: PartOrigin
    reads: tuple[Path, ...]
    lets: tuple[str, ...]


class SampleInfo(msgspec.Struct, frozen=True, gc=False):
    """Of whom the events are a sample, and which part of them is kept, as it is written. The origin is that of `by`."""

    by: str
    rate: str
    origin: PartOrigin


class RuleInfo(msgspec.Struct, frozen=True, gc=False):
    """Everything that a rule is made of, that of its file included, each part in the order in which it is written,
    the file's before the rule's own. `each` is None without one; `link` has the file's and the rule's, as far as they
    count; a default that the rule replaces isn't among the
    `fields`."""

    name: str
    origin: PartOrigin
    conditions: tuple[ConditionInfo, ...]
    fields: tuple[FieldInfo, ...]
    lets: tuple[FieldInfo, ...]
    each: FieldInfo | None
    link: tuple[FieldInfo, ...] = ()
    description: str = ""
    """What its author says of it."""
    sample: SampleInfo | None = None
    keys: tuple[FieldInfo, ...] = ()
    """The keys of `by` of each way of its link, in turn, named `by.x`; one that isn't written stands where the link
    does."""

    @property
    def parts(self) -> tuple[PartOrigin, ...]:
        """The origins of all of it."""
        alone = (part for part in (self.each, self.sample) if part is not None)
        return tuple(part.origin for part in (*self.conditions, *alone, *self.lets, *self.fields, *self.link))
