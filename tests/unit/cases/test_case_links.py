"""Cases of links run through the decision of production, and say why a conversation wasn't linked."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

from greenflash_kafka.cases.case_runner import CaseResults, run

CHAT = """\
version: 1
source: {topics: [chat.messages]}
conversations:
  - name: support_chat
    when: {role: user}
    id: = payload.c
    at: = time(payload.at)
    keys: {external_user_id: = payload.u}
    max_delay: 1m
rules:
  - name: never_of_other_files
    when: {role: user}
    event: {event_type: x, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, value: 1, influence: neutral}
"""
PAID = """\
version: 1
source: {topics: [shop.orders]}
link: {lookback: 24h}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: paid
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      external_user_id: = payload.user
      value: one
      influence: positive
      insert_id: = payload.id
      properties: {minutes: = round(conversation.seconds_before / 60)}
"""
BEGIN = """\
version: 1
conversations_from: [chat.yaml]
message: {timestamp: "2026-11-18T11:06:41Z", payload: {type: paid, id: o-1, user: u-5}}
event: {event_type: paid, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, value: one, value_type: text,
  influence: positive, external_user_id: u-5, event_at: "2026-11-18T11:06:41Z", insert_id: "paid:o-1"}
conversations:
  - {source: support_chat, id: c-7, external_user_id: u-5, at: "2026-11-18T10:50:41Z"}
cases:
"""
NO_CHAT = "expect: [{}]"


def ran(folder: Path, cases: str, *, begin: str = BEGIN) -> CaseResults:
    (folder / "chat.yaml").write_text(CHAT)
    (folder / "paid.yaml").write_text(PAID)
    (folder / "paid_test.yaml").write_text(begin + indent(dedent(cases), "  "))
    return run([folder / "paid_test.yaml"])


def differences(results: CaseResults) -> list[str]:
    assert results.findings == ()
    return [each.difference for each in results.results]


def test_what_production_would_link_passes(tmp_path: Path) -> None:
    results = ran(
        tmp_path,
        """\
        - name: a quarter of an hour after a chat
          expect: [{external_conversation_id: c-7, properties.minutes: 16}]
          link: linked
        - name: a chat that began after it doesn't count
          conversations: [{source: support_chat, id: c-8, external_user_id: u-5, at: "2026-11-18T11:07:00Z"}]
          expect: [{}]
          link: none
        - name: logged too late
          conversations:
            - {source: support_chat, id: c-7, external_user_id: u-5, at: "2026-11-18T10:50:41Z",
               arrived: "2026-11-18T11:30:00Z"}
          expect: [{unset: [external_conversation_id]}]
        - name: nobody
          unset: [user]
          expect: [{unset: [external_user_id]}]
          link: no-key
        - {name: filtered, set: {type: refund}, expect: nothing, because: type}
        """,
    )
    assert differences(results) == ["", "", "", "", ""]


def test_a_conversation_that_was_not_linked_says_why(tmp_path: Path) -> None:
    wanted = "expect: [{external_conversation_id: c-7, properties.minutes: 16}]"
    late, after, before, other, none = differences(
        ran(
            tmp_path,
            f"""\
            - name: late
              conversations: [{{source: support_chat, id: c-7, external_user_id: u-5, at: "2026-11-18T10:50:41Z",
                arrived: "2026-11-18T11:30:00Z"}}]
              {wanted}
            - name: after
              conversations: [{{source: support_chat, id: c-7, external_user_id: u-5, at: "2026-11-18T11:07:00Z"}}]
              {wanted}
            - name: before
              conversations: [{{source: support_chat, id: c-7, external_user_id: u-5, at: "2026-11-16T11:07:00Z"}}]
              {wanted}
            - name: other
              conversations: [{{source: support_chat, id: c-7, external_user_id: u-6, at: "2026-11-18T10:50:41Z"}}]
              {wanted}
            - name: none
              conversations: []
              {wanted}
            """,
        )
    )
    assert "event 1: none: no conversation had an activity in the lookback" in late
    assert "c-7 (support_chat): 10:50:41, but it was logged 11:30:00, after the horizon 11:07:41" in late
    assert "c-7 (support_chat): 11:07:00 is after the event, 11:06:41" in after
    assert "2026-11-16T11:07:00Z is before the lookback, which begins 2026-11-17T11:06:41Z" in before
    assert "c-7 (support_chat): wasn't looked at: it is known by external_user_id u-6" in other
    assert "searched by external_user_id u-5, from 1 d before 2026-11-18T11:06:41Z: none" in none


def test_a_wrong_result_is_a_difference_though_the_fields_are_right(tmp_path: Path) -> None:
    (found,) = differences(ran(tmp_path, "- {name: n, conversations: [], expect: [{}], link: ambiguous}\n"))
    assert "-  link: ambiguous\n+  link: none" in found


def test_without_the_file_of_the_conversations_nothing_is_linked_and_that_is_said(tmp_path: Path) -> None:
    begin = BEGIN.replace("conversations_from: [chat.yaml]\n", "").replace(
        '\n  - {source: support_chat, id: c-7, external_user_id: u-5, at: "2026-11-18T10:50:41Z"}', " []"
    )
    (found,) = differences(ran(tmp_path, "- {name: n, expect: [{external_conversation_id: c-7}]}\n", begin=begin))
    assert "name the mapping file that has it by `conversations_from: [../chat/x.yaml]`" in found


def test_messages_of_a_conversation_topic_have_cases(tmp_path: Path) -> None:
    (tmp_path / "chat.yaml").write_text(CHAT.partition("rules:")[0])
    (tmp_path / "chat_test.yaml").write_text(
        dedent("""\
        version: 1
        message: {payload: {c: c-7, u: u-5, role: user, at: "2026-11-18T10:50:00Z"}}
        cases:
          - name: an activity
            expect:
              conversations: [{source: support_chat, id: c-7, external_user_id: u-5, at: "2026-11-18T10:50:00Z"}]
          - {name: the bot, set: {role: bot}, expect: nothing, because: role}
          - {name: without an id, unset: [c], expect: {invalid: missing, rule: support_chat}}
          - {name: not nothing, expect: nothing}
          - name: another one
            expect:
              conversations: [{source: support_chat, id: c-8, external_user_id: u-5, at: "2026-11-18T10:50:00Z"}]
        """)
    )
    one, bot, bad, something, other = differences(run([tmp_path]))
    assert (one, bot, bad) == ("", "", "")
    assert '+conversation: support_chat, id: "c-7"' in something
    assert '-conversation: support_chat, id: "c-8"' in other
