"""The fuzz targets: each takes any bytes, and fails when its promise about them doesn't hold.

All of them promise: no exception but our own, the same outcome for the same input, and an end within SECONDS of
processor time. What else each one promises is in its own docstring.
"""

# ruff: noqa: PT017 - a target isn't a test: what it catches is what it looks at
from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, get_args

import msgspec

from greenflash_kafka.cases.case_files import read as read_cases
from greenflash_kafka.config.load import examine
from greenflash_kafka.decoding import json_format
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.delivery.response_table import judge
from greenflash_kafka.dlq import letter_record, reader
from greenflash_kafka.documents import codes
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.evaluate import explain
from greenflash_kafka.expressions.expression import Expression, compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import EvaluationError, ExpressionRefused, RefusalCode
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.context import EvaluationContext
from greenflash_kafka.model.event import refusals
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.model.payload import too_deep
from greenflash_kafka.model.problem import CODES
from greenflash_kafka.ports import Reply, Request, TransportFault
from greenflash_kafka.resolve import resolve
from greenflash_kafka.snapshot import Snapshot
from greenflash_kafka.web.header_block import HeaderBlock
from tests.fuzz.avro import avro
from tests.fuzz.connect import connect
from tests.fuzz.framing import framing
from tests.fuzz.protobuf import protobuf

PARTS: Final = json_format.decoder({"type": None, "id": None, "data": {"object": None, "a": None}})

Target = Callable[[bytes], None]

ROOT: Final = Path(__file__).parents[2]
NOW: Final = 1_795_000_000_000
SECONDS: Final = 5.0
"""Five times what a message may take: the machine that fuzzes is busy."""

ENV: Final = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}
CONTEXT: Final = EvaluationContext(cluster_id="c", hash_key=b"key")

HOSTILE: Final = b"""\
version: 1
source: {topics: [hostile], key: json, before: payload.before, after: payload.after}
let:
  many: = [payload, payload, payload, payload, payload.a, kafka.key, kafka.headers, kafka.timestamp]
  more: = [many, many, many, many, [x for x in many if x == payload.a], distinct(many), flatten(many)]
rules:
  - name: each
    each: = payload.items
    event:
      event_type: = coalesce(item.type, text(payload.a), "x")
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value_type: text
      value: = coalesce(item.value, money_major(payload.a, payload.b), concat(index, kafka.key))
      event_at: = time(item.at)
      user_id: = payload.user
      quality_impact_score: = number(payload.b) / payload.a
      sample_rate: = payload.rate
      insert_id: = join([payload.a, index, hash(payload.b)], "-")
      properties: = item.properties
  - name: all
    when: {a: {exists: true}, after.b: {changed: true}}
    valid: {from: 2020-01-01, until: 2030-01-01, zone: Europe/Paris}
    event:
      event_type: = payload.a
      product_id: = payload.product
      influence: neutral
      value: = payload.b
      properties:
        more: = more
        sorted: = sort(payload.items)
        sum: = sum(payload.items)
        json: = parse_json(payload.a)
"""


def decoding(data: bytes) -> None:
    """A payload or DecodeError; the error's text is short; the payload is no deeper than is promised. Read in part it
    is what it is as a whole, but for numbers that are too large only where somebody reads them."""
    seen = []
    for _ in range(2):
        try:
            payload = decode(data)
        except DecodeError as error:
            assert 0 < len(str(error)) < 200
            seen.append(str(error))
        else:
            assert not too_deep(payload)
            seen.append(repr(payload))
    assert seen[0] == seen[1]
    try:
        parts = PARTS(Message("t", 0, 0, value=data))
    except DecodeError:
        # A text near the interpreter's own limit of levels may fail for that or for what follows.
        _refused(data)
    else:
        assert "a number is too large" in seen[0] or _parts(parts) == _parts(decode(data))


def _refused(data: bytes) -> None:
    try:
        decode(data)
    except DecodeError:
        return
    raise AssertionError("read in part it is refused, and as a whole it isn't")


def _parts(payload: object) -> str:
    if not isinstance(payload, dict):
        return repr(payload)
    data = payload.get("data")
    inner = {name: data[name] for name in ("object", "a") if name in data} if isinstance(data, dict) else data
    return repr([(name, payload[name]) for name in ("type", "id") if name in payload] + ["data" in payload, inner])


def whole(data: bytes) -> None:
    """Any record under the shipped rules and hostile ones: events that the API takes, problems with codes of the
    list, and `explain` agrees with `evaluate`."""
    message = _message(data)
    for ruleset in (_shipped(), _hostile()):
        assert ruleset.ruleset is not None, [each.describe() for each in ruleset.findings]
        for topic in _topics(message, ruleset):
            read = msgspec.structs.replace(message, topic=topic)
            outcome = resolve(read, Snapshot(ruleset.ruleset, CONTEXT))
            _well_formed(outcome)
            assert resolve(read, Snapshot(ruleset.ruleset, CONTEXT)) == outcome
            explained = explain(read, Snapshot(ruleset.ruleset, CONTEXT))
            # Of two reasons to refuse a message only one may need its identity, which explaining leaves out.
            assert not outcome.events or any(each.result == "matched" for each in explained)


def expression(data: bytes) -> None:
    """An expression compiles or is refused within its text; it gives a value or an error of the list."""
    text, _, value = data.partition(b"\n")
    written = text.decode("utf-8", "replace")
    try:
        compiled = compile_expression(written, Names())
    except ExpressionRefused as refused:
        assert refused.refusals
        for each in refused.refusals:
            assert each.code in (*get_args(RefusalCode), *CODES)
            assert 0 <= each.start <= each.end <= len(written)
        return
    payload: object = value.decode("latin-1")
    with suppress(DecodeError):
        payload = decode(value)
    assert _result(compiled, payload) == _result(compiled, payload)


def mapping(data: bytes) -> None:
    """A mapping file gives findings inside the file, or rules, which then take any message."""
    text, _, value = data.partition(b"\0")
    with _file(text, "m.yaml") as path:
        loaded = load([path], ENV, strict_env=False)
    last = text.count(b"\n") + text.count(b"\r") + 1
    for finding in loaded.findings:
        assert finding.code in codes.CODES
        assert 1 <= finding.line <= last
        assert finding.column >= 1
    assert (loaded.ruleset is None) == any(finding.severity == "error" for finding in loaded.findings)
    if loaded.ruleset is not None:
        for topic in [*loaded.ruleset.topics][:3]:
            message = Message(topic, 0, 0, NOW, None, value or b'{"type": "a", "a": [1, "b", null]}')
            _well_formed(resolve(message, Snapshot(loaded.ruleset, CONTEXT)))


def cases(data: bytes) -> None:
    """A cases file gives cases or findings inside the file."""
    with _file(data, "m_test.yaml") as path:
        path.with_name("m.yaml").write_bytes(HOSTILE)
        report = FileReport(str(path))
        read_cases(path, report)
    last = data.count(b"\n") + data.count(b"\r") + 1
    for finding in report.findings:
        assert finding.code in codes.CODES
        assert 1 <= finding.line <= last


def config(data: bytes) -> None:
    """A config file and an environment give a configuration or findings, and no finding holds a value."""
    text, _, rest = data.partition(b"\0")
    environ = {"GREENFLASH_API_KEY": "canary-key-of-a-fuzzer", "NAME": "canary-key-of-a-fuzzer"}
    for line in rest.decode("latin-1").splitlines()[:20]:
        name, _, value = line.partition("=")
        environ[f"GREENFLASH_KAFKA_{name}"] = value
    with _file(text, "greenflash-kafka.yaml") as path:
        found, findings = examine(path, environ)
        again = examine(path, environ)[1]
    assert findings == again
    assert found is not None or findings
    assert not any("canary-key" in finding.describe() for finding in findings)


def answers(data: bytes) -> None:
    """Any status, headers and body have a verdict of the table, and a wait that is finite and not negative."""
    status = 100 + (data[0] if data else 0) * 2 if data[:1] != b"\xff" else 200
    head, _, body = data[1:].partition(b"\r\n\r\n")
    headers = HeaderBlock(head.split(b"\r\n"))
    faults: list[TransportFault | None] = [None, get_args(TransportFault)[len(data) % len(get_args(TransportFault))]]
    for fault in faults:
        for before in (True, False):
            reply = Reply(Request(b"{}"), 0 if fault else status, headers, body, fault)
            verdict = judge(reply, now=NOW / 1000, accepted_before=before, sampled=before, same_answer=1)
            assert verdict.action in ("accepted", "dead_letter", "retry", "pause")
            assert verdict.retry_after is None or 0 <= verdict.retry_after < 1e9
            assert len(verdict.text) < 500
            assert fault is None or verdict.action != "dead_letter"
            assert verdict.action != "accepted" or (status in (200, 201) and body)


def dead_letters(data: bytes) -> None:
    """Any headers are a dead letter or NotADeadLetter; what is a dead letter can be written and read again."""
    parts = data.split(b"\0")
    headers: list[tuple[str, bytes | None]] = [(letter_record.MARK, letter_record.LAYOUT)]
    for part in parts[:40]:
        name, colon, value = part.partition(b":")
        headers.append((letter_record.PREFIX + name.decode("latin-1"), value if colon else None))
    try:
        kept = reader.read(b"k", data, headers)
    except reader.NotADeadLetter as error:
        assert len(str(error)) < 500
        return
    written = letter_record.encode(kept.dead_letter, kept.origin)
    assert reader.read(written.key, written.value, written.headers).dead_letter.message == kept.dead_letter.message


TARGETS: Final[Mapping[str, Target]] = {
    "decoding": decoding,
    "whole": whole,
    "expression": expression,
    "mapping": mapping,
    "cases": cases,
    "config": config,
    "answers": answers,
    "avro": avro,
    "connect": connect,
    "framing": framing,
    "protobuf": protobuf,
    "dead_letters": dead_letters,
}


class TooSlow(AssertionError):
    """An input that holds up everything else."""


def run(name: str, data: bytes) -> None:
    """One input through one target, with its time watched. Raises whatever a target must not raise."""
    began = time.process_time()
    TARGETS[name](data)
    taken = time.process_time() - began
    if taken > SECONDS:
        raise TooSlow(f"{name} took {taken:.1f} s for {len(data):,} bytes")


_loaded: dict[str, Loaded] = {}


def _shipped() -> Loaded:
    if "shipped" not in _loaded:
        _loaded["shipped"] = load([ROOT / "mappings"], ENV)
    return _loaded["shipped"]


def _hostile() -> Loaded:
    if "hostile" not in _loaded:
        with _file(HOSTILE, "m.yaml") as path:
            _loaded["hostile"] = load([path], ENV)
    return _loaded["hostile"]


def _message(data: bytes) -> Message:
    """Topic, timestamp, key and headers from the first bytes, which a fuzzer finds out; the value is the rest."""
    head, mark, value = data.partition(b"\0")
    if not mark:
        return Message("", 0, 0, NOW, None, data)
    key, *rest = head.split(b"|")
    kind = "none" if key[:1] == b"n" else "create"
    moment = int.from_bytes(rest[0][:8], "big", signed=True) if rest else NOW
    headers = tuple((part.decode("latin-1"), None if part[:1] == b"-" else part) for part in rest[1:])
    return Message("", 0, 0, moment, key, None if value == b"-" else value, headers, kind)


def _rest(
    message: Message,
) -> tuple[int, int, int, bytes | None, bytes | None, tuple[tuple[str, bytes | None], ...], str]:
    return (0, 0, message.timestamp_ms, message.key, message.value, message.headers, message.timestamp_type)


def _topics(message: Message, loaded: Loaded) -> list[str]:
    assert loaded.ruleset is not None
    topics = sorted(loaded.ruleset.topics)
    # All of them for each input would be slow; which ones follows from the input, so that it can be repeated.
    at = len(message.value or b"") % len(topics)
    return topics[at : at + 2]


def _well_formed(outcome: Outcome) -> None:
    for event in outcome.events:
        assert not list(refusals(event.fields))
        assert event.insert_id
        assert len(event.insert_id) <= 255
        decode(event.body)
    for problem in outcome.problems:
        assert problem.code in CODES
        assert problem.message
        assert len(problem.shown) < 80


def _result(compiled: Expression, payload: object) -> str:
    try:
        return repr(compiled.evaluate(Scope(payload, record_ms=NOW, hash_key=b"key")))
    except EvaluationError as error:
        assert error.code in CODES
        return f"{error.code}: {error.message}"


@contextmanager
def _file(content: bytes, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        path = Path(folder, name)
        path.write_bytes(content)
        yield path
