"""The expression that joins ids of two systems: found for the usual differences, true on the ids, silent elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.link_study.id_joins import IdJoin, joined
from greenflash_kafka.link_study.id_steps import Steps, written

Change = Callable[[int], str]


def uuid(number: int, dash: str) -> str:
    """A UUID of this number."""
    text = f"{number * 2_654_435_761:032x}"
    return dash.join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def by_rule(steps: Steps, ids: list[str]) -> list[str | None]:
    """What a rule with these steps makes of ids that stand in `payload.id`, compiled as rules are."""
    evaluate = compile_expression(written(steps, "payload.id"), Names()).evaluate
    found: list[str | None] = []
    for each in ids:
        try:
            value = evaluate(Scope({"id": each}))
            found.append(value if isinstance(value, str) else None)
        except EvaluationError:
            found.append(None)
    return found


def really(join: IdJoin, outcomes: list[str], conversations: list[str]) -> int:
    """How many ids of outcomes the steps join."""
    theirs = set(by_rule(join.conversations, conversations)) - {None, ""}
    return sum(each in theirs for each in by_rule(join.outcomes, outcomes))


@pytest.mark.parametrize(
    ("outcome", "conversation", "ours", "theirs"),
    [
        (lambda n: f"U-{n}", lambda n: f"u-{n}", "lower(x)", "x"),
        (lambda n: f"u-{n}", lambda n: f"U-{n}", "x", "lower(x)"),
        (lambda n: f" u-{n} ", lambda n: f"u-{n}", "trim(x)", "x"),
        (lambda n: f"cus_{n}", lambda n: f"{n}", 'regex_replace(x, "^cus_", "")', "x"),
        (lambda n: f"a{n}", lambda n: f"user:a{n}", 'concat("user:", x)', "x"),
        (
            lambda n: f"cus_{n}",
            lambda n: f"user:{n}",
            'regex_replace(x, "^cus_", "")',
            'regex_replace(x, "^user:", "")',
        ),
        (lambda n: f"cus_U{n}", lambda n: f"u{n}", 'regex_replace(lower(x), "^cus_", "")', "x"),
        (lambda n: f"ada{n}", lambda n: f"ada{n}@acme.test", 'concat(x, "@acme.test")', "x"),
        (lambda n: f"{n:08}", lambda n: f"{n}", 'regex_replace(x, "^0+", "")', "x"),
        (lambda n: f"{n}", lambda n: f"{n:08}", "x", 'regex_replace(x, "^0+", "")'),
        (
            lambda n: f"cus_{n:08}",
            lambda n: f"{n}",
            'regex_replace(regex_replace(x, "^cus_", ""), "^0+", "")',
            "x",
        ),
        (lambda n: f"ada{n}%40acme.test", lambda n: f"ada{n}@acme.test", 'parse_query(concat("id=", x)).id', "x"),
        (lambda n: uuid(n, "-"), lambda n: uuid(n, ""), 'replace(x, "-", "")', "x"),
        (lambda n: f"Ada.{n}@Acme.Test", lambda n: f"ada.{n}@acme.test", "lower(x)", "x"),
    ],
)
def test_usual_differences_are_found_with_the_simplest_expression(
    outcome: Change, conversation: Change, ours: str, theirs: str
) -> None:
    outcomes = [outcome(number) for number in range(100, 200)]
    conversations = [conversation(number) for number in range(150, 900)]
    found = joined(outcomes, conversations)
    assert (written(found.outcomes, "x"), written(found.conversations, "x")) == (ours, theirs)
    assert (found.before, found.after, found.of, found.merged) == (0, 50, 100, 0)
    assert really(found, outcomes, conversations) == 50


@pytest.mark.parametrize(
    ("outcome", "conversation"),
    [
        (lambda n: f"+49 171 {n}", lambda n: f"0049171{n}"),
        (lambda n: f"+49171{n}", lambda n: f"+49 (171) {n}"),
        (lambda n: f"0171/{n}", lambda n: f"+49171{n}"),
        (lambda n: f"+49171{n}", lambda n: f"0171-{n}"),
        (lambda n: uuid(n, "").upper(), lambda n: uuid(n, "-")),
    ],
)
def test_forms_of_phone_numbers_and_uuids_are_joined(outcome: Change, conversation: Change) -> None:
    outcomes = [outcome(number) for number in range(5_550_000, 5_550_100)]
    conversations = [conversation(number) for number in range(5_550_050, 5_550_500)]
    found = joined(outcomes, conversations)
    assert (found.before, found.after) == (0, 50)
    assert really(found, outcomes, conversations) == 50


def test_ids_of_two_systems_are_not_joined() -> None:
    found = joined([f"cus_{n * 7919:x}Q" for n in range(500)], [f"{n}@acme.test" for n in range(500)])
    assert (found.outcomes, found.conversations, found.before, found.after) == ((), (), 0, 0)


def test_ids_that_match_stay_as_they_are() -> None:
    found = joined([f"u-{n}" for n in range(100)], [f"u-{n}" for n in range(50, 500)])
    assert (found.joins, found.before, found.after) == (False, 50, 50)


def test_two_pairs_prove_nothing() -> None:
    assert not joined(["A", "B"], ["a", "b"]).joins
    assert not joined([], []).joins


def test_plus_tags_are_counted_and_not_proposed() -> None:
    outcomes = [f"ada{n}+shop@acme.test" for n in range(50)] + ["bo@acme.test"]
    found = joined(outcomes, ["bo@acme.test", *(f"ada{n}@acme.test" for n in range(50))])
    assert (found.joins, found.before, found.tagged) == (False, 1, 50)


def test_ids_that_become_one_are_counted() -> None:
    outcomes = [f"{case}{n}" for n in range(10) for case in ("u", "U")]
    found = joined(outcomes, [f"u{n}" for n in range(10)])
    assert (found.before, found.after, found.merged) == (10, 20, 10)


_IDS = st.lists(st.text(alphabet="aAbB01-_@:+ %.", min_size=1, max_size=6), min_size=1, max_size=30)
_FORMS: list[Callable[[str], str]] = [
    str,
    str.upper,
    lambda each: f"cus_{each}",
    lambda each: f" {each}",
    lambda each: f"00{each}",
    lambda each: each.replace("-", ""),
    lambda each: each.replace("@", "%40"),
    lambda each: f"{each}@acme.test",
]


@given(_IDS, st.sampled_from(_FORMS), st.sampled_from(_FORMS))
def test_what_is_said_is_what_the_expression_does(
    ids: list[str], one: Callable[[str], str], other: Callable[[str], str]
) -> None:
    # A key without a value is none.
    outcomes = list(dict.fromkeys(filter(None, map(one, ids))))
    conversations = list(dict.fromkeys(filter(None, map(other, ids))))
    found = joined(outcomes, conversations)
    assert found.before == len(set(outcomes) & set(conversations))
    assert found.after == really(found, outcomes, conversations)
    assert found.joins == bool(found.outcomes or found.conversations)
    if found.joins:
        assert found.after - found.before >= 3
