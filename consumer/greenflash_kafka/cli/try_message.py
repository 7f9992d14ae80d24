"""Evaluation of one message by hand: the parts of `try`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import click
import msgspec

from greenflash_kafka.cases.asked import AskedConversations, AskedTables
from greenflash_kafka.cases.case import ToldActivity
from greenflash_kafka.cases.case_message import milliseconds
from greenflash_kafka.cases.cases_context import CONTEXT, HASH_KEY, with_own_key
from greenflash_kafka.cases.encoded_message import NotEncoded, encoded
from greenflash_kafka.cases.link_reasons import moment, searched
from greenflash_kafka.cases.reasons import reasons
from greenflash_kafka.cases.record_time import at, with_event_time
from greenflash_kafka.cases.sample_files import FOLDER
from greenflash_kafka.cli.answer_lines import answer_lines
from greenflash_kafka.cli.field_lines import field_lines
from greenflash_kafka.cli.finding_reports import as_text
from greenflash_kafka.cli.message_files import advice, notes
from greenflash_kafka.cli.message_values import value_advice, value_notes
from greenflash_kafka.cli.read_as import read_as
from greenflash_kafka.cli.try_conversations import Heard
from greenflash_kafka.cli.try_links import Links
from greenflash_kafka.cli.try_tables import LookedUp
from greenflash_kafka.decoding.json import DecodeError, decode
from greenflash_kafka.documents.did_you_mean import did_you_mean
from greenflash_kafka.explanations.explained_rule import ExplainedRule
from greenflash_kafka.explanations.full_explanation import explain_fully
from greenflash_kafka.linking.given import GivenConversations
from greenflash_kafka.loading import load
from greenflash_kafka.model.decoded import skipped_words
from greenflash_kafka.model.event import Event
from greenflash_kafka.model.formats import AUTO, DEFAULT
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.problem import UNREADABLE
from greenflash_kafka.ports import Clock, Schemas
from greenflash_kafka.redaction import visible, visible_lines
from greenflash_kafka.resolve import resolve, resolve_activities, resolve_rows
from greenflash_kafka.rules.ruleset import Ruleset, TopicRules
from greenflash_kafka.snapshot import Snapshot

_ENCODER: Final = msgspec.json.Encoder(decimal_format="number")

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def load_rules(paths: Sequence[Path], environ: Mapping[str, str]) -> Ruleset | None:
    """The rules, or None when they have errors, which are then on standard error (warnings, too)."""
    loaded = load(paths, environ, strict_env=False)
    shown = [each for each in loaded.findings if each.severity == "error" or each.code == "unset-env"]
    if shown:
        click.echo(as_text(shown), err=True)
    return loaded.ruleset


def topic_for(given: str | None, ruleset: Ruleset) -> str:
    """The topic given, else one that the rules read, if the same rules read them all; a usage error names them."""
    names = list(dict.fromkeys((*ruleset.topics, *ruleset.conversation_topics, *ruleset.table_topics)))
    patterns = list(dict.fromkeys((*ruleset.patterns, *ruleset.conversation_patterns)))
    read = [*names, *(f"/{pattern}/" for pattern in patterns)]
    if given is None:
        only = _only([*names, *map(_matched_by, patterns)], lambda topic: _readers(ruleset, topic))
        if only is not None:
            return only
        raise click.UsageError(f"the rules read {', '.join(read)}: say which one this message is from by --topic")
    if _readers(ruleset, given) is None:
        near = did_you_mean(given, names)
        said = f"no rule reads the topic {given}; the rules read {', '.join(read)}"
        click.echo(f"{said}; {near}" if near else said, err=True)
    return given


def topic_of_sample(file: Path | None, ruleset: Ruleset) -> str | None:
    """The topic whose name the folder of a sample has (`samples/TOPIC/x.json`), if rules read it."""
    folders = () if file is None else file.resolve().parents
    for folder in folders:
        if folder.parent.name == FOLDER and _readers(ruleset, folder.name) is not None:
            return folder.name
    return None


def conversation_topic(ruleset: Ruleset) -> str:
    """The conversation topic, if the same sources read them all; a usage error names them."""
    names, patterns = ruleset.conversation_topics, ruleset.conversation_patterns
    if not names and not patterns:
        said = "no mapping file of --rules describes conversations; give the one that does by another --rules"
        raise click.UsageError(said)
    only = _only([*names, *map(_matched_by, patterns)], lambda topic: _names(ruleset.conversations_for(topic)))
    if only is not None:
        return only
    read = ", ".join([*names, *(f"/{pattern}/" for pattern in patterns)])
    said = f"of which topic are these conversations (there are {read})? Write --conversations TOPIC=FILE"
    raise click.UsageError(said + ', or lines like {"topic": "...", "timestamp": "...", "payload": {...}}')


def _only(topics: Sequence[str], readers: Callable[[str], object]) -> str | None:
    """The first topic, if all of them have the same readers."""
    asked = list(map(readers, topics))
    return topics[0] if topics and asked[0] is not None and all(each == asked[0] for each in asked) else None


def _readers(ruleset: Ruleset, topic: str) -> object:
    found = ruleset.rules_for(topic), ruleset.conversations_for(topic), ruleset.rows_for(topic)
    return tuple(map(_names, found)) if any(each is not None for each in found) else None


def _names(rules: TopicRules | None) -> tuple[str, ...] | None:
    return None if rules is None else tuple(rules.names)


def _matched_by(pattern: str) -> str:
    """A topic that a plain pattern matches, as patterns of topics usually are: words, dots, and a `.*` or two."""
    plain = re.sub(r"\[(.)[^\]]*\][*+]?", r"\1", re.split(r"\|", pattern)[0])
    return re.sub(r"(?<!\\)\.[*+]", "x", plain).replace("\\", "").strip("^$()")


TimeSource = Literal["option", "event", "now", "record"]
"""Where a record's timestamp is from: --timestamp, the event's own time, the clock, Kafka."""


def with_time(message: Message, snapshot: Snapshot, clock: Clock) -> tuple[Message, TimeSource]:
    """The record with the event's own time as its timestamp, else with the present time: in production each has one."""
    now = datetime.fromtimestamp(clock.now(), UTC)
    of_event = with_event_time(message, snapshot, now)
    return (at(message, milliseconds(now)), "now") if of_event is None else (of_event, "event")


def record(
    content: bytes | None, topic: str, key: str | None, headers: Sequence[str], timestamp: str | None
) -> Message:
    """The Kafka record, whose timestamp may be the word none; raises click's usage errors for what can't be one."""
    none = timestamp is None or timestamp.strip().casefold() == "none"
    return Message(
        topic=topic,
        partition=0,
        offset=0,
        timestamp_ms=0 if timestamp is None or none else _milliseconds(timestamp),
        key=None if key is None else key.encode(),
        value=content,
        headers=tuple(_header(each) for each in headers),
        timestamp_type="none" if none else "create",
    )


def _milliseconds(text: str) -> int:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(
            f"--timestamp {text!r} is not a time; write it like 2026-11-18T11:06:41Z, or none"
        ) from None
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time
    return (time - _EPOCH) // timedelta(milliseconds=1)


def _header(text: str) -> tuple[str, bytes]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise click.UsageError(f"--header {text!r} is not NAME=VALUE")
    return name, value.encode()


def snapshot(
    ruleset: Ruleset, environ: Mapping[str, str], *, for_case: bool, schemas: Schemas | None = None
) -> Snapshot:
    """The rules in the context of cases; with the deployment's own hash key where one is set and no case is to be
    written. `schemas` are those that messages are read by."""
    return Snapshot(ruleset, CONTEXT if for_case else with_own_key(environ), schemas=schemas)


def as_its_topic_has_it(message: Message, snapshot: Snapshot, schema: str | None) -> Message:
    """The record, with JSON encoded by the topic's schema, or by the one of --schema. Raises click's usage error."""
    try:
        return encoded(message, snapshot, schema)
    except NotEncoded as error:
        raise click.UsageError(f"{error}{'' if schema else '; or name a schema by --schema'}") from None


class Trial:
    """One message's outcome, shown in three ways. `heard`: the conversations that are known; None: none were given.
    `time`: where the record's timestamp is from. Rows of tables from topics are those of the snapshot's context; `said`
    of them is shown beside."""

    def __init__(
        self,
        message: Message,
        snapshot: Snapshot,
        heard: Heard | None = None,
        time: TimeSource = "option",
        said: Sequence[str] = (),
    ) -> None:
        self._message = message
        self._time = time
        self._context = snapshot.context
        self._own_key = snapshot.ruleset.hashes is not None and snapshot.context.hash_key == CONTEXT.hash_key
        asked: AskedConversations | None = None
        if heard is not None:
            given = [(each.activity, each.logged) for each in heard.told]
            asked = AskedConversations(GivenConversations(snapshot.ruleset.sources, given))
            snapshot = snapshot.with_context(msgspec.structs.replace(snapshot.context, conversations=asked))
        rows = AskedTables(snapshot.context.tables)
        known = snapshot.context.tables is not None or bool(said)
        snapshot = snapshot.with_context(msgspec.structs.replace(snapshot.context, tables=rows))
        outcome = resolve(message, snapshot)
        activities = resolve_activities(message, snapshot)
        told = resolve_rows(message, snapshot)
        tables = {each.name: each for each in snapshot.ruleset.tables}
        self._tables = LookedUp(rows.asked, tables, told, known, tuple(said))
        problems = tuple(dict.fromkeys((*outcome.problems, *activities.problems, *told.problems)))
        self._outcome = msgspec.structs.replace(outcome, problems=problems)
        self._links = Links(
            activities,
            outcome.events,
            () if asked is None else searched(asked),
            None if heard is None else heard.told,
            () if heard is None else heard.wrong,
            () if heard is None else heard.own,
            0 if heard is None else heard.others,
            time == "record",
        )
        self._explained = explain_fully(message, snapshot, sources=True)
        self._notes = self._about_the_file(snapshot)
        self._read_as = read_as(message, snapshot)
        self._drafts = frozenset(snapshot.ruleset.drafts)

    def _about_the_file(self, snapshot: Snapshot) -> list[str]:
        """What to say of the file that holds the message, if no rule matches it."""
        content, format = self._message.value, snapshot.ruleset.format_of(self._message.topic)
        json = format.format in (AUTO, DEFAULT) and format.envelope == "none"
        given = self._links.activities.found or self._tables.given.found
        if content is None or not json or self._outcome.events or given:
            return []
        of_topic = self._time == "record"
        try:
            payload = decode(content)
        except DecodeError:
            return value_advice(content) if of_topic else advice(content)
        return value_notes(payload) if of_topic else notes(payload)

    @property
    def status(self) -> str:
        """The outcome in one word; conversation, row: no event, but an activity of a conversation, or a row."""
        status = self._outcome.status
        if status != "filtered":
            return status
        return "conversation" if self._links.activities.found else "row" if self._tables.given.found else status

    def answer(self) -> list[str]:
        """What becomes of the message, in a line or two."""
        other = {"conversation": "an activity of a conversation", "row": "a row of a table"}.get(self.status, "")
        return [visible(each) for each in answer_lines(self._outcome, self._explained, self._drafts, other=other)]

    @property
    def has_rows(self) -> bool:
        """Whether a look-up in a table from a topic found a row."""
        return any(each.row is not None for each in self._tables.asked)

    @property
    def told(self) -> tuple[ToldActivity, ...] | None:
        """The given conversations that have a key by which an event searched; None if none were given."""
        return None if self._links.told is None else self._links.searched_for

    def as_json(self) -> str:
        """`as_object` as text."""
        return as_json(self.as_object())

    def as_object(self) -> dict[str, object]:
        """`outcome`, `events` in wire names; `reasons` when invalid; `counted` when something was; `rules` with each
        line of each, and the source of each field of an event; `timestamp` of the record, and where it is from."""
        whole: dict[str, object] = {
            "outcome": self.status,
            "events": [msgspec.Raw(each.body) for each in self._outcome.events],
        }
        if self._outcome.problems:
            whole["reasons"] = [
                {
                    "code": each.code,
                    "message": each.full_text,
                    "rule": each.rule,
                    "item": each.item,
                    "field": each.field,
                }
                for each in self._outcome.problems
            ]
        if self._outcome.counts:
            whole["counted"] = [
                {"code": each.code, "rule": each.rule, "field": each.field} for each in self._outcome.counts
            ]
        if self._outcome.skipped is not None:
            whole["skipped"] = self._outcome.skipped
        if self._drafts:
            whole["drafts"] = sorted(self._drafts)
        if self._notes:
            whole["notes"] = self._notes
        if self._read_as is not None:
            whole["read_as"] = self._read_as
        whole["rules"] = [_rule_object(each) for each in self._explained]
        time = self._message.record_ms
        whole["timestamp"] = {"time": None if time is None else moment(time), "from": self._time}
        whole |= self._tables.as_objects() | self._links.as_objects()
        return whole

    def as_text(self, *, color: bool, whole: bool = False) -> str:
        """The outcome, the events as they would be sent, what was wrong, and rule by rule why; with `whole` every line
        of every rule, and the requests by their size."""
        lines = [click.style(self.status, bold=True) if color else self.status]
        if self._read_as is not None:
            lines += ["", visible(self._read_as)]
        for event in self._outcome.events:
            lines += [
                "",
                f"{self._request(event, whole=whole)}:",
                _indented(visible_lines(msgspec.json.format(event.body, indent=2).decode())),
            ]
        out = [each.rule for each in self._outcome.counts if each.code == "sampled-out"]
        lines += [f"not in the sample of {visible(rule or '')}: no event" for rule in dict.fromkeys(out)]
        lines += [*self._tables.lines(), *self._links.lines()]
        if self._outcome.problems:
            lines += ["", "errors:", *(f"  {visible(each.describe(values=True))}" for each in self._outcome.problems)]
        if self._notes:
            what = "the value" if self._time == "record" else "the file"
            lines += ["", f"about {what}:", *(f"  {visible(each)}" for each in self._notes)]
        fields = field_lines(self._explained)
        if fields:
            lines += ["", "fields:", *(f"  {visible(each)}" for each in fields)]
        lines += ["", "rules:", *(f"  {visible(each)}" for each in self._rules(whole=whole))]
        lines += ["", self._time_words()]
        if self._own_key:
            lines.append(f"hash() has a key of `try` here, since {HASH_KEY} isn't set: production gives other ids.")
        return "\n".join(lines)

    def _request(self, event: Event, *, whole: bool) -> str:
        """Whose event it is, and how it is sent."""
        if event.rule in self._drafts:
            return f"event of {event.rule} (a draft: never sent)"
        return f"event of {event.rule}" + (f", sent by POST /events, {len(event.body):,} bytes" if whole else "")

    def _rules(self, *, whole: bool) -> list[str]:
        if self._explained:
            return reasons(self._explained, whole=whole)
        if self._outcome.skipped is not None:
            return [skipped_words(self._outcome.skipped)]
        unreadable = any(each.code in UNREADABLE for each in self._outcome.problems)
        return ["no rule was evaluated, the message can't be read" if unreadable else "no rule reads this topic"]

    def _time_words(self) -> str:
        time = self._message.record_ms
        if time is None:
            return "The record has no timestamp here; in production each record has one."
        words = {
            "event": "the event's own time (--timestamp gives another)",
            "now": "the present time (--timestamp gives another, or none)",
            "option": "given",
            "record": "its own",
        }
        return f"The record's timestamp is {moment(time)}: {words[self._time]}."


def as_json(whole: object) -> str:
    """An object as JSON for people and programs, numbers exactly as they are."""
    return visible_lines(msgspec.json.format(_ENCODER.encode(whole), indent=2).decode())


def _rule_object(each: ExplainedRule) -> dict[str, object]:
    """A rule's explanation, for programs."""
    explanation = each.explanation
    return {
        "rule": explanation.rule,
        "item": explanation.item,
        "result": explanation.result,
        "condition": explanation.condition,
        "lines": msgspec.to_builtins(each.lines),
        "fields": msgspec.to_builtins(each.fields),
        "sources": each.sources,
    }


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
