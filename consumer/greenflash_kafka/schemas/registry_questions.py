"""Questions to a schema registry that somebody at a terminal waits for: `schemas pull`, `doctor`."""

from __future__ import annotations

from typing import Final, TypeVar
from urllib.parse import quote

import msgspec

from greenflash_kafka.errors import RegistryUnusable
from greenflash_kafka.model.schema import SchemaKey, SchemaRefused
from greenflash_kafka.ports import Clock
from greenflash_kafka.schemas.fetch import SchemaFetch, path_of, version_path
from greenflash_kafka.schemas.registry_answers import RegistryAnswer, judge_answer
from greenflash_kafka.schemas.registry_connection import RegistryConnection, RegistrySettings

T = TypeVar("T")

LOOK_SECONDS: Final = 0.002

_NUMBERS: Final = msgspec.json.Decoder(list[int])
_TEXTS: Final = msgspec.json.Decoder(list[str])


class SubjectVersion(msgspec.Struct, frozen=True):
    """A subject, and the number of one of its versions."""

    subject: str
    version: int


_PAIRS: Final = msgspec.json.Decoder(list[SubjectVersion])


class RegistryQuestions:
    """Answers, waited for. Every method raises `RegistryUnusable` when there is none."""

    def __init__(self, settings: RegistrySettings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._connection = RegistryConnection(settings, clock)

    def subjects(self) -> list[str]:
        """All subjects, sorted."""
        found = self._listed(self._ask("/subjects"), _TEXTS)
        if found is None:
            # Every registry has this list, if an empty one: the error's code is of something else.
            raise self._unusable("it has no list of subjects (404); is the path of the URL right?")
        return sorted(found)

    def versions(self, subject: str) -> list[int]:
        """The numbers of a subject's versions, the oldest first; empty if there is no such subject."""
        answer = self._ask(f"/subjects/{quote(subject, safe='')}/versions")
        return sorted(self._listed(answer, _NUMBERS) or [])

    def subjects_of(self, id: int) -> list[SubjectVersion]:
        """The subjects that have the schema of this id; empty if the registry doesn't say."""
        answer = self._ask(f"/schemas/ids/{id}/versions")
        found = self._listed(answer, _PAIRS) or []
        return sorted(found, key=lambda each: (each.subject, each.version))

    def by_key(self, key: SchemaKey) -> SchemaFetch | SchemaRefused | None:
        """The schema that messages name by this key, with what it refers to; None if the registry doesn't know it."""
        return self._fetched(SchemaFetch(path_of(key)))

    def by_version(self, subject: str, version: int | str) -> SchemaFetch | SchemaRefused | None:
        """One version of a subject, or `latest`, with what it refers to; None if there is none."""
        return self._fetched(SchemaFetch(version_path(subject, version)))

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def _fetched(self, fetch: SchemaFetch) -> SchemaFetch | SchemaRefused | None:
        while questions := fetch.questions():
            question = questions[0]
            verdict = fetch.answered(question, self._ask(question.target), self._clock.now())
            if verdict is None:
                continue
            if verdict.meaning == "bad-schema":
                return SchemaRefused("bad-schema", verdict.text)
            if verdict.meaning == "unknown":
                return None
            raise self._unusable(verdict.text)
        return fetch.refused or fetch

    def _listed(self, answer: RegistryAnswer, decoder: msgspec.json.Decoder[list[T]]) -> list[T] | None:
        verdict = judge_answer(answer, self._clock.now())
        if verdict.meaning == "unknown":
            return None
        if answer.status == 200 and answer.fault is None:
            try:
                return decoder.decode(answer.body)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                raise self._unusable("it answers with something that isn't a registry's list") from None
        raise self._unusable(verdict.text)

    def _unusable(self, text: str) -> RegistryUnusable:
        return RegistryUnusable(
            f"{', '.join(self._settings.urls)}: {text}. Check schema_registry.url, its user, password or token "
            "(schema_registry.properties), and the registry's own log"
        )

    def _ask(self, target: str) -> RegistryAnswer:
        """The answer of the first URL that gives one that helps, else of the last."""
        for _ in self._settings.urls:
            self._connection.get(None, target)
            while not (found := self._connection.poll()):
                self._clock.sleep(LOOK_SECONDS)
            answer = found[0][1]
            if answer.status in (200, 404):
                break
        return answer
