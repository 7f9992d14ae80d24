"""Random mapping files that load: every function, operator, layer and shape of the rule language.

All is drawn from one `random.Random`, in an order that depends on nothing else, so that a seed means the same files in
every process. Expressions are made by type; the payload's fields may hold anything.
"""

# ruff: noqa: E501 - tables of data
from __future__ import annotations

import random
import re
from typing import Any, Final

UUID: Final = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
ENV: Final = {"PRODUCT": UUID}

PRICES: Final = "plan,label,seats\npro,Pro,5\nbasic,Basic,\n17,Seventeen,1\n"
"""A table's file, `prices.csv`, which lies beside each mapping file."""

_TABLES: Final[dict[str, Any]] = {
    "prices": {"file": "prices.csv"},
    "kinds": {"red": {"label": "Red", "n": "1"}, "order.paid": {"label": "Paid"}, "17": {"label": ""}},
}

# Holes: t text, n number, p a field of the payload, i small whole number, b boolean, w time, l list, o object,
# a anything, s a scalar, c currency, m money, x the variable of a list expression (a new one in each template).
_TEMPLATES: Final[dict[str, tuple[str, ...]]] = {
    "t": (
        *("lower({t})", "upper({t})", "trim({t})", 'replace({t}, "a", {t})', 'replace({t}, "-", "")'),
        *('join({l}, "-")', 'join([{s}, {s}], {t})', "concat({s}, {s})", "concat({t}, {n}, {b}, {w})", "text({s})"),
        *("substring({t}, {i})", "substring({t}, {i}, {i})", "left({t}, {i})", "right({t}, {i})", "hash({s})"),
        *('extract({t}, "([a-z]+)")', 'extract({t}, "-.*$")', 'format_time({w}, "%Y-%m-%d %H:%M")'),
        *('format_time({w}, "%d.%m.%y", "Europe/Paris")', 'format_time({w}, "%A %B %j", zone={p})'),
        *('uuid5("dns", {s})', "uuid5({p}, {t})", "decode_base64({p})", "decode_base64(payload.base)"),
        *("({t} if {b} else {t})", "coalesce({t}, {t})", 'coalesce({t}, "other")', 'nullif({t}, "")', "nullif({t}, {t})"),
        *("first({l})", "min({t}, {t})", "max({t}, {t})", "tables.prices[{t}].label", "tables.kinds[{a}].label"),
        *('split({t}, "-")[0]', "parse_query({t}).plan", "parse_query(payload.query).page", "lower(kafka.topic)"),
    ),
    "n": (
        *("number({t})", "number({n})", "round({n})", "round({n}, {i})", "floor({n})", "ceil({n})", "abs({n})"),
        *("min({n}, {n})", "max({n}, {n}, 3)", "min({l})", "max({l})", "sum({l})", "sum({n}, {n})", "avg({l})"),
        *("avg({n}, {n})", "count({l})", "length({t})", "days_between({w}, {w})", "seconds_between({w}, {w})"),
        *("bucket({s}, 10)", "bucket({t}, {n})", "({n} + {n})", "({n} - {n})", "({n} * {n})", "({n} / {n})", "({n} % {n})"),
        *("(payload.amount / payload.n)", "(100 % payload.n)", "sum([{x} * {y} for {x} in {l} for {y} in {l}])"),
        *("(-{n})", "({n} if {b} else {n})", "coalesce({n}, 0)", "nullif({n}, 0)", "last({l})", "(payload.m / {n})"),
        *('number(tables.prices["pro"].seats)', "parse_json(payload.json).total", "sum([{x}.q * {x}.n for {x} in payload.items])"),
    ),
    "b": (
        *("({s} == {s})", "({a} != {a})", "({n} < {n})", "({n} <= {n})", "({t} > {t})", "({w} >= {w})", "({n} > 3)"),
        *("({t} in {l})", "({s} not in {l})", "({t} in [\"a\", null, {t}])", "(not {b})", "({b} and {b})", "({b} or {b})"),
        *("exists({a})", "starts_with({t}, {t})", "ends_with({t}, \"b\")", "contains({t}, {t})", "contains({l}, {s})"),
        *('matches({t}, "^[a-z]+[.-]")', 'matches({t}, "(?i)A")', "({b} if {b} else {b})", "coalesce({b}, false)"),
        *("(payload.type == \"order.paid\")", "(payload.n > 5)", "({a} == null)", "(kafka.offset % 2 == 0)"),
    ),
    "w": (
        *("time({p})", "time({w})", 'time({p}, "s")', 'time({p}, "ms")', 'time({p}, unit="us")', 'time({p}, "ns")'),
        *('time({p}, "days")', 'time({p}, zone="Europe/Paris")', 'time(payload.zoneless, zone="America/New_York")'),
        *("({w} if {b} else {w})", "coalesce({w}, kafka.timestamp)", "min({w}, {w})", "time(payload.rfc)"),
        *('time(payload.s, "s")', 'time(payload.ms, "ms")', "time(payload.iso)", "time(payload.day)"),
    ),
    "l": (
        *('split({t}, "-")', "split({t}, {t})", "distinct({l})", "sort({l})", "flatten({l})", "[{s}, {s}]", "[{a}, {l}]"),
        *("[{x} for {x} in {l}]", "[{x} for {x} in {l} if {x} != {s}]", "[upper({x}) for {x} in {l} if {b}]"),
        *("[{x}.id for {x} in payload.items if {x}.n > {i}]", "[{x} + {y} for {x} in payload.nums for {y} in {l}]"),
        *("[concat({x}, {y}) for {x} in payload.tags for {y} in payload.tags if {x} != {y}]", "flatten([{l}, {l}])"),
        *("({l} if {b} else {l})", "coalesce({l}, [])", "[{x} for {x} in {l} if exists({x})]", "[{l}, {n}]"),
    ),
    "o": (
        *("parse_json({p})", "parse_query({t})", "coalesce({o}, payload.o)", "({o} if {b} else {o})", "payload"),
        *("tables.prices[{t}]", "tables.kinds[{a}]", "first(payload.items)", "payload.items[{i}]"),
    ),
    "m": (
        *("money_minor({p}, {c})", 'money_minor({p}, {c}, provider="stripe")', 'money_minor({p}, "EUR", round="half_up")'),
        *("money_major({p}, {c})", 'money_major({p}, {c}, round="half_up")', 'money_major({p}, "JPY")'),
        *("money_major(({n} + payload.m), payload.currency)", 'money_minor(({n} * payload.n), "KWD")'),
        *("money_minor(payload.amount, payload.currency)", "money_major(payload.major, upper(payload.currency))"),
        *('money_minor(payload.amount, payload.currency, "stripe", "half_up")', "({m} if {b} else {m})"),
        "coalesce({m}, {m})",
    ),
}  # fmt: skip

_LEAVES: Final[dict[str, tuple[str, ...]]] = {
    "t": (
        *("payload.t", "payload.dashed", "payload.type", "payload.user", "payload.email", "payload.json", "payload.query"),
        *('"a"', '"fixed-text"', '"\\u00e9\\u2603"', "payload.digits", "kafka.topic", "kafka.key", "kafka.headers.kind"),
        *('kafka.headers["other"]', "payload.o.k", "payload.items[0].id", "payload.tags[-1]", 'payload["odd name"]'),
        *("payload.new.plan", "payload.none", "payload.currency", "payload.iso"),
    ),
    "n": (
        *("payload.n", "payload.m", "payload.score", "payload.amount", "payload.s", "payload.nums[0]", "payload.items[1].n"),
        *("0", "1", "7", "1.50", "100", "-3", "kafka.offset", "kafka.partition", "payload.none", "payload.new.seats", "payload.big"),
    ),
    "i": ("0", "1", "2", "3", "payload.small", "payload.small", "10", "payload.m", "payload.n"),
    "b": ("payload.flag", "true", "false", "payload.flag", "payload.none", "payload.o.flag"),
    "w": ("kafka.timestamp", "time(payload.iso)", 'time(payload.s, "s")', 'time("2026-11-18T11:06:40Z")', 'time("2026-11-01")'),
    "l": ("payload.tags", "payload.nums", "payload.items", "payload.lists", "payload.none", '["red", "green", null]', "[3, 1, payload.n]", "[]", "payload.mixed"),
    "o": ("payload.o", "payload.new", "payload.data.object", "payload.none", "payload"),
    "c": ("payload.currency", '"EUR"', '"usd"', '"JPY"', "payload.none", '"KWD"', '"ISK"', "upper(payload.currency)", "payload.t"),
    "p": (
        *("payload.n", "payload.m", "payload.amount", "payload.s", "payload.big", "payload.major", "payload.t", "payload.iso"),
        *("payload.json", "payload.base", "payload.digits", "payload.none", "payload.o", "payload.small", "payload.tags[0]"),
        *("payload.score", "payload.flag", "payload.uid", "payload.ms", "payload.t", "payload.amount", "payload.none"),
    ),
    "m": ("money_minor(payload.amount, payload.currency)", 'money_major(payload.major, "EUR")'),
}  # fmt: skip

_OF_CONVERSATION: Final = tuple(f"conversation.{name}" for name in ("id", "at", "source", "seconds_before", "method"))
_HOLE: Final = re.compile(r"\{([a-z])\}")

_FIELDS: Final[dict[str, tuple[Any, ...]]] = {
    "type": ("order.paid", "order.created", "plan.changed", "nope"),
    "t": ("some text", "Ada", "", "a-b"),
    "dashed": ("a-b-c", "a", "-"),
    "email": ("ada@acme.test", "x"),
    "n": (5, 7, 0, -3, 14950, 1.5),
    "m": (0.25, 1, 5, 2.5),
    "amount": (14950, 100, 0),
    "flag": (True, False),
    "none": (None, "x", 1),
    "small": (1, 2, 3),
    "digits": ("12", "007", "1.50"),
    "tags": ("red", "green", 2),
    "nums": (1, 2, 3),
    "o.k": ("v", "w"),
    "o.flag": (True, False),
    "o": ("x", None),
    "items[0].id": ("i-1", "i-2"),
    "items[-1].n": (7, 1, 2),
    "tags[0]": ("red", "green"),
    "user": ("u-5", "u-6"),
    "currency": ("EUR", "usd", "JPY"),
    'payload["odd name"]': ("odd", 1),
    "kafka.key": ("cus_9", "u-5", 17),
    "kafka.topic": ("t", "chat"),
    "kafka.partition": (1, 2, 0),
    "kafka.offset": (7, 40, 0),
    "kafka.headers.kind": ("order.paid", "x"),
    "kafka.headers.other": ("", "y"),
}
"""What conditions ask for, by path; the values are those that messages often have."""

_MOVING: Final[dict[str, tuple[Any, ...]]] = {
    "new.plan": ("pro", "basic", None),
    "new.seats": (5, 3, 4),
    "new.status": ("active", "trial", None),
    "new.l[0].p": (10, 9),
    "data.object.plan": ("pro", "basic", None),
    "data.object.amount": (1900, 900),
    "data.object.l[0].p": (10, 9),
    "data.object": ("x",),
    "status": ("active", "closed", None),
    "row.status": ("active", "closed"),
    "row.deep.n": (5, 3),
}
_OF_ITEMS: Final[dict[str, tuple[Any, ...]]] = {
    "item.id": ("i-1", "i-2", "i-3"),
    "item.n": (1, 2, 7),
    "item.kind": ("x", "y", None),
    "item.new.n": (5, 3),
    "item.data.object.n": (5, 3),
    "item": ("red", "green", 1),
    "index": (0, 1, 2),
}

OWN_KEYS: Final = ("external_user_id", "user_id", "external_organization_id", "organization_id")
_RANGES: Final = ("above", "at_least", "below", "at_most")
_TEXTS: Final = ("starts_with", "ends_with", "contains")
_PATTERNS: Final = ("^[a-z]+[.]", "a", "(?i)ADA", "^$", "[0-9]+")


class RuleMaker:
    """Makes the parts of one mapping file. `items`: the file has an `each`; `linked`: its rules have a `link`."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.items = chance.random() < 0.3
        self.linked = chance.random() < 0.2
        self.tables = chance.random() < 0.5
        self.declared = chance.random() < 0.5
        self.lets: list[tuple[str, str]] = []
        self._variables = 0

    def mapping(self) -> dict[str, Any]:
        """The file, as its YAML says it; conversations of a linked file are `conversations()`."""
        chance = self.chance
        source: dict[str, Any] = {"topics": chance.choice((["t"], ["/t.*/"], ["t", "other"]))}
        if chance.random() < 0.3:
            source["key"] = chance.choice(("json", "text"))
        if self.declared:
            source |= chance.choice(
                ({"before": "payload.old", "after": "payload.new"}, {"before": "item.old", "after": "item.new"})
                if self.items
                else ({"before": "payload.old", "after": "payload.new"},)
            )
        file: dict[str, Any] = {"version": 1, "source": source}
        if self.tables:
            file["tables"] = _TABLES
        if chance.random() < 0.5:
            file["let"] = self._let("f", chance.randint(1, 3))
        if self.items:
            file["each"] = "= " + chance.choice(
                (
                    *("payload.items",) * 4,
                    "payload.items",
                    "payload",
                    "payload.o",
                    "payload.tags",
                    self.expression("l", 1),
                )
            )
        if chance.random() < 0.12:
            file["when"] = self.when(1)
        if chance.random() < 0.06:
            file["where"] = "= " + self.expression("b", 2)
        if chance.random() < 0.2:
            file["first_match"] = True
        if self.linked:
            file["link"] = self._link()
        defaults = chance.random() < 0.4
        if defaults:
            file["defaults"] = self._fields(0.25, layer="defaults")
        shared = list(self.lets)
        rules = []
        for number in range(chance.choice((1, 1, 2, 2, 3, 5))):
            self.lets = list(shared)
            rules.append(self._rule(f"r{number}", file.get("defaults", {}), bool(file.get("first_match"))))
        file["rules"] = rules
        return file

    def _rule(self, name: str, defaults: dict[str, Any], first_match: bool) -> dict[str, Any]:
        chance = self.chance
        rule: dict[str, Any] = {"name": name}
        items = self.items
        if not items and not first_match and chance.random() < 0.08:
            rule["each"] = "= payload.items"
            self.items = True
        if chance.random() < 0.4:
            rule["let"] = self._let(f"l{name}", chance.randint(1, 2))
        rule["when"] = (
            self.when(chance.choice((1, 1, 1, 2, 3))) if chance.random() < 0.7 else {"payload.type": {"exists": True}}
        )
        if chance.random() < 0.15:
            rule["where"] = "= " + self.expression("b", 2)
        if chance.random() < 0.06:
            rule["valid"] = chance.choice(
                (
                    {"from": "2026-11-01"},
                    {"until": "2026-11-18", "zone": "Europe/Paris"},
                    {"from": "2000-01-01", "until": "2090-01-01"},
                )
            )
        if self.linked and chance.random() < 0.3:
            rule["link"] = chance.choice((None, {"lookback": "3d"}, self._link()))
        event = self._fields(0.22, layer="event")
        for each in [one for one in defaults if one not in ("event_type", "product_id", "value", "properties")]:
            if chance.random() < 0.1:
                event[each] = None
        if rule.get("each") and "insert_id" not in event:
            event["insert_id"] = '= join([payload.id, index], "-")'
        for needed, written in (
            ("event_type", ("e", "upgrade_purchased", "= payload.type", "= " + self.expression("t", 1))),
            ("product_id", (UUID, UUID, "${PRODUCT}", "= payload.uid")),
            ("value", ("= " + self.expression(chance.choice("tnbwmsam"), 2), "= payload.n", "12", True)),
        ):
            if needed not in event and (needed not in defaults or chance.random() < 0.5):
                event[needed] = chance.choice(written)
        rule["event"] = event
        self.items = items
        return rule

    def _let(self, prefix: str, many: int) -> dict[str, str]:
        made = {}
        for number in range(many):
            kind = self.chance.choice("tnbwloam")
            name = f"{prefix}_{number}"
            made[name] = "= " + self.expression(kind, 2)
            self.lets.append((name, kind))
        return made

    # expressions

    def expression(self, kind: str, depth: int) -> str:
        """An expression of a kind: a letter of the templates."""
        chance = self.chance
        if kind == "a":
            kind = chance.choice("ttnnbwlom")
        elif kind == "s":
            kind = chance.choice("ttnnbwm")
        named = [name for name, of in self.lets if of == kind]
        if named and chance.random() < 0.15:
            return chance.choice(named)
        if self.items and chance.random() < 0.2:
            item = {"t": ("item.id", "item.kind"), "n": ("item.n", "index", "item.q"), "o": ("item",)}.get(kind)
            if item:
                return chance.choice(item)
        if depth == 0 or kind not in _TEMPLATES or chance.random() < 0.25:
            return chance.choice(_LEAVES[kind])
        templates = _TEMPLATES[kind]
        template = chance.choice(templates)
        while not self.tables and "tables." in template:
            template = chance.choice(templates)
        self._variables += 1
        variables = {"x": f"x{self._variables}", "y": f"y{self._variables}"}

        def filled(hole: re.Match[str]) -> str:
            return variables.get(hole[1]) or self.expression(hole[1], depth - 1)

        return _HOLE.sub(filled, template)

    # conditions

    def when(self, lines: int, nested: int = 2) -> dict[str, Any]:
        """Conditions of so many lines, some of them nested."""
        chance = self.chance
        made: dict[str, Any] = {}
        for _ in range(lines):
            if nested and chance.random() < 0.15:
                kind = chance.choice(("any", "any", "all", "none"))
                made[kind] = [self.when(chance.randint(1, 2), nested - 1) for _ in range(chance.randint(1, 3))]
            else:
                path, test = self._line()
                made[path] = test
        return made

    def _line(self) -> tuple[str, Any]:
        chance = self.chance
        if self.lets and chance.random() < 0.1:
            name, kind = chance.choice(self.lets)
            values = {"t": ("a", "fixed-text", ""), "n": (0, 1, 5), "b": (True, False)}.get(kind, ("a", 1, True))
            return name, self._test(values)
        if chance.random() < 0.2:
            path = chance.choice(list(_MOVING))
            return self._spelled(path), self._transition(_MOVING[path])
        if self.items and chance.random() < 0.4:
            path = chance.choice(list(_OF_ITEMS))
            moving = path.count(".") > 1 or chance.random() < 0.1
            return path, self._transition(_OF_ITEMS[path]) if moving else self._test(_OF_ITEMS[path])
        path = chance.choice(list(_FIELDS))
        if chance.random() < 0.5:
            path = chance.choice(("type", "n", "flag", "type"))
        if path == "type" and chance.random() < 0.5:
            return self._spelled(path), chance.choice(
                ("order.paid", ["order.paid", "order.created"], {"not": "x"}, {"contains": "e"})
            )
        return self._spelled(path), self._test(_FIELDS[path])

    def _spelled(self, path: str) -> str:
        if path.startswith(("kafka.", "payload[")):
            return path
        return f"payload.{path}" if self.items or path == "none" or self.chance.random() < 0.1 else path

    def _test(self, values: tuple[Any, ...]) -> Any:
        """A literal, a list, or one or two operators."""
        chance = self.chance
        value = chance.choice(values)
        drawn = chance.random()
        if drawn < 0.3:
            return value
        if drawn < 0.42:
            return [*values[: chance.randint(1, 3)], *chance.choice(((), (None,), ("other",)))]
        if drawn < 0.45:
            return self._transition(values)
        made: dict[str, Any] = {}
        for _ in range(chance.choice((1, 1, 1, 2))):
            name = chance.choice(("exists", "exists", "not", "not", *_RANGES, *_TEXTS, "matches"))
            made[name] = self._given(name, value, values)
        return made

    def _given(self, name: str, value: Any, values: tuple[Any, ...]) -> Any:
        chance = self.chance
        if name == "exists":
            return chance.random() < 0.85
        if name == "not":
            return chance.choice((value, None, list(values), "other", [value, None]))
        if name in _RANGES:
            return value if isinstance(value, int | float | str) and value is not True and value is not False else 3
        if name == "contains":
            return chance.choice(("a", "red", 2, True) if value is None else ("a", "red", value))
        if name in _TEXTS:
            return value[: chance.randint(0, 3)] if isinstance(value, str) else "a"
        return chance.choice(_PATTERNS)

    def _transition(self, values: tuple[Any, ...]) -> dict[str, Any]:
        chance = self.chance
        made: dict[str, Any] = {}
        for _ in range(chance.choice((1, 1, 1, 2))):
            name = chance.choice(("changed", "changed", "increased", "decreased", "from", "to", "becomes"))
            given = chance.choice(values)
            made[name] = (
                True
                if name in ("changed", "increased", "decreased")
                else chance.choice((given, given, list(values), [given, "other"]))
            )
        return made

    # events

    def _fields(self, often: float, layer: str) -> dict[str, Any]:
        chance = self.chance
        spelled: dict[str, tuple[Any, ...]] = {
            "value_type": ("currency", "text", "numeric", "boolean", "= payload.kind"),
            "influence": ("positive", "neutral", "negative", "= payload.kind"),
            "quality_impact_score": (0.5, -1, 0, "= payload.score", "= payload.m", "= payload.n"),
            "conversation_id": (UUID, "= payload.uid", "= payload.uid", "= payload.t"),
            "external_conversation_id": ("c-1", "= payload.t", "= payload.none", self._of("t")),
            "user_id": (UUID, "= payload.uid", "= payload.uid", "= payload.user"),
            "external_user_id": ("u-5", "= payload.user", "= payload.user", "= payload.n", self._of("t")),
            "organization_id": ("= payload.uid", "= payload.none", "= payload.uid"),
            "external_organization_id": ("org", "= payload.o.k", self._of("t"), '= tables.prices["pro"].label' if self.tables else "x"),
            "event_at": ("2026-11-18T10:00:00+02:00", "= payload.iso", self._of("w"), self._of("w"), self._of("t"), '= time(payload.s, "s")'),
            "sample_rate": (0.5, 1, "= payload.score", "= payload.m"),
            "force_sample": (True, False, "= payload.flag", self._of("b")),
            "properties": (self._properties(), self._properties(), "= payload.o", self._of("o")),
            "insert_id": self._keys(),
        }  # fmt: skip
        made: dict[str, Any] = {}
        for name, written in spelled.items():
            usual = 0.6 if name == "properties" else 0.5 if name == "insert_id" else often
            if self.linked and name == "external_user_id":
                usual = 0.8
            if self.linked and name.endswith("conversation_id"):
                usual = 0.05
            if chance.random() < usual:
                value = chance.choice(written)
                if layer == "defaults" and name == "properties" and isinstance(value, str):
                    continue
                made[name] = value
        if layer == "defaults" and chance.random() < 0.5:
            made["product_id"] = "${PRODUCT}"
        if layer == "defaults" and chance.random() < 0.3:
            made["value"] = self._of("s")
        return made

    def _of(self, kind: str) -> str:
        return "= " + self.expression(kind, 2)

    def _keys(self) -> tuple[str, ...]:
        if self.items:
            return (
                "= item.id",
                "= index",
                '= join([payload.id, item.id, index], "-")',
                "= concat(item.id, item.n)",
                "= item.n",
            )
        return (
            "= payload.id",
            "= payload.id",
            "= payload.n",
            "= concat(payload.id, " + self.expression("t", 2) + ")",
            "= payload.t",
            "= concat(payload.id, payload.n)",
            "= payload.none",
        )

    def _properties(self) -> dict[str, Any]:
        chance = self.chance
        names = ("p", "plan", "q r", "\u00e9", 'with "quotes"', "z", "currency")
        made: dict[str, Any] = {}
        for name in chance.sample(names, chance.randint(0, 4)):
            drawn = chance.random()
            if drawn < 0.6:
                made[name] = self._of("a")
            elif drawn < 0.7 and self.linked:
                made[name] = "= " + chance.choice(_OF_CONVERSATION)
            elif drawn < 0.85:
                made[name] = chance.choice((1, "x", True, 1.5, 10**30, "stripe"))
            elif drawn < 0.93:
                made[name] = [self._of("s"), chance.choice((1, "y"))]
            else:
                made[name] = {"inner": self._of("a"), "n": 1}
        return made

    # links

    def _link(self) -> dict[str, Any] | list[dict[str, Any]]:
        chance = self.chance
        ways = []
        for _ in range(chance.choice((1, 1, 1, 2))):
            way: dict[str, Any] = {"lookback": chance.choice(("1s", "24h", "7d"))}
            drawn = chance.random()
            if drawn < 0.4:
                way["by"] = {chance.choice((*OWN_KEYS, "k")): self._of("t"), "k": "= payload.user"}
            elif drawn < 0.6:
                way["by"] = chance.sample(OWN_KEYS, 2)
            if chance.random() < 0.5:
                way["touch"] = chance.choice(("last", "first", "single"))
            if chance.random() < 0.3:
                way["to"] = chance.choice(("chat", ["chat", "own"], ["own"]))
            ways.append(way)
        return ways if len(ways) > 1 or chance.random() < 0.1 else ways[0]

    def conversations(self) -> dict[str, Any]:
        """A mapping file of two conversation sources, `chat` and `own`, on the topic of the rules or on another one."""
        chance = self.chance
        self.lets, self.items, self.linked = [], False, False
        self.declared = False
        keys = dict.fromkeys((*OWN_KEYS, "k"), "= payload.user")
        chat: dict[str, Any] = {
            "name": "chat",
            "when": self.when(1),
            "id": chance.choice(("= payload.id", "= payload.dashed", self._of("t"))),
            "keys": {**keys, "k": self._of("t")},
            "max_delay": chance.choice(("0s", "1m", "10m")),
        }
        if chance.random() < 0.5:
            chat["at"] = chance.choice(("= payload.iso", self._of("w"), self._of("t")))
        own: dict[str, Any] = {
            "name": "own",
            "when": {"payload.type": {"exists": True}},
            "each": "= payload.items",
            "greenflash_id": "= coalesce(item.uid, payload.uid)",
            "keys": {name: chance.choice(("= item.id", "= payload.user")) for name in (*OWN_KEYS, "k")},
        }
        if chance.random() < 0.3:
            own["product_id"] = UUID
        source = {"topics": chance.choice((["chat"], ["t"], ["chat", "t"]))}
        file: dict[str, Any] = {"version": 1, "source": source, "conversations": [chat, own]}
        if self.tables:
            file["tables"] = _TABLES
        return file
