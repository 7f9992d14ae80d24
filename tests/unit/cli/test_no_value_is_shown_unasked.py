"""No verb that studies messages shows a value of one, unless that is its purpose or --values asks for it: a canary
stands in every position of messages, and in no report, error or log line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.offset_range import OffsetRange
from greenflash_kafka.source.recording import RecordingHeader, RecordingWriter

CANARY = re.compile("kanarix[a-z]+", re.IGNORECASE)

RULES = """\
version: 1
source: {{topics: [shop]}}
link: {{lookback: 1d}}
defaults:
  product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
  influence: {influence}
  external_user_id: = payload.user
rules:
  - name: paid
    when: {{type: paid, amount: {{exists: true}}}}
    event:
      event_type: upgrade_purchased
      value: = money_major(payload.amount, payload.currency)
      insert_id: {insert_id}
      event_at: = time(payload.at)
      properties:
        currency: = payload.currency
        note: = payload.note
        plan: = upper(payload.{plan})
        more: = payload.more
        key: = kafka.key
        trace: = kafka.headers.trace
  - name: attributed
    when: {{type: attributed}}
    event:
      event_type: feature_viewed
      value: = payload.note
      properties: = payload.more
  - name: each_line
    when: {{payload.type: lines}}
    each: payload.lines
    event:
      event_type: feature_viewed
      value: = payload.note
      properties: {{cents: = number(item)}}
  - name: valued
    when: {{type: valued}}
    event: {{event_type: invoice_paid, value: "5", value_type: currency, properties: {{currency: = payload.{plan}}}}}
  - name: named_by_messages
    when: {{type: named}}
    event: {{event_type: feature_viewed, value: "1", properties: "= payload.{more}"}}
"""
CHATS = """\
version: 1
source: {topics: [chats]}
conversations:
  - name: chat
    id: = payload.chat
    at: = time(payload.at)
    keys: {external_user_id: = payload.user}
"""


def _payload(kind: str, number: int, **more: object) -> dict[str, Any]:
    """Canaries as values of every kind, in lists and deep inside; none of them repeats, as states and plans do."""
    own = chr(ord("a") + number)
    return {
        "type": kind,
        "id": f"kanarixid{own}",
        "user": f"kanarixuser{own}",
        "note": f"kanarixnote said {own}",
        "plan": f"kanarixplan{own}",
        "tier": f"kanarixtier{own}",
        "email": f"kanarixmail{own}@kanarixhost{own}.example",
        "amount": "12.50",
        "currency": "EUR",
        "at": "2026-11-28T10:00:00Z",
        "lines": [f"kanarixline{own}", {"sku": f"kanarixsku{own}"}],
        "more": {"deep": {"text": f"kanarixdeep{own}"}, "list": [f"kanarixlist{own}"]},
        **more,
    }


def _messages() -> Iterator[Message]:
    payloads: list[object] = [
        _payload("paid", 1),
        _payload("paid", 1, note="kanarixother", more={"deep": "kanarixdeeper"}),
        _payload("paid", 2, amount="kanarixamount"),
        _payload("paid", 3, currency="kanarixcurrency"),
        _payload("paid", 4, at="kanarixtime"),
        _payload("paid", 5, user={"kanarixobject": "kanarixobject"}),
        _payload("paid", 6, note="kanarixlong" * 1_000),
        _payload("paid", 7, more={"kanarixkey": 1, "kanarix@keymail": {"kanarixinner": [1]}}),
        _payload("attributed", 8, more={"kanarixpropertyname": 1, "a" * 300: "kanarixlongname"}),
        _payload("attributed", 9, more="kanarixtext"),
        _payload("lines", 10),
        _payload("lines", 11, lines="kanarixnolist"),
        _payload("valued", 12),
        _payload("named", 13, other={"kanarixpropertyname": 1, "kanarix@mail": 2}),
        ["kanarixitem", {"kanarixitemkey": 1}],
        "kanarixbare",
    ]
    values = [json.dumps(each).encode() for each in payloads]
    values += [
        b'{"type": "paid", "note": "kanarixbroken',
        b'{"kanarixnokey: 1}',
        b"kanarixplain",
        b"\xff\xfekanarixbytes",
        b"",
    ]
    values += [
        b'{"type": "paid", "type": "seen", "id": 1}',
        b'{"a": kanarixliteral}',
        b"\0\0\0\0\1kanarixframed",
    ]
    for offset, value in enumerate(values):
        headers = (("trace", b"kanarixheader%d" % offset), ("bytes", b"\xffkanarixheaderbytes"))
        yield Message("shop", 0, offset, 1_796_083_200_000 + offset, b"kanarixkafkakey%d" % offset, value, headers)
    yield Message("shop", 0, len(values), 1_796_083_300_000, b'{"kanarixtombstone": 1}', None, headers)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("canaries")
    shapes = {
        "old": {"influence": "positive", "insert_id": "= payload.id", "plan": "plan", "more": "more"},
        "new": {"influence": "negative", "insert_id": '= concat("n-", payload.id)', "plan": "tier", "more": "other"},
    }
    for name, shape in shapes.items():
        (folder / name).mkdir()
        (folder / name / "shop.yaml").write_text(RULES.format(**shape))
        (folder / name / "chats.yaml").write_text(CHATS)
    messages = list(_messages())
    chat = {"chat": "kanarixchat", "user": "kanarixusera", "at": "2026-11-28T09:59:00Z"}
    chats = [
        json.dumps(chat).encode(),
        b'{"chat": "kanarixbrokenchat',
        json.dumps({**chat, "at": "kanarixchattime"}).encode(),
    ]
    ranges = (OffsetRange("chats", 0, 0, len(chats)), OffsetRange("shop", 0, 0, len(messages)))
    writer = RecordingWriter(folder / "week.ndjson", RecordingHeader(1, "c", {"shop": "t"}, ranges))
    writer.write([Message("chats", 0, offset, 1_796_083_100_000, None, each) for offset, each in enumerate(chats)])
    writer.write(messages)
    writer.close()
    return folder


Said = Callable[..., str]


@pytest.fixture
def said(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Said:
    """All that the command line printed, on both streams."""
    monkeypatch.chdir(tmp_path)

    def invoke(*arguments: str, code: int | None = 0) -> str:
        capfd.readouterr()
        found = run([each.format(folder=folder) for each in arguments])
        out, err = capfd.readouterr()
        assert code is None or found == code, out + err
        assert "Traceback" not in err
        return out + err

    return invoke


WEEK = ("--from", "{folder}/week.ndjson")
OLD = ("--mappings", "{folder}/old")
RULES_NAMED = ("--rules", "paid,attributed,each_line,valued,named_by_messages")
FIELDS = {"inner", "itemkey", "key", "object", "propertyname"}
"""Names of fields: what there is to read, which `discover` and `peek` show."""


def canaries(text: str) -> set[str]:
    return {each.lower() for each in CANARY.findall(text)}


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (("diff", "{folder}/old", "{folder}/new"), set()),
        (("diff", "{folder}/old", "{folder}/new", "--json"), set()),
        (("diff", "{folder}/old", "{folder}/new", "--markdown"), set()),
        (("coverage", "{folder}/old"), set()),
        (("coverage", "{folder}/old", "--json"), set()),
        (("backfill", *OLD, *RULES_NAMED), set()),
        (("backfill", *OLD, *RULES_NAMED, "--json"), set()),
        (("discover", "shop", "--print"), FIELDS),
        (("discover", "shop", "chats", "--no-write"), FIELDS),
        (("discover", "shop", "chats", "--json", "--no-write"), FIELDS),
        (("peek", "shop", "--mask", "--last", "50", *OLD), FIELDS),
        (("peek", "shop", "--mask", "--last", "50", "--json"), FIELDS),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, tuple) else "",
)
def test_a_report_has_no_value(said: Said, arguments: tuple[str, ...], names: set[str]) -> None:
    text = said(*arguments, *WEEK)
    assert len(text) > 300, text
    assert canaries(text) <= {f"kanarix{each}" for each in names}, text


def test_what_is_saved_and_proposed_has_no_value(said: Said, tmp_path: Path) -> None:
    said("peek", "shop", "--last", "50", "--save", "samples", *WEEK)
    said("discover", "shop", *WEEK)
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    assert len(files) > 10
    for each in files:
        assert canaries(each.read_text()) <= {f"kanarix{name}" for name in FIELDS}, each


def test_what_is_asked_for_is_shown(said: Said) -> None:
    assert "kanarixtier" in said("diff", "{folder}/old", "{folder}/new", "--values", *WEEK)
    assert "properties.kanarixpropertyname" in said("diff", "{folder}/old", "{folder}/new", "--values", *WEEK)
    assert "kanarixuser" in said("peek", "shop", "--last", "50", *OLD, *WEEK)


@pytest.mark.parametrize("cut", [b'{"topic"', b'"value":"'])
def test_a_broken_recording_is_named_by_its_line(said: Said, folder: Path, tmp_path: Path, cut: bytes) -> None:
    whole = (folder / "week.ndjson").read_bytes()
    (tmp_path / "cut.ndjson").write_bytes(whole[: whole.rindex(cut) + 30])
    for arguments in (("coverage", "{folder}/old"), ("peek", "shop"), ("diff", "{folder}/old", "{folder}/new")):
        text = said(*arguments, "--from", "cut.ndjson", code=None)
        assert "cut.ndjson:" in text
        assert not canaries(text), text
