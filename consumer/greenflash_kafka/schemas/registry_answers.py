"""The table of a schema registry's answers: from what one GET gave to what that means.

Confluent's registry, Apicurio, Karapace and Redpanda give the same error codes: 40401 unknown subject, 40402 unknown
version, 40403 unknown schema. A wrong path is a 404, too, but without such a code.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal, get_args

import msgspec

from greenflash_kafka.ports import TransportFault
from greenflash_kafka.web.retry_after import retry_after

MAX_BODY: Final = 4 * 1024 * 1024
"""Most bytes of an answer, and of a schema with everything that it refers to."""

Meaning = Literal["schema", "bad-schema", "unknown", "no-registry", "refused", "failing"]
"""schema: here it is. bad-schema: there is one, and nobody can decode with it. unknown: the registry doesn't have it.
no-registry: what answers is none. refused: it doesn't take our credentials. failing: it can't answer now."""

UNKNOWN_CODES: Final = frozenset({40401, 40402, 40403})


class RegistryAnswer(msgspec.Struct, frozen=True):
    """A response (`status` above 0) or a fault, as `ports.Reply` has it; `of_tokens`: the token endpoint's."""

    status: int
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    fault: TransportFault | None = None
    detail: str = ""
    of_tokens: bool = False

    @property
    def code(self) -> str:
        """What it is counted as: `status-<n>`, or the fault's name."""
        return self.fault or f"status-{self.status}"


class SchemaReference(msgspec.Struct, frozen=True):
    """One reference of a registered schema: the name in its text, and where it is registered."""

    name: str
    subject: str
    version: int


class RegisteredSchema(msgspec.Struct, frozen=True, rename="camel"):
    """A schema as registries write it. No type is Avro. Fields beside `schema` are left out by some."""

    schema: str
    schema_type: str | None = None
    references: tuple[SchemaReference, ...] | None = None
    subject: str | None = None
    version: int | None = None
    id: int | None = None
    guid: str | None = None
    rule_set: object = None


class AnswerVerdict(msgspec.Struct, frozen=True):
    """The meaning of an answer. `retry_after`: seconds that the registry asks us to wait; `text`: one line for people,
    without anything of the body."""

    meaning: Meaning
    code: str
    text: str = ""
    retry_after: float | None = None
    schema: RegisteredSchema | None = None


class _Failure(msgspec.Struct):
    error_code: int | None = None


_SCHEMA: Final = msgspec.json.Decoder(RegisteredSchema)
_FAILURE: Final = msgspec.json.Decoder(_Failure)


def judge_answer(answer: RegistryAnswer, now: float) -> AnswerVerdict:
    """The verdict on the answer to a GET of a schema. `now`: seconds since 1970, for a date in `Retry-After`."""
    if answer.fault is not None:
        return _judge_fault(answer)
    if answer.of_tokens:
        return _judge_tokens(answer, now)
    status = answer.status
    if status == 200:
        return _judge_schema(answer)
    if status == 404:
        if error_code(answer) in UNKNOWN_CODES:
            return AnswerVerdict("unknown", answer.code, "the registry doesn't know it (404)")
        said = "this path isn't known there (404, without a registry's error code); is the path of the URL right?"
        return AnswerVerdict("no-registry", answer.code, said)
    if status in (401, 403):
        return AnswerVerdict("refused", answer.code, _REFUSED[status])
    if status in (408, 425, 429) or 500 <= status <= 599:
        return AnswerVerdict("failing", answer.code, _failing(status), retry_after(answer.headers, now))
    if 300 <= status <= 399:
        return AnswerVerdict("no-registry", answer.code, f"it redirects ({status}), which isn't followed")
    return AnswerVerdict("no-registry", answer.code, f"it answers {status} to the question for a schema")


def error_code(answer: RegistryAnswer) -> int | None:
    """The registry's own code of an error; None if the body has none."""
    try:
        return _FAILURE.decode(answer.body).error_code
    except (ValueError, RecursionError):
        return None


def without_serialized(answer: RegistryAnswer) -> bool:
    """True if an answer to `format=serialized` says that the registry doesn't have this form: the text will do."""
    status = answer.status
    return status == 501 or (400 <= status <= 499 and status not in (401, 403, 408, 425, 429))


_REFUSED: Final = {
    401: "it doesn't take our credentials (401)",
    403: "it doesn't allow us to read schemas (403)",
}


def _failing(status: int) -> str:
    return f"it asks to be asked more slowly ({status})" if status == 429 else f"it fails ({status})"


def _judge_schema(answer: RegistryAnswer) -> AnswerVerdict:
    try:
        found = _SCHEMA.decode(answer.body)
    except (ValueError, RecursionError):
        said = "it answers 200 with something that is no schema: is a proxy or a login page in between?"
        return AnswerVerdict("no-registry", answer.code, said)
    return AnswerVerdict("schema", answer.code, schema=found)


def _judge_fault(answer: RegistryAnswer) -> AnswerVerdict:
    fault = answer.fault
    assert fault is not None
    if fault == "too-large":
        if answer.status == 200 and _is_json(answer.headers) and not answer.of_tokens:
            return AnswerVerdict("bad-schema", fault, f"it is larger than the {MAX_BODY:,} bytes that are read")
        return AnswerVerdict("no-registry", fault, f"it answers more than {MAX_BODY:,} bytes that are no JSON")
    text = _FAULTS[fault]
    said = f"the token endpoint: {text}" if answer.of_tokens else text
    return AnswerVerdict("failing", fault, f"{said}: {answer.detail}" if answer.detail else said)


def _judge_tokens(answer: RegistryAnswer, now: float) -> AnswerVerdict:
    status = answer.status
    if status in (400, 401, 403):
        said = f"the token endpoint doesn't take client id and secret, or the scope ({status})"
        return AnswerVerdict("refused", answer.code, said)
    said = f"the token endpoint gives no token ({status})"
    return AnswerVerdict("failing", answer.code, said, retry_after(answer.headers, now))


def _is_json(headers: Sequence[tuple[str, str]]) -> bool:
    return any(name == "content-type" and "json" in value.lower() for name, value in headers)


_FAULTS: Final[dict[TransportFault, str]] = {
    "connect": "no connection",
    "descriptors": "no file descriptor is left for a connection: this process's own limit",
    "dns": "its host name can't be resolved",
    "tls": "its TLS connection can't be trusted or made",
    "timeout": "it didn't answer in time",
    "reset": "the connection broke before the answer was complete",
    "too-large": "its answer is larger than we read",
    "protocol": "its answer isn't proper HTTP",
    "cancelled": "the request was given up",
}

ANSWER_CODES: Final = (
    *(f"status-{status}" for status in (200, 401, 403, 404, 429, 500, 503)),
    *get_args(TransportFault),
)
"""What is counted of answers from the start, though none has come."""
