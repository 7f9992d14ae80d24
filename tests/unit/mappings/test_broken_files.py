"""Every shape of broken YAML that people write gets one finding, at its line, with the form to write instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.rules.one_mistake import FILE, VALUE, WHEN, changed, findings, said

RULE = "- name: second\n  when: {type: x}\n  event: {event_type: e}\n"


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (FILE.replace("    when:\n      type", "     when:\n       type"), 5, "begin it with 4 spaces"),
        (FILE.replace("\n    ", "\n     "), 5, "begin it with 4 spaces"),
        (FILE.replace("    when:", "   when:"), 5, "begin it with 4 spaces"),
        (FILE.replace("    event:", "   event:"), 7, "begin it with 4 spaces"),
        (FILE.replace("    event:", "     event:"), 7, "begin it with 4 spaces"),
        (FILE.replace("      insert_id", "     insert_id"), 11, "5 spaces"),
        (FILE.replace("      insert_id", "       insert_id"), 11, "7 spaces"),
        (changed(WHEN, f"{WHEN}\n status: paid"), 6, "the lines around it after 7"),
        (
            FILE.replace("      type: order.paid\n", "      type: order.paid\n     status: x\n"),
            7,
            "begin it with 6 spaces",
        ),
        (FILE + RULE, 16, "add 2 spaces"),
        (FILE + RULE.replace("\n", "\n   ").rstrip(" ").replace("- name", "   - name"), 16, "take 1 space"),
        (FILE + RULE.replace("\n", "\n ").rstrip(" ").replace("- name", " - name"), 16, "add 1 space"),
        (changed("- name: paid", "-name: paid"), 4, "- name: paid"),
        (changed(WHEN, "status:\n-paid\n-new"), 7, "- paid"),
        (changed("event_type: purchase", "- event_type: purchase"), 8, "take the dash away: event_type: purchase"),
        (FILE.replace("    when:\n      ", "    when:\n\t  "), 6, "begin the line with 6 spaces"),
        (FILE.replace("    event:", "\tevent:"), 7, "spaces"),
        (changed(WHEN, "type:\torder.paid"), 6, "type: order.paid"),
        (changed("name: paid", "name = paid"), 4, "name: paid"),
    ],
)
def test_a_line_at_the_wrong_column_is_named_with_the_right_one(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    (finding,) = findings(tmp_path, text)
    assert (finding.line, finding.code) == (line, "bad-yaml")
    assert words in said(finding)


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        (WHEN, "cents: > 100", "cents: {above: 100}"),
        (WHEN, "total: >= 9.5", "total: {at_least: 9.5}"),
        (WHEN, "cents: {>=: 100}", "cents: {at_least: 100}"),
        (WHEN, "cents: {> 100}", "cents: {above: 100}"),
        (WHEN, "type: | order.paid", "type: order.paid"),
        (WHEN, r'id: {matches: "^\d+$"}', r"id: {matches: '^\d+$'}"),
        (WHEN, 'id: {matches: "^ord\\.\\w+$", exists: true}', r"id: {matches: '^ord\.\w+$', exists: true}"),
        (VALUE, 'value: "= concat("a", payload.x)"', "value: '= concat(\"a\", payload.x)'"),
        (VALUE, "value: '= concat('a', payload.x)'", "value: \"= concat('a', payload.x)\""),
        (VALUE, "value: 'it's'", 'value: "it\'s"'),
        (WHEN, 'type: "say "hi" now"', "type: 'say \"hi\" now'"),
        (WHEN, "type: @vip", "type: '@vip'"),
        (WHEN, "type: %d", "type: {ends_with: d}"),
        (WHEN, "type: `order.paid`", "type: order.paid"),
        (WHEN, "@timestamp: x", "'payload[\"@timestamp\"]': x"),
        (WHEN, "type: *", "type: {exists: true}"),
        (WHEN, "cents: {above: 100", "cents: {above: 100}"),
        (WHEN, "type: [a, b", "type: [a, b]"),
        (WHEN, "type: [a, b}", "type: [a, b]"),
        (WHEN, "cents: {above: 100}}", "cents: {above: 100}"),
        (WHEN, "type: [a, b]]", "type: [a, b]"),
        (WHEN, 'type: "order.paid', 'type: "order.paid"'),
        (WHEN, "type: 'order.paid", "type: 'order.paid'"),
        (WHEN, '"type": "order.paid",\n"status": "paid"', '"type": "order.paid"'),
        (WHEN, "type: order.paid\nstatus: 'paid',", "status: 'paid'"),
        (WHEN, "status: != open", "status: {not: open}"),
        (WHEN, "status: !open", "status: {not: open}"),
        (WHEN, "type: Order: paid", "type: 'Order: paid'"),
        (VALUE, 'value: = concat("#1 #", payload.x)', "value: '= concat(\"#1 #\", payload.x)'"),
    ],
)
def test_following_the_hint_about_a_broken_line_gives_a_file_without_findings(
    tmp_path: Path, old: str, new: str, shown: str
) -> None:
    (finding,) = findings(tmp_path, changed(old, new))
    assert shown in finding.hint
    right = [shown if each.rstrip(",") == shown else each for each in new.split("\n")]
    assert findings(tmp_path, changed(old, "\n".join(right) if shown in right else shown)) == ()


@pytest.mark.parametrize("sign", ["--", "//", "/*", "<!--"])
def test_a_comment_of_another_language_is_named_in_its_own_line(tmp_path: Path, sign: str) -> None:
    (finding,) = findings(tmp_path, changed(WHEN, f"{sign} paid orders only\n{WHEN}"))
    assert (finding.line, finding.hint) == (6, "# paid orders only")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        (FILE.replace("      value", "<<<<<<< HEAD\n      value"), 12, "merge conflict of git"),
        (FILE.replace("      value", "=======\n      value"), 12, "keep the lines of one side"),
        (FILE + ">>>>>>> feature/new-rules\n", 16, "merge conflict of git"),
        (f"```yaml\n{FILE}```\n", 1, "Markdown"),
        (f"{FILE}```\n", 16, "Markdown"),
        ('<?xml version="1.0"?>\n<rules/>\n', 1, "XML"),
        ("plan_id,name\n1,a\n", 1, "CSV"),
        ("# plans\nplan_id;name\n1;a\n", 2, "CSV"),
        (f"{FILE}---\nversion: 1\n", 16, "a second document begins here"),
        ('{"version": 1\n "source": {}}\n', 1, '{"version": 1,'),
        ("", 1, "the file is empty"),
        ("# nothing yet\n", 1, "the file is empty"),
    ],
)
def test_a_file_of_something_else_is_said_to_be_that(tmp_path: Path, text: str, line: int, words: str) -> None:
    (finding,) = findings(tmp_path, text)
    assert finding.line == line
    assert words in said(finding)


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (changed(WHEN, "\u00a0type: order.paid"), (6, 7), "U+00A0 (no-break space) | type a space"),
        (changed(WHEN, "type:\u00a0order.paid"), (6, 12), "U+00A0 (no-break space) | type a space"),
        (FILE.replace("    when:", "\u00a0\u00a0\u00a0\u00a0when:"), (5, 1), "U+00A0 (no-break space) | type a space"),
        (FILE.replace("when:", "when\u202f:"), (5, 9), "U+202F"),
        (changed(WHEN, "ty\u200bpe: order.paid"), (6, 9), "U+200B (zero width space) | delete it"),
        (changed(WHEN, "\ufefftype: order.paid"), (6, 7), "U+FEFF"),
    ],
)
def test_an_invisible_character_is_named_with_its_place(
    tmp_path: Path, text: str, place: tuple[int, int], words: str
) -> None:
    (finding,) = findings(tmp_path, text)
    assert (finding.line, finding.column) == place
    assert words in said(finding)


def test_an_invisible_character_in_a_text_for_people_is_no_mistake(tmp_path: Path) -> None:
    described = changed("- name: paid", "- name: paid\n  description: |\n    \u00a0 10\u00a0000 €: a price\n\u00a0\n")
    assert findings(tmp_path, described.replace("\n  \u00a0\n", "\n")) == ()


def test_two_lines_of_one_field_are_one_line_with_a_list(tmp_path: Path) -> None:
    (finding,) = findings(tmp_path, changed(WHEN, "type: a\ntype: b"))
    assert (finding.line, finding.code) == (7, "duplicate-key")
    assert "type: [a, b]" in finding.hint
