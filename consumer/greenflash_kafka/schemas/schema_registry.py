"""`ports.Schemas` of a schema registry: what messages want is asked for in the loop's turns, and never waited for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from greenflash_kafka.model.schema import Schema, SchemaKey, SchemaRefused, key_text
from greenflash_kafka.ports import Clock, Listener
from greenflash_kafka.schemas.fetch import RegistryQuestion, SchemaFetch, path_of
from greenflash_kafka.schemas.registry_answers import ANSWER_CODES, AnswerVerdict, RegistryAnswer
from greenflash_kafka.schemas.registry_connection import RegistryConnection, RegistrySettings
from greenflash_kafka.schemas.registry_state import RegistryState
from greenflash_kafka.schemas.wanted import WantedSchemas

LOOK_SECONDS: Final = 0.005
"""Seconds between two looks for keys that are to be asked for: a busy loop turns thousands of times in one."""

REPORT_SECONDS: Final = 1.0

MOST_FETCHES: Final = 1000
"""Unfinished fetches that are kept for the next try."""


class _About(NamedTuple):
    key: SchemaKey
    fetch: SchemaFetch
    question: RegistryQuestion


class SchemaRegistry:
    """Schemas by their keys. One thread calls all of it."""

    def __init__(
        self, settings: RegistrySettings, clock: Clock, listener: Listener, random: Callable[[], float] = lambda: 1.0
    ) -> None:
        """`random` gives numbers from 0 to 1, for the delays after failures."""
        self._clock = clock
        self._listener = listener
        self._random = random
        self._wanted = WantedSchemas(settings.unknown_seconds)
        self._state = RegistryState()
        self._connection = RegistryConnection(settings, clock)
        self._fetches: dict[SchemaKey, SchemaFetch] = {}
        self._answered: list[SchemaKey] = []
        self._unknown_told: set[SchemaKey] = set()
        self._lacks: set[tuple[str, SchemaKey]] = set()
        self._next_look = self._next_report = 0.0
        self._reported = 0.0
        self._urls = ", ".join(settings.urls)
        for code in ANSWER_CODES:
            listener.count("schema_requests", 0, (code,))

    def find(self, key: SchemaKey) -> Schema | SchemaRefused | None:
        """See `ports.Schemas`."""
        return self._wanted.known(key) or self._wanted.find(key, self._clock.monotonic())

    def doubt(self, key: SchemaKey) -> None:
        """See `ports.Schemas`."""
        self._wanted.doubt(key)

    def text_of(self, key: SchemaKey) -> Schema | None:
        """A known Protobuf schema as the text that people read; any other as it is."""
        return self._wanted.text_of(key)

    def has_failed(self, key: SchemaKey) -> bool:
        """True if a key is asked for, and the last answer was none that helps."""
        wanted = self._wanted.wanted.get(key)
        return wanted is not None and wanted.verdict is not None

    def poll(self) -> Sequence[SchemaKey]:
        """See `ports.Schemas`."""
        if not self._wanted.wanted and self._connection.idle and not self._answered and not self._reported:
            return ()
        now = self._clock.monotonic()
        for about, answer in self._connection.poll():
            assert isinstance(about, _About)
            self._take(about.key, about.fetch, about.question, answer)
        if now >= self._next_look:
            self._next_look = now + LOOK_SECONDS
            for each in list(self._wanted.due(now)):
                self._ask(each.key)
        if now >= self._next_report:
            self._report(now)
        answered, self._answered = self._answered, []
        return answered

    def lacks(self, topic: str, key: SchemaKey, fields: Sequence[str]) -> None:
        """See `ports.Schemas`."""
        if fields and (topic, key) not in self._lacks:
            if len(self._lacks) >= MOST_FETCHES:
                self._lacks.clear()
            self._lacks.add((topic, key))
            self._listener.notice("schema_lacks_field", topic=topic, schema=key_text(key), fields=sorted(fields))

    def waits(self) -> Mapping[SchemaKey, str]:
        """See `ports.Schemas`."""
        return self._wanted.waits()

    @property
    def stalled(self) -> str:
        """See `ports.Schemas`."""
        return self._state.reason if self._wanted.failing(self._clock.monotonic()) is not None else ""

    def close(self) -> None:
        """See `ports.Schemas`."""
        self._connection.close()

    # --- one key ---------------------------------------------------------------------------------------------------

    def _ask(self, key: SchemaKey) -> None:
        fetch = self._fetches.get(key)
        if fetch is None:
            while len(self._fetches) >= MOST_FETCHES:
                self._fetches.pop(next(iter(self._fetches)))
            fetch = self._fetches[key] = SchemaFetch(path_of(key))
        self._ask_next(key, fetch)

    def _ask_next(self, key: SchemaKey, fetch: SchemaFetch) -> None:
        # One after the other: what a schema refers to is known before, mostly, and a registry isn't to be flooded.
        question = next(iter(fetch.questions()))
        self._connection.get(_About(key, fetch, question), question.target)

    def _take(self, key: SchemaKey, fetch: SchemaFetch, question: RegistryQuestion, answer: RegistryAnswer) -> None:
        now = self._clock.monotonic()
        self._listener.count("schema_requests", 1, (answer.code,))
        verdict = fetch.answered(question, answer, self._clock.now())
        if verdict is not None and verdict.meaning == "bad-schema":
            refused = SchemaRefused("bad-schema", f"schema {key_text(key)}: {verdict.text}")
            self._wanted.cannot_be_read(key, refused, now)
            self._refused(key, refused)
        elif verdict is not None:
            self._not_answered(key, question, verdict, now)
        elif fetch.refused is not None:
            refused = SchemaRefused("bad-schema", f"schema {key_text(key)}: {fetch.refused.text}")
            self._wanted.cannot_be_used(key, refused)
            self._refused(key, refused)
        elif fetch.questions():
            self._ask_next(key, fetch)
        else:
            self._known(key, fetch, now)

    def _known(self, key: SchemaKey, fetch: SchemaFetch, now: float) -> None:
        self._fetches.pop(key, None)
        schema = fetch.whole()
        self._wanted.answered(key, schema, fetch.whole(as_text=True))
        self._answered.append(key)
        facts: dict[str, object] = {"schema": key_text(key), "kind": schema.kind}
        if schema.subject is not None:
            facts |= {"subject": schema.subject, "version": schema.version}
        self._listener.notice("schema_read", **facts)
        if fetch.root.rule_set:
            self._listener.notice("schema_has_rules", schema=key_text(key), subject=schema.subject or "")
        self._tell(now, answers=True)
        self._listener.gauge("schemas_known", len(self._wanted))

    def _refused(self, key: SchemaKey, refused: SchemaRefused) -> None:
        self._fetches.pop(key, None)
        self._answered.append(key)
        self._listener.notice("schema_unusable", schema=key_text(key), text=refused.text)
        self._tell(self._clock.monotonic(), answers=True)

    def _not_answered(self, key: SchemaKey, question: RegistryQuestion, verdict: AnswerVerdict, now: float) -> None:
        refused = self._wanted.not_answered(key, verdict, now, self._random)
        if verdict.meaning == "unknown" and key not in self._unknown_told:
            if len(self._unknown_told) >= MOST_FETCHES:
                self._unknown_told.clear()
            self._unknown_told.add(key)
            self._listener.notice("schema_wanted", schema=key_text(key), path=question.path, text=verdict.text)
        if refused is not None:
            self._fetches.pop(key, None)
            self._answered.append(key)
            self._listener.notice("schema_unknown", schema=key_text(key), text=refused.text)
        self._tell(now, answers=verdict.meaning == "unknown")

    # --- what is told ------------------------------------------------------------------------------------------------

    def _tell(self, now: float, *, answers: bool) -> None:
        change = self._state.look(self._wanted.failing(now), answers, now, self._urls)
        if change is None:
            return
        if change.state == "working":
            self._listener.notice("schema_registry_working", **change.facts)
        elif change.state == "refused":
            self._listener.notice("schema_registry_refused", **change.facts)
        else:
            self._listener.notice("schema_registry_failing", **change.facts)

    def _report(self, now: float) -> None:
        self._next_report = now + REPORT_SECONDS
        self._tell(now, answers=False)
        failing = self._wanted.failing(now)
        seconds = 0.0 if failing is None or failing.failing is None else now - failing.failing
        self._reported = seconds
        self._listener.gauge("schema_registry_failing_seconds", seconds)
        self._listener.gauge("schemas_known", len(self._wanted))
