"""`link` of a file and of its rules: merged, compiled, and what checks over all files need to know of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, get_args

from msgspec.structs import replace

from greenflash_kafka.documents.did_you_mean import closest_word
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values, wrong
from greenflash_kafka.documents.yaml_nodes import List, Map, Node, Place, Scalar, UnreadableNode, beginning, place
from greenflash_kafka.expressions.expression import Expression
from greenflash_kafka.expressions.values import NAMES
from greenflash_kafka.mappings.event_fields import Merged
from greenflash_kafka.mappings.needed_expression import read_expression
from greenflash_kafka.mappings.rule_facts import constant
from greenflash_kafka.mappings.value_compiler import NULL_UUID, ValueCompiler
from greenflash_kafka.model.conversations import DAY_MS, Touch
from greenflash_kafka.rules.durations import duration_text
from greenflash_kafka.rules.link import LinkTry, RuleLink
from greenflash_kafka.rules.rule_info import Layer

DEFAULT_KEY: Final = "external_user_id"
"""The key, and the event's field, by which a link goes that says no other."""

OWN_FIELDS: Final = ("external_user_id", "user_id", "external_organization_id", "organization_id")
"""Fields of the event that say whose it is: a link may go by them without an expression."""

LONG_LOOKBACK_MS: Final = 30 * DAY_MS
_ORGANIZATIONS: Final = frozenset(("external_organization_id", "organization_id", "organization", "organisation"))
_TOUCHES: Final[tuple[Touch, ...]] = get_args(Touch)


@dataclass(frozen=True, slots=True)
class WrittenKey:
    """A key of `by`: its name, the expression of its value (None for the event's own field), and where it stands."""

    name: str
    expression: Expression | None
    at: Place
    layer: Layer = "rule"


@dataclass(frozen=True, slots=True)
class WrittenTry:
    """One way of finding the conversation, with where its parts stand. `by_default`: `by` isn't written; `layers`: the
    file's, the rule's, or both."""

    keys: tuple[WrittenKey, ...]
    to: tuple[tuple[str, Place], ...]
    lookback: int
    touch: Touch
    at: Place
    by_default: bool
    layers: tuple[Layer, ...]


@dataclass(frozen=True, slots=True)
class WrittenLink:
    """The link of one rule, `rule`; `product` is the one that all its events have, None if that isn't known."""

    rule: str
    report: FileReport
    tries: tuple[WrittenTry, ...]
    product: str | None

    @property
    def compiled(self) -> RuleLink:
        """The part that runs."""
        return RuleLink(
            tuple(
                LinkTry(
                    tuple((key.name, key.expression) for key in one.keys),
                    one.lookback,
                    one.touch,
                    tuple(name for name, _ in one.to),
                )
                for one in self.tries
            ),
            self.product,
        )

    @property
    def expressions(self) -> list[Expression]:
        """All that it reads for itself of a message."""
        return [key.expression for one in self.tries for key in one.keys if key.expression is not None]


@dataclass(frozen=True, slots=True)
class _Way:
    """One map of `link`, perhaps a rule's over its file's: each key's node, with the layer that wrote it."""

    nodes: dict[str, tuple[Node, Layer]]
    values: dict[str, object]
    misspelled: frozenset[str]
    at: Place


class LinkReader:
    """Reads the links of one file's rules; `compilers` of a rule are for the file's expressions and for its own."""

    def __init__(self, file: Values, report: FileReport) -> None:
        self._file = file.get("link")
        self._report = report
        self._broken = file.has("link") and self._file is None

    def read(
        self, rule: Values, name: str, merged: Merged, compilers: dict[Layer, ValueCompiler]
    ) -> WrittenLink | None:
        """The link of a rule; None if it has none, or after a mistake."""
        own = rule.get("link")
        if rule.has("link") and own is None:
            return None
        ways = list(self._ways(own))
        tries = [self._try(way, compilers) for way in ways]
        good = tuple(one for one in tries if one is not None)
        if not ways or len(good) < len(tries):
            return None
        link = WrittenLink(name, self._report, good, _product(merged))
        self._advise(link, merged)
        return link

    def links(self, rule: Values) -> bool:
        """True if the rule has a link, perhaps with mistakes."""
        own = rule.get("link")
        if own is None:
            return rule.has("link") or self._file is not None or self._broken
        return not isinstance(own, Scalar)

    def _ways(self, own: object) -> Iterator[_Way]:
        """The maps to be tried in turn: a rule's list replaces the file's, a map is merged into the file's map."""
        if isinstance(own, Scalar):
            return
        if isinstance(own, list):
            yield from (_way([("rule", one)]) for one in own if isinstance(one, Values))
        elif isinstance(own, Values):
            file = self._file
            layers: list[tuple[Layer, Values]] = [("file", file)] if isinstance(file, Values) else []
            yield _way([*layers, ("rule", own)])
        elif isinstance(self._file, list):
            yield from (_way([("file", one)]) for one in self._file if isinstance(one, Values))
        elif isinstance(self._file, Values):
            yield _way([("file", self._file)])

    def _try(self, way: _Way, compilers: dict[Layer, ValueCompiler]) -> WrittenTry | None:
        lookback = way.values.get("lookback")
        written_keys = self._by(way, compilers)
        to = self._to(way)
        touch: Touch = next((known for known in _TOUCHES if known == way.values.get("touch")), "last")
        if "lookback" not in way.nodes and "lookback" not in way.misspelled:
            said = "a link needs `lookback`: how long before the event the conversation may lie"
            if isinstance(self._file, list) and way.nodes and all(layer == "rule" for _, layer in way.nodes.values()):
                said += " (a rule's link replaces the list of its file)"
            hint = "e.g. lookback: 24h for what follows at once, 7d for a decision to buy"
            self._report.add(way.at, "missing-key", said, hint)
        if not isinstance(lookback, int) or written_keys is None or to is None:
            return None
        keys, by_default = written_keys, "by" not in way.nodes
        layers = tuple(sorted({layer for _, layer in way.nodes.values()}))
        return WrittenTry(keys, to, lookback, touch, way.at, by_default, layers)

    # --- by --------------------------------------------------------------------------------------------------------

    def _by(self, way: _Way, compilers: dict[Layer, ValueCompiler]) -> tuple[WrittenKey, ...] | None:
        written = way.nodes.get("by")
        if written is None:
            return (WrittenKey(DEFAULT_KEY, None, way.at),)
        node, layer = written
        if isinstance(node, UnreadableNode):
            return None
        if isinstance(node, Map) and node.entries:
            keys = [self._entry(entry.key, entry.value, compilers[layer], layer) for entry in node.entries]
        elif isinstance(node, List) and node.items:
            keys = [self._own(item, layer) for item in node.items]
        elif isinstance(node, Scalar):
            keys = [self._own(node, layer)]
        else:
            wrong(node, self._report, "a key's name, a list of names, or a map of names to expressions")
            return None
        good = tuple(key for key in keys if key is not None)
        return good if len(good) == len(keys) else None

    def _own(self, node: Node, layer: Layer) -> WrittenKey | None:
        """A name alone: the event's own field."""
        if not isinstance(node, Scalar):
            wrong(node, self._report, "a key's name", "write a map: {external_user_id: = payload.user_id, ...}")
            return None
        name = node.text
        if name in OWN_FIELDS:
            return WrittenKey(name, None, place(node), layer)
        if name.startswith("="):
            said, hint = "`by` says by which key of the conversation, too", f"by: {{{DEFAULT_KEY}: {name}}}"
        elif not isinstance(node.value, str):
            wrong(node, self._report, "a key's name", f"e.g. by: {DEFAULT_KEY}")
            return None
        else:
            near = closest_word(name, OWN_FIELDS)
            said = f"{name} isn't a field of the event that says whose it is, so its value must be written"
            hint = f"did you mean {near}?" if near else f"by: {{{name}: = payload....}}"
        self._report.add(place(node), "unknown-name", said, hint)
        return None

    def _entry(self, key: Scalar, node: Node, compiler: ValueCompiler, layer: Layer) -> WrittenKey | None:
        """A name with the expression of its value."""
        name = key.text
        if not isinstance(node, Scalar):
            wrong(node, self._report, "an expression", "put the whole expression in quotes")
            return None
        if node.value is None and not node.style and name in OWN_FIELDS:
            said = f"{name} has no value here"
            self._report.add(place(key), "no-expression", said, f"by: {name} alone stands for the event's own")
            return None
        names = replace(compiler.names, topic_tables=True)
        expression = read_expression(f"by.{name}", node, compiler.with_names(names))
        if expression is None:
            return None
        if expression.type in ("boolean", "list", "object"):
            self._report.add(
                place(node),
                "wrong-type",
                f"by.{name} can't be {NAMES[expression.type]}",
                "use the text or number that says whose it is",
            )
            return None
        if expression.constant:
            said = f"by.{name} is the same for every message, so all events would be linked by it"
            self._report.add(place(node), "constant-key", said, "use whose the event is, or leave it out")
        return WrittenKey(name, expression, place(key), layer)

    # --- to --------------------------------------------------------------------------------------------------------

    def _to(self, way: _Way) -> tuple[tuple[str, Place], ...] | None:
        written = way.nodes.get("to")
        if written is None:
            return ()
        node, _ = written
        nodes = node.items if isinstance(node, List) else (node,)
        names: list[tuple[str, Place]] = []
        for one in nodes:
            if isinstance(one, Scalar) and isinstance(one.value, str) and not one.text.startswith(("=", "${")):
                names.append((one.text, place(one)))
            elif not isinstance(one, UnreadableNode):
                wrong(one, self._report, "a conversation's name", "e.g. to: support_chat")
        if isinstance(node, List) and not node.items:
            wrong(node, self._report, "a conversation's name, or a list of names", "leave `to` out for all of them")
        return tuple(names) if names and len(names) == len(nodes) else None

    # --- advice ----------------------------------------------------------------------------------------------------

    def _advise(self, link: WrittenLink, merged: Merged) -> None:
        say = self._report.add
        written = merged.single.keys() | merged.failed
        for one in link.tries:
            for key in one.keys:
                if key.expression is None and key.name not in written:
                    said = f"the events of {link.rule} have no {key.name}, so none is found by it"
                    say(
                        key.at, "link-without-field", said, f"add {key.name} to the event, or by: {{{key.name}: = ...}}"
                    )
                elif key.expression is None:
                    field_ = merged.single.get(key.name)
                    if field_ is not None and field_.expression is not None and field_.expression.constant:
                        said = f"{key.name} is the same for every event of {link.rule}, which is linked by it"
                        say(field_.value_at, "constant-key", said, "use whose the event is")
            if one.lookback > LONG_LOOKBACK_MS:
                said = f"conversations of {duration_text(one.lookback)} are kept on the disk of every process"
                say(one.at, "long-lookback", said, "a shorter lookback also links fewer events by chance")
            by_organization = [key for key in one.keys if key.name in _ORGANIZATIONS]
            if by_organization and one.touch != "single":
                said = f"{link.rule} takes any colleague's conversation for the user's own"
                say(by_organization[0].at, "organization-link", said, "add touch: single")
        if not written & {"external_user_id", "user_id"} and not any(
            key.expression is None and key.name == DEFAULT_KEY for one in link.tries for key in one.keys
        ):
            said = f"{link.rule} has no external_user_id: without a link its events belong to nobody"
            say(link.tries[0].at, "link-without-user", said, "add external_user_id: = payload....")


def _way(layers: list[tuple[Layer, Values]]) -> _Way:
    """Later layers over earlier ones, key by key; null takes a key away."""
    nodes: dict[str, tuple[Node, Layer]] = {}
    values: dict[str, object] = {}
    misspelled: set[str] = set()
    for layer, one in layers:
        misspelled |= one.misspelled
        for key in ("by", "lookback", "touch", "to"):
            written = one.node.get(key)
            if written is None and key in one.by:
                written = next(
                    (entry.value for entry in one.node.entries if closest_word(entry.key.text, [key]) == key), None
                )
            if written is None:
                continue
            if key in ("by", "to") and isinstance(written, Scalar) and written.value is None and not written.style:
                nodes.pop(key, None)
                continue
            nodes[key] = (written, layer)
            values.pop(key, None)
            if key in one.by:
                values[key] = one.by[key]
    return _Way(nodes, values, frozenset(misspelled), beginning(layers[-1][1].node))


def _product(merged: Merged) -> str | None:
    value = constant(merged.single.get("product_id"))
    return value if isinstance(value, str) and value != NULL_UUID else None
