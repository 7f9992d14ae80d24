"""Files for `try` that aren't one JSON message: each is answered with line, text and what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.cli.message_files import advice, notes

RULES = """\
version: 1
source: {topics: [orders]}
rules:
  - name: r
    when: {type: order.paid}
    event:
      {event_type: e, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: positive, value: "1"}
"""
ONE = {"id": "ev-1", "type": "order.paid", "ok": True, "note": None}
JSON = json.dumps(ONE)


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (f"{JSON}\n{JSON}\n", ["line 2: ", "one JSON a line (2 lines)", "keep one line"]),
        (f"c-7\t{JSON}\n", ["line 1: c-7", "the record's key stands before its value", "--key c-7"]),
        (f"// a paid order\n{JSON}\n", ["line 1: // a paid order: JSON has no comments", "take the comment away"]),
        ('{\n  "id": 1, # the id\n  "type": "x"\n}', ["line 2: ", "JSON has no comments"]),
        ("id: ev-1\ntype: order.paid\n", ["line 1: id: ev-1: this is YAML, not JSON", "write it as JSON"]),
        (repr(ONE), ["line 1: {'id'", "how Python prints a dict", "json.dumps"]),
        (JSON.encode("utf-16"), ["UTF-16", "PowerShell", "Out-File -Encoding utf8"]),
        (JSON.encode("utf-16-le"), ["UTF-16", "PowerShell"]),
        (b"\xef\xbb\xbf" + JSON.encode(), ["byte order mark", "without BOM"]),
        (JSON.replace("ev-1", "\xe9").encode("latin-1"), ["line 1: ", "not UTF-8", "save the file as UTF-8"]),
        ('{\n  "id": 1,\n  "type": "x",\n}', ["line 3: ", "no comma before }", "take the comma away"]),
        ('{id: 1, type: "x"}', ["line 1: ", "the name id has no quotes", 'write "id": ...']),
        ("{\u201cid\u201d: 1}", ["line 1: ", "quotation marks", 'write "']),
        ("{'id': undefined}", ["line 1: ", "double quotes"]),
        (JSON[:-5], ["line 1: ", "the file ends before the JSON does", "copy all of the message"]),
        (f"2026-11-18 INFO got {JSON}", ["line 1: ", "there is text before the JSON"]),
        ('{"id": NaN}', ["line 1: ", "NaN and Infinity are no numbers of JSON"]),
        ('{\n "id": 1\n "type": 2}', ["line 3: ", "not JSON from column"]),
        (json.dumps(ONE, indent=2) + "\n" + JSON, ["line 7: ", "another value begins here", "keep the first alone"]),
        (JSON.replace('"', '\\"'), ["line 1: ", "backslashes before its quotes", "without a backslash"]),
        ('"' + JSON.replace('"', '""') + '"', ["line 1: ", "doubled quotes, as in CSV"]),
        ("<html><body>401</body></html>", ["line 1: ", "XML or HTML"]),
        ("id,type\nev-1,order.paid\n", ["line 1: id,type: not JSON from column 1 on"]),
        ("", ["the file is empty", "--tombstone"]),
        (b"\x00\x00\x00\x00\x07\x02abc", ["Avro"]),
        (b"\x1f\x8babc", ["gzip"]),
    ],
)
def test_a_file_that_is_not_json(
    content: str | bytes, parts: list[str], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "m.yaml").write_text(RULES)
    (tmp_path / "message.json").write_bytes(content.encode() if isinstance(content, str) else content)
    assert run(["try", "--rules", str(tmp_path / "m.yaml"), str(tmp_path / "message.json")]) == 1
    out = capfd.readouterr().out
    assert "about the file:" in out
    assert "no rule was evaluated, the message can't be read" in out
    for part in parts:
        assert part in out, out


@pytest.mark.parametrize("payload", [ONE, {"data": {"object": {}}, "type": "x"}, {"value": 5}, "text", 5, None, {}])
def test_of_a_message_that_is_itself_nothing_is_said(payload: object) -> None:
    assert notes(payload) == []


CHANGE = {"op": "u", "before": None, "after": {"id": 1}}


@pytest.mark.parametrize(
    ("payload", "parts"),
    [
        ({"payload": CHANGE}, ["its schema was cut off", "save what is in `payload`"]),
        ({"schema": {"type": "struct", "fields": []}, "payload": CHANGE}, ["source: {envelope: debezium}"]),
        (CHANGE, ["source: {envelope: debezium} payload is the row"]),
    ],
)
def test_what_debezium_writes_is_no_wrapper_of_a_tool(payload: object, parts: list[str]) -> None:
    said = "\n".join(notes(payload))
    for part in parts:
        assert part in said


def test_any_bytes_have_an_answer() -> None:
    for content in (
        b"\xff",
        b"{" * 100_000,
        b"[1,\n",
        b"\n\n",
        b"a\tb",
        b"\x00",
        b"'",
        b"- a: 1",
        b"#",
        b"{]",
        b"123 456",
    ):
        assert all(isinstance(line, str) for line in advice(content))
