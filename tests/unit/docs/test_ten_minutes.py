"""The tutorial of the analysts' page, to the letter: its files, its commands, and what they print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

TITLE = "## Ten minutes from a message to a tested rule\n"
_PRESENT = re.compile(r"\S+Z(?=: the present time)")


@pytest.fixture
def steps(page: str, blocks: list[Any]) -> list[Any]:
    """The section's blocks after the installation, which is the machine's here."""
    begin = page.index(TITLE)
    first = page.count("\n", 0, begin)
    last = page.count("\n", 0, page.index("\n## ", begin + 1))
    section = [block for block in blocks if first < block.line <= last]
    install, *steps = section
    assert "pip install" in install.text
    return steps


def test_the_ten_minutes_print_what_the_page_shows(steps: list[Any], tmp_path: Path) -> None:
    script = ["set -eu"]
    shown: list[str] = []
    for block in steps:
        if block.language == "sh":
            script += ["{", block.text, f"}} > {tmp_path}/said-{len(shown)} 2>&1"]
            shown.append("")
        elif block.language == "text":
            shown[-1] = block.text
        else:
            assert block.title is not None, f"README.md:{block.line} names no file"
            script += [f"cat > {block.title} <<'END_OF_BLOCK'", block.text.rstrip("\n"), "END_OF_BLOCK"]
    done = _run(script, tmp_path)
    said = [file.read_text() if (file := tmp_path / f"said-{number}").exists() else "" for number in range(len(shown))]
    assert done.returncode == 0, "\n".join(said) + done.stderr
    assert [_PRESENT.sub("NOW", text) for text in said] == [_PRESENT.sub("NOW", text) for text in shown]
    assert sum(map(bool, shown)) >= 4


def _run(script: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GREENFLASH")}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    work = folder / "empty"
    work.mkdir()
    return subprocess.run(
        ["bash", "-c", "\n".join(script)], cwd=work, env=environment, capture_output=True, text=True, check=False
    )
