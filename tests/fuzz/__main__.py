"""`make fuzz`: every target for a time, and what came of it.

With atheris installed (`pip install atheris`; it isn't among the project's dependencies) inputs are steered by
coverage; without it they are changes of the corpus, made at random.
"""

from __future__ import annotations

import argparse
import importlib.util
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.targets import TARGETS, run

CORPUS = Path(__file__).parent / "corpus"
LONGEST = 4_096
_WORDS = [b"\0", b"|", *(bytes([one]) for one in b'"{}[]\n'), b": ", b"= ", b"payload.a", b"1e400", b"\xff", b"9" * 30]


def main() -> int:
    """Exit code 1 when anything was found; the inputs stand under --found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="in all, shared by the targets")
    parser.add_argument("--target", choices=sorted(TARGETS), action="append", help="only this one; repeatable")
    parser.add_argument("--found", type=Path, default=Path("fuzz-findings"), help="where inputs that fail are put")
    parser.add_argument("--grow", type=Path, help="where inputs that reach new code are kept")
    given = parser.parse_args()
    names = given.target or sorted(TARGETS)
    given.found.mkdir(exist_ok=True)
    steered = importlib.util.find_spec("atheris") is not None
    total = 0
    print(f"{'target':14}{'executions':>12}{'findings':>10}   ({'atheris' if steered else 'changes at random'})")
    for name in names:
        seconds = given.seconds / len(names)
        count, found = (_steered if steered else _random)(name, seconds, given.found, given.grow)
        total += found
        print(f"{name:14}{count:12,}{found:10}", flush=True)
    print(f"findings: {total}" + (f", see {given.found}/" if total else ""))
    return 1 if total else 0


def _steered(name: str, seconds: float, found: Path, grow: Path | None) -> tuple[int, int]:
    """libFuzzer ends at its first finding, so it is begun again until the time is over."""
    deadline, executions, findings = time.monotonic() + seconds, 0, 0
    with tempfile.TemporaryDirectory() as scratch:
        own = Path(grow, name) if grow else Path(scratch)
        own.mkdir(parents=True, exist_ok=True)
        while (left := deadline - time.monotonic()) > 1:
            ended = subprocess.run(
                [
                    *(sys.executable, "-m", "tests.fuzz.steered", name, str(own), str(CORPUS / name)),
                    *(f"-max_total_time={int(left)}", f"-max_len={LONGEST}", "-print_final_stats=1", "-timeout=60"),
                    *("-rss_limit_mb=2048", f"-artifact_prefix={found}/{name}-"),
                ],
                capture_output=True,
                text=True,
                errors="replace",
                check=False,
            )
            counted = re.search(r"number_of_executed_units: (\d+)", ended.stderr)
            executions += int(counted[1]) if counted else 0
            if ended.returncode == 0:
                break
            findings += 1
            (found / f"{name}-{findings}.txt").write_text(ended.stderr[-8_000:])
            if findings == 10 or counted is None:
                break
    return executions, findings


def _random(name: str, seconds: float, found: Path, grow: Path | None) -> tuple[int, int]:  # noqa: ARG001
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    known = [path.read_bytes() for path in sorted((CORPUS / name).iterdir())] or [b""]
    deadline, executions = time.monotonic() + seconds, 0
    while time.monotonic() < deadline:
        data = changed(chance, known)
        executions += 1
        try:
            run(name, data)
        except Exception as error:
            (found / f"{name}-{seed}-{executions}").write_bytes(data)
            print(f"  {type(error).__name__}: {str(error)[:200]}")
            return executions, 1
    return executions, 0


def changed(chance: random.Random, known: list[bytes]) -> bytes:
    """One of the known inputs, or two spliced, with a few changes."""
    data = bytearray(chance.choice(known))
    for _ in range(chance.randint(1, 6)):
        at = chance.randint(0, len(data))
        to = min(len(data), at + chance.randint(0, 20))
        match chance.randint(0, 4):
            case 0:
                del data[at:to]
            case 1:
                data[at:at] = chance.choice(_WORDS)
            case 2:
                data[at:at] = data[at:to] * chance.randint(1, 30)
            case 3:
                data[at:to] = chance.randbytes(to - at)
            case _:
                other = chance.choice(known)
                data[at:] = other[chance.randint(0, len(other)) :]
    return bytes(data[:LONGEST])


if __name__ == "__main__":
    sys.exit(main())
