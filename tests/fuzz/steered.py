"""One target under atheris: `python -m tests.fuzz.steered TARGET` and libFuzzer's arguments. `make fuzz` runs it."""

from __future__ import annotations

import sys

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

with atheris.instrument_imports(include=["greenflash_kafka"]):
    from tests.fuzz.targets import TARGETS, run

if __name__ == "__main__":
    name = sys.argv.pop(1)
    assert name in TARGETS, name
    atheris.Setup(sys.argv, lambda data: run(name, data))
    atheris.Fuzz()
