"""`ignored:` says which messages mean nothing, and changes no evaluation."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.mappings.files import Loaded
from tests.unit.rules.one_rule import RULE, changed, places

Load = Callable[..., Loaded]

IGNORED = (
    RULE
    + """\
ignored:
  - when: {type: [seen, opened]}
    because: nobody buys anything by it
  - when: {kind: test, any: [{level: {above: 3}}, {internal: true}]}
    because: tests of our own
"""
)


def fitting(loaded: Loaded, payload: object) -> list[str]:
    assert loaded.ruleset is not None, loaded.findings
    (file,) = loaded.ruleset.files_reading("t")
    return [each.because for each in file.ignored if each.fits(Scope(payload))]


@pytest.mark.parametrize(
    ("payload", "because"),
    [
        ({"type": "seen"}, ["nobody buys anything by it"]),
        ({"type": "x"}, []),
        ({"type": "opened", "kind": "test", "internal": True}, ["nobody buys anything by it", "tests of our own"]),
        ({"kind": "test", "level": "many"}, []),
        (None, []),
        ([1], []),
    ],
)
def test_what_fits_an_entry_is_ignored(load_text: Load, payload: object, because: list[str]) -> None:
    assert fitting(load_text(IGNORED), payload) == because


def test_a_message_without_a_payload_is_ignored_by_what_asks_for_it(load_text: Load) -> None:
    text = RULE + "ignored:\n  - when: {payload: null}\n    because: deleted\n"
    assert fitting(load_text(text), None) == ["deleted"]


def test_rules_and_what_they_read_stay_as_they_were(load_text: Load) -> None:
    plain, ignoring = load_text(RULE).ruleset, load_text(IGNORED).ruleset
    assert plain is not None
    assert ignoring is not None
    ours, theirs = plain.rules_for("t"), ignoring.rules_for("t")
    assert ours is not None
    assert theirs is not None
    assert (ours.shape, ours.names, ours.ids) == (theirs.shape, theirs.names, theirs.ids)


@pytest.mark.parametrize(
    ("entry", "where"),
    [
        ("- when: {type: x}", (14, 5, "missing-key")),
        ("- because: y", (14, 5, "missing-key")),
        ("- {when: {}, because: y}", (14, 12, "no-condition")),
        ("- {when: {type: {gt: 1}}, because: y}", (14, 20, "unknown-operator")),
        ("- {where: a, because: y, when: {a: 1}}", (14, 6, "unknown-key")),
    ],
)
def test_a_mistake_in_an_entry_is_found(load_text: Load, entry: str, where: tuple[int, int, str]) -> None:
    loaded = load_text(RULE + "ignored:\n  " + entry + "\n")
    assert places(loaded.findings) == [where]


def test_items_are_not_asked_about(load_text: Load) -> None:
    text = changed("    when: {type: x}", "    each: payload.lines\n    when: {item.type: x}").replace(
        "payload.id", 'join([payload.id, index], "-")'
    )
    loaded = load_text(text + "ignored:\n  - {when: {item.type: y}, because: z}\n")
    assert [each.code for each in loaded.findings if each.severity == "error"] != []


@pytest.mark.parametrize(
    ("said", "start"),
    [("latest", "latest"), ("earliest", "earliest"), ("2026-12-01", 1_796_083_200_000),
     ('"2026-12-01T01:00:00+01:00"', 1_796_083_200_000)],
)  # fmt: skip
def test_a_file_says_where_a_group_begins(load_text: Load, said: str, start: object) -> None:
    loaded = load_text(changed("topics: [t]", f"topics: [t], initial_offset: {said}"))
    assert loaded.ruleset is not None, loaded.findings
    assert loaded.ruleset.initial_offset("t") == start
    assert loaded.ruleset.initial_offset("other") is None


@pytest.mark.parametrize("said", ["newest", "5", "[latest]", "2026-13-01"])
def test_what_is_no_start_is_said(load_text: Load, said: str) -> None:
    loaded = load_text(changed("topics: [t]", f"topics: [t], initial_offset: {said}"))
    assert places(loaded.findings)[0][0::2] == (2, "bad-time")


def test_a_start_without_rules_says_that_it_means_nothing(load_text: Load) -> None:
    text = "version: 1\nsource: {topics: [t], initial_offset: latest}\nconversations:\n"
    loaded = load_text(text + "  - {name: c, id: = payload.i, keys: {external_user_id: = payload.u}}\n")
    assert (2, 23, "initial-offset-without-rules") in places(loaded.findings)
