from __future__ import annotations

import io
from pathlib import Path

import pytest

from greenflash_kafka.demo.examples import DeadLetterExample, EventExample, RuleText
from greenflash_kafka.demo.screen import Counters, Screen
from greenflash_kafka.model.message import Message
from greenflash_kafka.ports import DeadLetter

MESSAGE = Message("orders", 0, 7, 1_795_000_000_000, b"k", b"{}")
RULE = RuleText(Path("/somewhere/mappings/shop/orders.yaml"), 12, ("- name: paid", f"  where: {'a plus ' * 40}a"))


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(out: io.StringIO, *found: EventExample | DeadLetterExample, **environ: str) -> str:
    screen = Screen(out, environ, Path("/somewhere/mappings"))
    screen.opening("a broker", "http://127.0.0.1:8081", "http://127.0.0.1:8787")
    for each in found:
        screen.example(each)
    screen.counters(Counters(1, 2, 3, 4))
    screen.ending()
    return out.getvalue()


def event(content: str, **fields: object) -> EventExample:
    return EventExample(MESSAGE, content, RULE, "e-1", fields)


def test_what_is_long_goes_on_in_the_next_line_or_is_cut() -> None:
    example = event("word " * 500, eventType="paid", value="v" * 300, properties={f"name{n}": n for n in range(9)})
    lines = shown(io.StringIO(), example).split("\n")
    assert max(map(len, lines)) <= 80
    assert " ".join(lines).count("plus") == 40
    assert sum("word" in line for line in lines) == 8
    assert "rule      mappings/shop/orders.yaml:12" in lines
    assert '              "name8": 8' in lines


def test_what_strangers_wrote_does_nothing_to_the_terminal() -> None:
    evil = "\x1b[2J\x07\u202e"
    dead_letter = DeadLetter(MESSAGE, "bad-payload", f"no JSON {evil}", 0, ())
    said = shown(
        io.StringIO(), event(evil, value=evil, **{evil: {evil: evil}}), DeadLetterExample(dead_letter, evil, evil, None)
    )
    assert all(character.isprintable() or character == "\n" for character in said)


@pytest.mark.parametrize(
    ("out", "environ", "colors"),
    [(Terminal(), {}, True), (Terminal(), {"NO_COLOR": "1"}, False), (io.StringIO(), {}, False)],
)
def test_colors_are_for_a_terminal_that_wants_them(out: io.StringIO, environ: dict[str, str], colors: bool) -> None:
    assert ("\x1b[1m" in shown(out, **environ)) is colors
    assert ("\x1b[2K" in out.getvalue()) is out.isatty()
