from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.diff.expression_meaning import conditions_of, expression_meaning

LETS = {
    "inv": expression_meaning("payload.data.invoice"),
    "big": expression_meaning("[l for l in payload.lines if l.price > 9]"),
}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("payload.a+1", " ( payload . a ) + 1"),
        ("inv.total", "payload.data.invoice.total"),
        ("upper(inv.total)", "upper( payload.data.invoice.total )"),
        ("count(big)", "count([line for line in payload.lines if line.price > 9])"),
        ("[a.x for a in payload.p]", "[b.x for b in payload.p]"),
        ("payload.a and (payload.b and payload.c)", "payload.a and payload.b and payload.c"),
        ('time(payload.a, "s", zone="UTC")', 'time(payload.a, "s",   zone = "UTC")'),
        ("'a'", '"a"'),
    ],
)
def test_the_same_meaning_otherwise_written(one: str, other: str) -> None:
    assert expression_meaning(one, LETS) == expression_meaning(other, LETS)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("money_minor(payload.a, payload.b)", "money_major(payload.a, payload.b)"),
        ("payload.a", "trim(payload.a)"),
        ("payload.a", "coalesce(payload.a, 0)"),
        ("coalesce(payload.a, payload.b)", "coalesce(payload.b, payload.a)"),
        ("1", '"1"'),
        ("true", "1"),
        ("payload.a - payload.b - payload.c", "payload.a - (payload.b - payload.c)"),
        ("[[l for m in payload.p] for l in payload.p]", "[[m for m in payload.p] for l in payload.p]"),
        ("[[l for m in payload.lines if l.price > 9] for l in payload.lines]", "[big for l in payload.lines]"),
        ('"a" in payload.b', '"a" not in payload.b'),
        ("payload.a or payload.b", "payload.a and payload.b"),
        ("not payload.a", "-payload.a"),
        ("this can't be read", "this can't be read either"),
    ],
)
def test_another_meaning(one: str, other: str) -> None:
    assert expression_meaning(one, LETS) != expression_meaning(other, LETS)


@given(st.lists(st.sampled_from(["x", "payload.a", "payload.b", "1"]), min_size=1, max_size=4))
def test_a_let_that_names_lets_is_what_it_stands_for(parts: list[str]) -> None:
    lets, written = {"x": expression_meaning("payload.x")}, "payload.x"
    for number in range(3):
        operands = [*parts, f"y{number - 1}"] if number else parts
        lets[f"y{number}"] = expression_meaning(f"concat({', '.join(operands)})", lets)
        plain = ["payload.x" if each == "x" else each for each in parts]
        written = f"concat({', '.join([*plain, written] if number else plain)})"
    assert lets["y2"] == expression_meaning(written)


def test_lets_in_lets_cost_no_more_than_their_texts() -> None:
    lets = {"a0": expression_meaning("payload.a")}
    for number in range(200):
        lets[f"a{number + 1}"] = expression_meaning(f"concat(a{number}, a{number})", lets)
    assert len(set(lets.values())) == 201


def test_tests_that_when_could_say_stand_before_the_rest() -> None:
    found, left = conditions_of('payload.type == "paid" and (payload.a > 1 or payload.b) and payload.c == "x"')
    assert found == {("type",): "paid"}
    assert left == conditions_of('(payload.a > 1 or payload.b) and payload.c == "x"')[1]
    assert conditions_of('payload.a.b == "c"') == ({("a", "b"): "c"}, None)
