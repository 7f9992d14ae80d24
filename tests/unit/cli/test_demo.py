"""`demo` as somebody at a terminal sees it, and as a script does."""

from __future__ import annotations

import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import NamedTuple

import pytest

DEMO = (sys.executable, "-m", "greenflash_kafka", "demo")
OVER = "\r\x1b[2K"
"""What a line that is written over begins with."""


class AtTerminal(NamedTuple):
    process: subprocess.Popen[bytes]
    screen: int

    def read(self, until: str, seconds: float = 90) -> str:
        """What it writes until it has written this, or has ended."""
        said, deadline = b"", time.monotonic() + seconds
        while until.encode() not in said or not until:
            assert time.monotonic() < deadline, said.decode()
            if not select.select([self.screen], [], [], 0.5)[0]:
                continue
            try:
                more = os.read(self.screen, 65536)
            except OSError:  # the other side of a terminal that nobody has open any more
                break
            said += more
        return said.decode().replace("\r\n", "\n")


@pytest.fixture
def demo() -> Iterator[AtTerminal]:
    screen, terminal = os.openpty()
    environ = {name: value for name, value in os.environ.items() if name != "KAFKA_BOOTSTRAP_SERVERS"}
    process = subprocess.Popen(
        DEMO, stdin=terminal, stdout=terminal, stderr=terminal, env={**environ, "COLUMNS": "80", "NO_COLOR": "1"}
    )
    os.close(terminal)
    try:
        yield AtTerminal(process, screen)
    finally:
        process.kill()
        process.wait()
        os.close(screen)


def test_at_a_terminal_it_shows_how_an_event_and_a_dead_letter_came_to_be_and_ends_by_ctrl_c(demo: AtTerminal) -> None:
    said = demo.read(until="Ctrl-C ends it.")
    event, _, dead_letter = said.partition("A message became a dead letter")
    assert "A message became an event" in event
    assert re.search(r"rule +mappings/billing/(?:credits|stripe)\.yaml:\d+\n +- name: (?:credits|stripe)_", event)
    assert '"valueType": "currency",\n' in event
    assert re.search(r"event +accepted by Greenflash, stored as [0-9a-f-]{36}\n", event)
    assert re.search(r"reason +.+ / \S+: [a-z-]+: ", dead_letter)
    assert re.search(r"kept at +greenflash\.demo\.dead-letters/\d/\d+, whole", dead_letter)
    assert "to do" in dead_letter
    demo.process.send_signal(signal.SIGINT)
    rest = demo.read(until="")
    assert demo.process.wait(30) == 0
    assert re.search(r"[\d,]+ messages: [\d,]+ filtered, [\d,]+ mapped, [\d,]+ dead letters; lag 0\n", rest)
    lines = (said + rest).replace(OVER, "\n").split("\n")
    assert [line for line in lines if len(line) > 80] == []
    assert all(character.isprintable() for line in lines for character in line), "NO_COLOR is set"


def test_a_script_gets_an_end_and_the_same_examples() -> None:
    environ = {name: value for name, value in os.environ.items() if name != "KAFKA_BOOTSTRAP_SERVERS"}
    done = subprocess.run([*DEMO, "--events", "400"], env=environ, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "A message became an event" in done.stdout
    assert "A message became a dead letter" in done.stdout
    assert "400 messages: " in done.stdout
    assert "lag 0" in done.stdout
    assert "\x1b" not in done.stdout
    money = done.stdout.partition("Which conversations made money")[2]
    assert re.search(r"made +c-\d+ +upgrade_purchased +[\d,.]+ [A-Z]{3} +\d+ min +u-\d+\n", money)
    check = re.search(r"check +(\d+) of (\d+) linked as planned: (\d+) of the\s+(\d+) linked", money)
    assert check is not None
    assert check[1] == check[2]
    assert int(check[4]) >= int(check[3]) > 5


def test_a_demo_whose_pipeline_is_killed_midway_has_the_same_figures() -> None:
    environ = {name: value for name, value in os.environ.items() if name != "KAFKA_BOOTSTRAP_SERVERS"}
    command = [*DEMO, "--kill", "--json", "--events", "600", "--rate", "100"]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=240)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert said["written"] == 600
    assert 0 < said["stored_before"] < said["stored"] == said["meant"]
    assert said["links"]["as_planned"] == said["links"]["planned"] > 40
    assert said["links"]["found"] > 5
