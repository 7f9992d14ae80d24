"""The compiler's child process: what ends it or keeps it busy is an error of the schema, and leaves nothing behind."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path

import pytest

from greenflash_kafka.decoding import protoc
from greenflash_kafka.decoding.protoc import compile_texts
from greenflash_kafka.decoding.schema_error import MissingExtra, SchemaError

# The compiler's own check fails on it: in this process it would end the tests.
DEEP_OPTION = (
    (
        'syntax = "proto2"; import "google/protobuf/descriptor.proto"; message O { optional O o = 1; } '
        "extend google.protobuf.FileOptions { optional O o = 50000; } option (o) = {"
    )
    + "o{" * 2_000
    + "}" * 2_000
    + "};"
)

# The compiler compares each with all before it: 15 s.
RESERVED = "message M { reserved " + ", ".join(str(2 * number) for number in range(1, 60_000)) + "; }"


def test_a_text_and_what_it_imports() -> None:
    texts = {"a.proto": 'syntax = "proto3"; import "b.proto"; message A { B b = 1; }', "b.proto": "message B {}"}
    compiled = compile_texts(texts, {})
    assert b"a.proto" in compiled
    assert b"b.proto" in compiled


def test_an_error_has_its_place_in_the_schema() -> None:
    with pytest.raises(SchemaError, match=r'^orders.proto:2:3: Expected top-level statement \(e\.g\. "message"\)\.'):
        compile_texts({"main.proto": 'syntax = "proto3";\n  mesage M {}'}, {"main.proto": "orders.proto"})


@pytest.mark.parametrize(
    ("text", "why"),
    [(DEEP_OPTION, r"ends the compiler \(SIG(ABRT|SEGV)\)"), (RESERVED, r"more than 1 s of the processor")],
    ids=["crash", "busy"],
)
def test_a_text_that_the_compiler_cant_stand(text: str, why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protoc, "PROCESSOR_SECONDS", 1)
    before = len(os.listdir("/dev/fd"))
    with pytest.raises(SchemaError, match=why):
        compile_texts({"main.proto": text}, {})
    assert len(os.listdir("/dev/fd")) <= before


def test_nothing_is_written_to_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    compile_texts({"main.proto": "message M {}"}, {})
    assert list(tmp_path.iterdir()) == []


def test_without_the_extra_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "grpc_tools" else found(name))
    with pytest.raises(MissingExtra, match=r"pip install 'greenflash-kafka\[protobuf\]'"):
        compile_texts({"main.proto": "message M {}"}, {})


def test_a_signal_that_ends_both_processes_says_nothing_of_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protoc, "_PROGRAM", "import os, signal; os.kill(os.getpid(), signal.SIGTERM)")
    with pytest.raises(InterruptedError, match="SIGTERM"):
        compile_texts({"main.proto": "message M {}"}, {})


def test_a_compiler_that_isnt_complete_says_nothing_of_the_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protoc, "_PROGRAM", "import a_library_that_is_missing")
    with pytest.raises(ImportError, match="a_library_that_is_missing"):
        compile_texts({"main.proto": "message M {}"}, {})


def test_a_compiler_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protoc, "_PROGRAM", "import time; time.sleep(600)")
    monkeypatch.setattr(protoc, "SECONDS", 0.1)
    with pytest.raises(TimeoutError):
        compile_texts({"main.proto": "message M {}"}, {})
