"""Findings of `doctor` about the links of a rule: the lines to write, where, and no id unless it is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from pathlib import Path

import pytest

from greenflash_kafka.cli.link_words import KeyFinding, outcomes_check, shared_checks
from greenflash_kafka.link_study.outcomes_of_rules import OutcomesOfRule
from greenflash_kafka.rules.rule import Rule
from tests.unit.link_study.linked_shop import ORDERS, snapshot_of

KEY = "external_user_id"
OUTCOMES = [f"cus_U-{number}" for number in range(200)]
CHATS = [f"u-{number}" for number in range(150, 400)]


def finding(
    folder: Path,
    ids: Collection[str] = OUTCOMES,
    theirs: Collection[str] = CHATS,
    orders: str = ORDERS,
    rule: str = "paid",
    *,
    values: bool = False,
    proposed: dict[tuple[str, str, tuple[str, ...]], str] | None = None,
    **others: Collection[str],
) -> KeyFinding:
    snapshot = snapshot_of(folder, orders)

    def rules(by_topic: object, topic: str) -> dict[str, Rule]:
        return {each.name: each for each in by_topic[topic][0].rules}  # type: ignore[index]

    sources = rules(snapshot.conversations_by_topic, "chats")
    of = rules(snapshot.by_topic, "orders")[rule]
    keys = {name: each for name, each in ((KEY, theirs), *others.items()) if each}
    return KeyFinding(of, KEY, ids, keys, sources, values=values, proposed=proposed)


def test_the_lines_to_write_stand_with_their_place_and_what_they_do(tmp_path: Path) -> None:
    found = finding(tmp_path)
    assert found.warns
    assert found.lines == [
        "external_user_id: 0 of 200 ids of outcomes are ids of conversations",
        "  others look alike and differ by capitals and the prefix `cus_`. Tried on these ids, 0 -> 50 of 200 match if "
        "you write:",
        f"  {tmp_path}/orders.yaml:3, in `link` of paid:",
        "    by:",
        '      external_user_id: = regex_replace(lower(payload.user), "^cus_", "")',
    ]


def test_a_line_that_holds_for_several_rules_is_written_once(tmp_path: Path) -> None:
    proposed: dict[tuple[str, str, tuple[str, ...]], str] = {}
    assert len(finding(tmp_path, proposed=proposed).lines) == 5
    assert len(finding(tmp_path, proposed=proposed).lines) == 5, "of the rule itself they are written again"
    of_another = dict.fromkeys(proposed, "refunded")
    again = finding(tmp_path, proposed=of_another)
    assert again.warns
    assert again.lines[2:] == [f"  {tmp_path}/orders.yaml:3: the same line as for links of refunded"]


def test_lines_that_are_pasted_are_rules_without_findings(tmp_path: Path) -> None:
    lines = finding(tmp_path).lines
    pasted = "\n".join(f"  {line.removeprefix('    ')}" for line in lines[3:])
    snapshot_of(tmp_path, ORDERS.replace("link: {lookback: 24h}", f"link:\n  lookback: 24h\n{pasted}"))


def test_the_side_of_conversations_has_a_place_of_its_own(tmp_path: Path) -> None:
    lines = finding(tmp_path, [each.lower() for each in OUTCOMES], [f"user:{each}" for each in CHATS]).lines
    assert f"  {tmp_path}/orders.yaml:3, in `link` of paid:" in lines
    assert f"  {tmp_path}/chats.yaml:8, in `keys` of support_chat:" in lines
    assert '    external_user_id: = regex_replace(payload.u, "^user:", "")' in lines


def test_numbers_are_made_texts_before_functions_of_text(tmp_path: Path) -> None:
    lines = finding(tmp_path, [str(n) for n in range(1000, 1200)], [f"{n:08}" for n in range(1000, 1200)]).lines
    assert '    external_user_id: = regex_replace(text(payload.u), "^0+", "")' in lines
    assert any("short numbers are equal by chance" in each for each in lines)


def test_of_several_keys_and_ways_only_the_one_that_differs_changes(tmp_path: Path) -> None:
    orders = ORDERS.replace(
        "- {lookback: 7d}", "- {by: {email: = payload.mail, external_user_id: = payload.id}, lookback: 7d}"
    )
    lines = finding(tmp_path, [each.upper() for each in CHATS], orders=orders, rule="left").lines
    assert lines[2:] == [
        f"  {tmp_path}/orders.yaml:18, in `link` of left:",
        "    by:",
        "      email: = payload.mail",
        "      external_user_id: = lower(payload.id)",
    ]


def test_no_id_is_shown_unless_it_is_asked_for(tmp_path: Path) -> None:
    assert "150" not in "".join(finding(tmp_path).lines)
    shown = finding(tmp_path, values=True).lines
    assert "  'cus_U-150' would be 'u-150'" in shown
    assert sum("would be" in each for each in shown) == 3


def test_ids_of_another_system_are_joined_by_a_table(tmp_path: Path) -> None:
    found = finding(tmp_path, [f"cus_{n * 7919:x}Q" for n in range(200)], [f"{n}@acme.test" for n in range(200)])
    assert found.warns
    assert "ids of outcomes: 6 to 11 characters" in found.lines[1]
    assert "like `9@aaaa.aaaa`" in found.lines[1]
    assert "joins them as a table (docs/linking.md" in found.lines[2]


def test_ids_that_stand_under_another_key_are_named_by_it(tmp_path: Path) -> None:
    mails = [f"{n}@acme.test" for n in range(50)]
    assert "50 of 50 are ids of the key email" in "".join(finding(tmp_path, mails, email=mails).lines)
    assert "50 of 50 are ids of the key email" in "".join(finding(tmp_path, mails, [], email=mails).lines)


@pytest.mark.parametrize("ids", [["a", "b"], CHATS[:100]])
def test_few_ids_and_ids_that_match_are_no_warning(tmp_path: Path, ids: list[str]) -> None:
    assert not finding(tmp_path, ids).warns


def test_plus_tags_are_said_and_not_proposed(tmp_path: Path) -> None:
    mails = [f"ada{n}@acme.test" for n in range(50)]
    found = finding(tmp_path, [each.replace("@", "+shop@") for each in mails[5:]] + mails[:5], mails)
    assert not found.warns
    assert "45 more would match without plus tags" in found.lines[-1]


def test_counts_of_a_rule_stand_in_one_line() -> None:
    results = Counter({"linked": 3, "none": 4, "no-key": 1, "own": 2})
    reasons = Counter({"after-event": 2})
    found = OutcomesOfRule(results, 5, reasons, since_ms=1_796_083_200_000)  # type: ignore[arg-type]
    check = outcomes_check("paid", found, [], warn=False)
    assert (check.name, check.status) == ("links of paid", "ok")
    assert check.said == (
        "of its last 10 outcomes since 2026-12-01 00:00 UTC 7 had a key, 5 a conversation, 3 a link; 2 name their "
        "conversation themselves (not linked: 2 whose activities all come after the event)"
    )
    unkeyed = outcomes_check("paid", OutcomesOfRule(Counter({"no-key": 9, "none": 1})), [], warn=False)
    assert (unkeyed.status, unkeyed.todo[:22]) == ("warning", "9 have no value for a ")
    found = OutcomesOfRule(Counter({"no-key": 9, "none": 1}))
    of_table = outcomes_check("paid", found, [], warn=False, looks_up=True)
    assert "`external_user_id`" not in of_table.todo
    assert "the check of that table says why" in of_table.todo


def test_an_id_that_many_share_is_a_warning_without_it() -> None:
    ids = Counter({"guest": 40, **{f"u-{number}": 1 for number in range(80)}})
    (check,) = shared_checks("events", {KEY: ids})
    assert (check.name, check.status) == (f"key {KEY}", "warning")
    assert check.said.startswith("one id stands in 40 of 120 events")
    assert list(shared_checks("events", {"a": Counter({"guest": 50}), "b": Counter(map(str, range(500)))})) == []
