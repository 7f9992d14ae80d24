"""Dead letters of a dry run, which are shown and not written."""

from __future__ import annotations

import io

from greenflash_kafka.dlq.console_dead_letters import ConsoleDeadLetters
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter


def dead_letter(offset: int, text: str = "not JSON") -> DeadLetter:
    return DeadLetter(Message("orders", 2, offset, value=b"canary"), "bad-payload", text)


def test_each_is_one_line_without_its_value_and_confirmed_by_the_next_poll() -> None:
    out, settled = io.StringIO(), list[str | None]()
    dead_letters = ConsoleDeadLetters(out)
    dead_letters.write(dead_letter(7), settled.append)
    dead_letters.write(dead_letter(8, "one\ntwo \x1b[2J"), settled.append)
    assert settled == [], "nothing is confirmed before the queue is polled"
    dead_letters.poll()
    dead_letters.poll()
    assert settled == [None, None]
    first, second = out.getvalue().splitlines()
    assert first == "dead letter: orders/2/7: bad-payload: not JSON"
    assert "one\\ntwo \\u001b[2J" in second
    assert "canary" not in out.getvalue()


def test_closing_confirms_what_is_open() -> None:
    settled = list[str | None]()
    dead_letters = ConsoleDeadLetters(io.StringIO())
    dead_letters.write(dead_letter(7), settled.append)
    assert dead_letters.close(5)
    assert settled == [None]
