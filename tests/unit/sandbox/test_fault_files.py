"""Fault scripts: what is understood, and what is said about mistakes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from greenflash_kafka.sandbox.fault_files import FaultsInvalid, build, load, parse
from greenflash_kafka.sandbox.faults import KINDS, DelayFault, Faults, ReplyLostFault, StatusFault

LEAST = {"status": {"status": 503}, "delay": {"seconds": 1}, "drip": {"seconds": 1}}
"""What a kind can't do without."""


def complaint(text: str) -> str:
    with pytest.raises(FaultsInvalid) as raised:
        parse(text.encode(), "f.yaml")
    return str(raised.value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_written(kind: str) -> None:
    (fault,) = build([{"kind": kind, **LEAST.get(kind, {})}], "faults").faults
    assert fault.kind == kind


def test_a_script_is_yaml_or_json_with_a_seed_or_a_bare_list() -> None:
    yaml = parse(b"seed: 7\nfaults:\n- {kind: delay, seconds: 0.5, between: [1, 2.5], cycle: 10}\n", "f.yaml")
    assert yaml == Faults(faults=(DelayFault(seconds=0.5, between=(1.0, 2.5), cycle=10.0),), seed=7)
    json = parse(
        b'[{"kind": "status", "status": 429, "retry_after": ["abc", {"ms": 1500}]}, {"kind": "reply_lost"}]', "f"
    )
    assert json == Faults(faults=(StatusFault(status=429, retry_after=["abc", {"ms": 1500}]), ReplyLostFault()))


@pytest.mark.parametrize("text", ["", "[]", "faults: []", "faults:", "# nothing"])
def test_an_empty_script_has_no_faults(text: str) -> None:
    assert parse(text.encode(), "f.yaml") == Faults()


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("{kind: sttus}", "unknown kind 'sttus'; did you mean status?"),
        ("{kind: explode}", "kinds: status, delay"),
        ("{status: 503}", "has no kind"),
        ("503", "must be a map with `kind`"),
        ("{kind: status}", "is missing `status`"),
        ("{kind: status, status: 999}", "fault 2: status should be"),
        ("{kind: delay, secnds: 3}", "unknown key 'secnds'; did you mean seconds?"),
        ("{kind: delay, seconds: soon}", "fault 2: seconds should be"),
        ("{kind: reset, rate: 1.5}", "fault 2: rate should be"),
        ("{kind: reset, requests: [0]}", "fault 2: requests should be"),
        ("{kind: reset, between: [3, 1]}", "from < to"),
        ("{kind: reset, cycle: 3}", "cycle needs between"),
        ("{kind: reset, between: [1, 5], cycle: 3}", "within cycle"),
        ("{kind: reset, on: gets}", "fault 2: on should be"),
        ("{kind: redirect, status: 200}", "fault 2: status should be"),
        ("{kind: status, status: 429, retry_after: {day: 1}}", "retry_after is"),
        ("{kind: status, status: 429, retry_after: {ms: x}}", "ms must be a number"),
        ("{kind: status, status: 429, retry_after: true}", "retry_after is"),
        ('{kind: status, status: 429, retry_after: "1\\r\\nX: y"}', "retry_after holds letters"),
        ('{kind: status, status: 429, headers: {a: "1\\nb: 2"}}', "header a holds letters"),
        ("{kind: status, status: 429, headers: {a b: 1}}", "'a b' can't be the name"),
        ("{kind: redirect, location: ☃}", "location holds letters"),
        ("{kind: status, status: 429, retry_after: {date: .nan}}", "date must be a number"),
    ],
)
def test_a_mistake_is_named_with_its_place(fault: str, words: str) -> None:
    said = complaint(f"seed: 1\nfaults:\n  - {{kind: reset}}\n  - {fault}\n")
    assert re.match(r"f\.yaml:4:\d+: fault 2: ", said)
    assert words in said


def test_aliases_could_multiply_and_are_refused() -> None:
    assert complaint("- &a {kind: reset}\n- *a\n").startswith("f.yaml:1:3: anchors are refused")


def test_all_mistakes_are_told_at_once_in_their_order() -> None:
    said = complaint("sed: 1\nfaults:\n  - {every: 0, kind: reset, rat: 1, requests: [1, 0]}\n  - {kind: boom}\n")
    assert [line.partition(": ")[0].removeprefix("f.yaml:") for line in said.splitlines()] == [
        "1:1",
        "3:6",
        "3:29",
        "3:51",
        "4:6",
    ]


def test_numbers_are_those_that_json_writers_write() -> None:
    (fault,) = parse(b'[{"kind": "status", "status": 500, "rate": 1e-5, "body": {"x": [1e-5, 2.0]}}]', "f").faults
    assert isinstance(fault, StatusFault)
    assert (fault.rate, fault.body) == (1e-5, {"x": [1e-5, 2.0]})


@pytest.mark.parametrize(
    "text", ["faults: 3", "seed: x", "[{kind: reset", "- !!python/object:os.system {}", "{{{", "5"]
)
def test_what_is_no_script_is_refused(text: str) -> None:
    assert "f.yaml" in complaint(text)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FaultsInvalid, match=r"nothing\.yaml"):
        load(tmp_path / "nothing.yaml")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(FaultsInvalid, match="isn't UTF-8"):
        load(tmp_path / "binary.yaml")
