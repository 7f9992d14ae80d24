"""Terminal output of the demo: addresses, an event and a dead letter as examples, and running counters."""

from __future__ import annotations

import shutil
import textwrap
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, TextIO

import click
import msgspec

from greenflash_kafka.demo.examples import DeadLetterExample, EventExample, RuleText
from greenflash_kafka.demo.link_report import LinkReport
from greenflash_kafka.demo.money_text import after, money_lines, share_lines
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.problem import UNREADABLE
from greenflash_kafka.model.summary import Summary
from greenflash_kafka.redaction import visible

STORY: Final = (
    "a company's customers chat with its AI assistant. Afterwards some buy, and some want their money back: billing "
    "and CRM say so in Kafka, but not after which chat. Rules make events of that, each linked to its conversation, so "
    "that Greenflash can say which conversations made money"
)

WAITING: Final = (
    "what may have come of a chat is sent some 7 seconds later: by then every chat before it has been read for certain"
)

LABEL: Final = 10
"""Characters before every text."""

MOST_COLUMNS: Final = 100

PAYLOAD_LINES: Final = 8
"""Most lines of a message's content."""

_ENCODE: Final = msgspec.json.Encoder(decimal_format="number").encode

TO_DO: Final = (
    "correct the rule if it is wrong, else the system that wrote the message; then `greenflash-kafka dlq replay "
    "--send` sends what passes now. `dlq list` and `dlq show` show what there is and why"
)
TO_DO_PRODUCER: Final = (
    "nothing but the system that wrote the message can correct it; `greenflash-kafka dlq list` and `dlq show` show "
    "what there is and why"
)


class Counters(msgspec.Struct, frozen=True):
    """What the running line tells: messages but for `events`, which are those that the service accepted."""

    consumed: int
    filtered: int
    events: int
    dead_lettered: int


class Screen:
    """Writes to `out`; with `quiet` nothing at all. Colours, and a line that is written over, are for a terminal."""

    def __init__(self, out: TextIO, environ: Mapping[str, str], mappings: Path, *, quiet: bool = False) -> None:
        self._out = out
        self._quiet = quiet
        self._terminal = out.isatty()
        self._colors = self._terminal and not environ.get("NO_COLOR")
        self._mappings = mappings
        self._width = min(shutil.get_terminal_size((80, 24)).columns, MOST_COLUMNS) if self._terminal else 80
        self._next = 0.0
        self._running = ""
        """The line of counters that stands on the terminal."""

    def opening(self, broker: str, registry: str, url: str, rules: Path | None = None) -> None:
        """What this is, and where everything is; `registry` is the URL of the schema registry, `url` the sandbox's,
        `rules` where the mappings come from, if not where they are."""
        self._say(
            *self._field("story", STORY),
            *self._field("broker", broker),
            *self._field("schemas", f"{registry}  (chats and a shop's database, as Debezium tells it, are in Avro)"),
            *self._field("sandbox", f"{url}  (open it: events arrive live)"),
            *self._field("rules", str(rules or self._mappings)),
            *self._field("linking", WAITING),
            "",
        )

    def staying(self, url: str) -> None:
        """How it ends, for those who may end it."""
        self._say(self._bold(f"The traffic goes on, slowly: watch it at {url}. Ctrl-C ends it."), "")

    def note(self, text: str) -> None:
        """Something that happened."""
        self._say(*self._wrapped(text))

    def ending(self) -> None:
        """That a wish to end was heard."""
        self._say("Ending: what is in hand is settled first.")

    def example(self, found: EventExample | DeadLetterExample) -> None:
        """An event, or a dead letter, with what it comes from."""
        self._say(*(self._event(found) if isinstance(found, EventExample) else self._letter(found)), "")

    def counters(self, counters: Counters) -> None:
        """The running line, a few times a second on a terminal, else every few seconds."""
        now = time.monotonic()
        if self._quiet or now < self._next:
            return
        self._next = now + (0.2 if self._terminal else 2.0)
        self._running = self._line(counters)
        self._out.write(f"\r\x1b[2K{self._running}" if self._terminal else f"{self._running}\n")
        self._out.flush()

    def last(self, counters: Counters) -> None:
        """The running line as it stays."""
        if self._terminal and not self._quiet:
            self._say(self._line(counters))

    def money(self, report: LinkReport) -> None:
        """Which conversations made money."""
        lines: list[str] = [self._heading("Which conversations made money")]
        for label, text in money_lines(report):
            lines.append(self._style(f"{label:<{LABEL}}", bold=True) + self._cut(visible(text)))
        lines.append("")
        for label, text in share_lines(report):
            lines += self._field(label, text)
        self._say("", *lines)

    def _line(self, counters: Counters) -> str:
        return (
            f"messages {counters.consumed:>7,}   filtered {counters.filtered:>7,}   "
            f"events {counters.events:>7,}   dead letters {counters.dead_lettered:>5,}"
        )[: self._width - 1]

    def _event(self, found: EventExample) -> Iterable[str]:
        yield self._heading("A message became an event")
        yield from self._message(found.message, found.read, by_rule=True)
        yield from self._rule(found.rule)
        yield from self._chat(found.event)
        yield from self._field("event", f"accepted by Greenflash, stored as {found.event_id}", fg="green")
        yield from (" " * LABEL + self._cut(visible(line)) for line in _json_lines(found.event, self._width - LABEL))

    def _chat(self, event: Mapping[str, Any]) -> Iterable[str]:
        conversation, properties = event.get("externalConversationId"), event.get("properties", {})
        if conversation and "attribution" in properties:
            minutes = properties.get("minutes_after_chat")
            when = f", {after(int(minutes))} before it" if minutes is not None else " before it"
            user = event.get("externalUserId", "the user")
            said = f"{conversation}: the message doesn't name it; it is the last one of {user}{when}"
            yield from self._field("chat", said)

    def _letter(self, found: DeadLetterExample) -> Iterable[str]:
        dead_letter = found.dead_letter
        yield self._heading("A message became a dead letter")
        yield from self._message(dead_letter.message, found.read, by_rule=found.rule is not None)
        if found.rule is not None:
            yield from self._field("rule", self._place(found.rule))
        reason = dead_letter.text if dead_letter.code in dead_letter.text else f"{dead_letter.code}: {dead_letter.text}"
        yield from self._field("reason", reason, fg="red")
        yield from self._field("kept at", f"{found.kept_at}, whole, the reason in its headers")
        yield from self._field("to do", TO_DO_PRODUCER if dead_letter.code in UNREADABLE else TO_DO)

    def _message(self, message: Message, content: str, *, by_rule: bool) -> Iterable[str]:
        of_it = "; what the rule reads of them:" if by_rule else ":"
        value = message.value or b""
        avro = f" of Avro by schema {int.from_bytes(value[1:5], 'big')}" if value[:1] == b"\0" else ""
        yield from self._field("message", f"{message.coordinates}, {len(value):,} bytes{avro}{of_it}")
        lines = textwrap.wrap(
            visible(content),
            self._width - LABEL,
            break_on_hyphens=False,
            max_lines=PAYLOAD_LINES,
            placeholder=" ...",
        )
        yield from (" " * LABEL + line for line in lines)

    def _rule(self, rule: RuleText) -> Iterable[str]:
        yield from self._field("rule", self._place(rule))
        for line in rule.lines:
            # A YAML text goes on in a line that stands further to the right.
            deeper = " " * (len(line) - len(line.lstrip()) + 4)
            pieces = textwrap.wrap(
                visible(line),
                self._width - LABEL,
                subsequent_indent=deeper,
                drop_whitespace=True,
                break_long_words=False,
                break_on_hyphens=False,
            )
            yield from (" " * LABEL + piece for piece in pieces)

    def _place(self, rule: RuleText) -> str:
        path = rule.path
        if path.is_relative_to(self._mappings):
            path = Path(self._mappings.name) / path.relative_to(self._mappings)
        return f"{path}:{rule.line}"

    def _field(self, label: str, text: str, fg: str | None = None) -> Iterable[str]:
        lines = textwrap.wrap(visible(text), self._width - LABEL, break_long_words=False, break_on_hyphens=False) or [
            ""
        ]
        yield self._style(f"{label:<{LABEL}}", bold=True) + self._style(lines[0], fg=fg)
        yield from (" " * LABEL + self._style(line, fg=fg) for line in lines[1:])

    def _wrapped(self, text: str) -> Iterable[str]:
        return textwrap.wrap(visible(text), self._width, break_long_words=False, break_on_hyphens=False)

    def _heading(self, text: str) -> str:
        return self._bold(f"--- {text} ".ljust(self._width - 1, "-"))

    def _cut(self, line: str) -> str:
        room = self._width - LABEL
        return line if len(line) <= room else line[: room - 3] + "..."

    def _bold(self, text: str) -> str:
        return self._style(text, bold=True)

    def _style(self, text: str, *, bold: bool | None = None, fg: str | None = None) -> str:
        return click.style(text, bold=bold, fg=fg) if self._colors else text

    def _say(self, *lines: str) -> None:
        if self._quiet:
            return
        over = "\r\x1b[2K" if self._terminal and self._running else ""
        self._running = ""
        self._out.write(over + "".join(f"{line}\n" for line in lines))
        self._out.flush()


def _json_lines(event: Mapping[str, Any], room: int) -> list[str]:
    """An event with a field a line, and a field of several values over several where one has no room for them."""
    lines = []
    for name, value in event.items():
        line = f"  {_json(name)}: {_json(value)}"
        if len(line) >= room and isinstance(value, dict):
            inner = msgspec.json.format(_json(value), indent=2).split("\n")
            line = "\n".join([f"  {_json(name)}: {inner[0]}", *(f"  {each}" for each in inner[1:])])
        lines.append(line)
    return ["{", *",\n".join(lines).split("\n"), "}"]


def _json(value: object) -> str:
    return _ENCODE(value).decode()


def ending(summary: Summary) -> str:
    """The last lines: what was done, and what to do next."""
    return (
        f"\n{summary.produced:,} messages: {summary.filtered:,} filtered, {summary.mapped:,} mapped, "
        f"{summary.dead_lettered:,} dead letters; lag {summary.lag}\n"
        f"{summary.accepted:,} events accepted, {summary.stored:,} stored, {summary.duplicates:,} duplicates\n\n"
        "Next: `greenflash-kafka init DIR` makes a folder with rules of your own."
    )
