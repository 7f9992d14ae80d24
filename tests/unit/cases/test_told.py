"""What cases say of conversations: told whole, in time or late, and every fault at its place."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

from greenflash_kafka.cases.case import CasesFile
from greenflash_kafka.cases.case_files import read
from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.model.conversations import Activity

CHAT = """\
version: 1
source: {topics: [chat.messages]}
conversations:
  - name: support_chat
    id: = payload.c
    keys: {external_user_id: = payload.u, email: = payload.e}
"""
PAID = """\
version: 1
source: {topics: [shop.orders]}
rules:
  - name: paid
    link: {lookback: 24h}
    event: {event_type: paid, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, value: 1, influence: positive}
"""


def cases(folder: Path, text: str) -> tuple[CasesFile | None, list[Finding]]:
    (folder / "chat.yaml").write_text(CHAT)
    (folder / "paid.yaml").write_text(PAID)
    report = FileReport(str(folder / "paid_test.yaml"))
    (folder / "paid_test.yaml").write_text(dedent(text))
    return read(folder / "paid_test.yaml", report), list(report.findings)


def ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def test_a_case_replaces_the_files_conversations_and_one_may_arrive_late(tmp_path: Path) -> None:
    file, findings = cases(
        tmp_path,
        """\
        version: 1
        conversations_from: [chat.yaml]
        message: {payload: {}}
        conversations:
          - {source: support_chat, id: c-7, external_user_id: u-5, at: "2026-11-18T10:50:00Z"}
        cases:
          - {name: the file's, expect: nothing}
          - name: its own
            expect: nothing
            conversations:
              - {source: support_chat, id: c-8, email: a, at: "2026-11-18T10:50:00Z", arrived: "2026-11-18T11:30:00Z"}
          - {name: none, expect: nothing, conversations: []}
        """,
    )
    assert findings == []
    assert file is not None
    first, own, none = (case.conversations for case in file.cases)
    assert first[0].activity == Activity(
        "support_chat", None, "c-7", ms("2026-11-18T10:50:00"), (("external_user_id", "u-5"),)
    )
    assert first[0].logged == ms("2026-11-18T10:50:00")
    assert own[0].activity.keys == (("email", "a"),)
    assert own[0].logged == ms("2026-11-18T11:30:00")
    assert none == ()


def test_every_fault_has_its_place_and_the_nearest_name(tmp_path: Path) -> None:
    _, findings = cases(
        tmp_path,
        """\
        version: 1
        conversations_from: [chat.yaml, chta.yaml]
        message: {payload: {}}
        cases:
          - name: n
            link: linkd
            conversations:
              - {source: suport_chat, id: c-7, external_user_id: u-5, at: "2026-11-18T10:50:00Z"}
              - {source: support_chat, id: c-7, external_userid: u-5, at: "2026-11-18T10:50:00Z"}
              - {source: support_chat, id: 7, external_user_id: 5, at: yesterday}
              - {source: support_chat, id: c-7}
              - c-7
              - {source: support_chat, id: c, email: a, at: "2026-11-18T10:50:00Z", arrived: "2026-11-18T10:48:00Z"}
            expect:
              conversations:
                - {source: support_chat, id: c-7, email: a, at: "2026-11-18T10:50:00Z", arrived: "2026-11-18T10:50:00Z"}
        """,
    )
    assert [(each.line, each.code, each.hint) for each in findings] == [
        (2, "unreadable-file", "the path is relative to the cases file"),
        (6, "bad-literal", "did you mean linked?"),
        (8, "unknown-name", "did you mean support_chat?"),
        (9, "unknown-name", "did you mean external_user_id?"),
        (10, "wrong-type", 'write "7"'),
        (10, "wrong-type", 'write "5"'),
        (10, "bad-time", 'write it like "2026-11-18T11:06:41Z"'),
        (11, "missing-key", ""),
        (11, "missing-key", "one of email, external_user_id"),
        (12, "wrong-type", ""),
        (13, "arrived-before-at", ""),
        (16, "unknown-name", "one of source, id, at, email, external_user_id"),
    ]


def test_a_source_of_another_mapping_file_has_to_be_named(tmp_path: Path) -> None:
    _, findings = cases(
        tmp_path,
        """\
        version: 1
        message: {payload: {}}
        conversations:
          - {source: far_away, id: c-7, external_user_id: u-5, at: "2026-11-18T10:50:00Z"}
        cases: [{name: n, expect: nothing}]
        """,
    )
    assert [(each.line, each.code) for each in findings] == [(4, "unknown-name")]
    assert "conversations_from: [../chat/x.yaml]" in findings[0].hint


def test_the_file_that_has_the_source_is_found_if_it_is_near(tmp_path: Path) -> None:
    for name, text in (("chat/support.yaml", CHAT), ("shop/paid.yaml", PAID), ("calls.yaml", CHAT)):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text.replace("support_chat", name.partition(".")[0].replace("/", "_")))
    file = tmp_path / "shop" / "paid_test.yaml"
    told = '{source: %s, id: c, email: e, at: "2026-11-18T10:50:00Z"}'
    file.write_text(
        "version: 1\nmessage: {payload: {}}\n"
        f"conversations: [{told % 'chat_support'}]\n"
        f"cases: [{{name: n, conversations: [{told % 'calls'}], expect: {{conversations: [{told % 'nowhere'}]}}}}]\n"
    )
    report = FileReport(str(file))
    found = read(file, report)
    assert found is not None
    assert [each.resolve() for each in found.conversations_from] == [
        tmp_path / "calls.yaml",
        tmp_path / "chat" / "support.yaml",
    ]
    assert [each.message for each in report.findings] == ["there is no conversation source `nowhere`"]
