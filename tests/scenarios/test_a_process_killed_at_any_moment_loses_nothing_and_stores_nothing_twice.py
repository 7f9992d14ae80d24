"""A share of `make chaos`: members killed while they start, send and drain, against an API that fails in many ways.
What the ledger tells, in Avro whose registry goes away and whose schemas change, is linked to conversations as the
oracle says, and a second group stores the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.brokers.kafka import Kafka
from tests.chaos.avro_ledger import AvroLedger
from tests.chaos.ground import ground
from tests.chaos.report import report
from tests.chaos.storm import Settings, Storm


# Seconds; most of it is processes that start, which takes its time on a busy machine.
@pytest.mark.timeout(900)
def test_a_process_killed_at_any_moment_loses_nothing_and_stores_nothing_twice(kafka: Kafka, tmp_path: Path) -> None:
    settings = Settings(seed=7, cycles=3, messages=10_000, members=2, every=1.0, session_ms=2000, rebalances=1)
    avro = AvroLedger(settings.seed)
    with ground(kafka, tmp_path, settings.protocol, settings.session_ms, avro=avro) as made:
        outcome = Storm(made, settings).run()
    assert outcome.exact, report(settings, outcome, "")
    assert set(outcome.hits) == {"kill", "kill at start", "kill while draining", "term", "zombie"}
    assert outcome.verdict.stored > 3_000
    assert outcome.verdict.dead_letters > 50
    assert outcome.verdict.linked > 1_000
    assert avro.ids > 5
    assert avro.outages > 0
    assert outcome.again is not None
    assert outcome.again.same > 3_000
