"""Paths under an envelope: what they are in a message, and how they are written."""

from __future__ import annotations

import pytest

from greenflash_kafka.expressions.paths import ENVELOPES, NO_ENVELOPE, EnvelopePaths, Path, Steps

DEBEZIUM, CLOUDEVENTS = ENVELOPES["debezium"], ENVELOPES["cloudevents"]


@pytest.mark.parametrize(
    ("envelope", "path", "decoded"),
    [
        (NO_ENVELOPE, Path("payload", ("a", 0)), ("payload", ("a", 0))),
        (NO_ENVELOPE, Path("item", ("a",)), ("item", ("a",))),
        (DEBEZIUM, Path("payload", ("plan",)), ("payload", ("after", "plan"))),
        (DEBEZIUM, Path("payload"), ("payload", ("after",))),
        (DEBEZIUM, Path("envelope", ("op",)), ("payload", ("op",))),
        (DEBEZIUM, Path("envelope"), ("payload", ())),
        (DEBEZIUM, Path("kafka", ("key",)), ("kafka", ("key",))),
        (CLOUDEVENTS, Path("payload", ("total",)), ("payload", ("data", "total"))),
        (CLOUDEVENTS, Path("envelope", ("type",)), ("payload", ("type",))),
    ],
)
def test_a_path_is_that_of_what_is_decoded(envelope: EnvelopePaths, path: Path, decoded: tuple[str, Steps]) -> None:
    assert envelope.decoded(path.root, path.steps) == decoded


@pytest.mark.parametrize(
    ("envelope", "steps", "bare", "written"),
    [
        (NO_ENVELOPE, ("after", "plan"), False, "payload.after.plan"),
        (NO_ENVELOPE, ("after", "plan"), True, "after.plan"),
        (NO_ENVELOPE, (), False, "payload"),
        (DEBEZIUM, ("after", "plan"), False, "payload.plan"),
        (DEBEZIUM, ("after", "plan"), True, "plan"),
        (DEBEZIUM, ("after",), False, "payload"),
        (DEBEZIUM, ("op",), True, "envelope.op"),
        (DEBEZIUM, ("before", "plan"), False, "envelope.before.plan"),
        (DEBEZIUM, (), False, "envelope"),
        (CLOUDEVENTS, ("data", 0, "first name"), False, 'payload[0]["first name"]'),
    ],
)
def test_people_see_a_path_as_rules_write_it(envelope: EnvelopePaths, steps: Steps, bare: bool, written: str) -> None:
    assert envelope.written(steps, bare=bare) == written
