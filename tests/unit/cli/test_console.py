"""The last words of a run whose output nobody takes."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from greenflash_kafka.cli import console

OURS = "from greenflash_kafka.cli import console; "


def test_a_line_reaches_its_stream(capfd: pytest.CaptureFixture[str]) -> None:
    assert console.write("to out")
    console.say("to err")
    assert capfd.readouterr() == ("to out\n", "to err\n")


def test_a_full_disk_is_said_and_undoes_nothing() -> None:
    with open("/dev/full", "w") as full:
        code = f"{OURS}print(console.write('x' * 10000), file=__import__('sys').stderr)"
        done = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert done.returncode == 0, "also when Python flushes once more at exit"
    assert "standard output can't be written (No space left on device)" in done.stderr
    assert "what was delivered is committed all the same" in done.stderr
    assert done.stderr.splitlines()[-1] == "False"


def test_a_reader_that_stands_still_does_not_hold_the_end_up() -> None:
    reading, writing = os.pipe()
    try:
        code = f"{OURS}console.say('x' * 1000000)"
        began = time.monotonic()
        subprocess.run([sys.executable, "-c", code], stderr=writing, check=True, timeout=120)
        assert time.monotonic() - began >= console.SECONDS, "it is given some time"
    finally:
        os.close(reading)
        os.close(writing)


def test_a_reader_that_has_left_is_the_callers_to_know() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    code = f"{OURS}import os\ntry: console.write('x')\nexcept BrokenPipeError: os.write(2, b'broken'); os._exit(0)"
    done = subprocess.run([sys.executable, "-c", code], stdout=writing, stderr=subprocess.PIPE, check=False)
    os.close(writing)
    assert done.stderr == b"broken"


def test_closed_streams_are_opened_so_that_no_socket_takes_their_number() -> None:
    code = (
        f"import os, socket, sys; {OURS}console.open_what_is_closed(); "
        "print('for nobody'); print('for nobody', file=sys.stderr); "
        "os.write(int(sys.argv[1]), str(socket.socket().fileno()).encode())"
    )
    reading, writing = os.pipe()
    command = ["sh", "-c", 'exec "$0" -c "$1" "$2" 0<&- 1>&- 2>&-', sys.executable, code, str(writing)]
    done = subprocess.run(command, pass_fds=[writing], check=False)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        number = file.read()
    assert done.returncode == 0
    assert int(number) > 2
