"""`sample`: the same users always, exactly as many as the rate says, and everybody else counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.evaluate import evaluate
from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.model.message import Message
from greenflash_kafka.model.outcome import Outcome
from greenflash_kafka.snapshot import Snapshot

RULE = """\
version: 1
source: {topics: [t]}
rules:
  - name: seen
    when: {type: page}
    sample: SAMPLE
    event:
      event_type: page_viewed
      product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11
      influence: neutral
      value: VALUE
      insert_id: = payload.id
"""


def loaded(tmp_path: Path, sample: str, value: str = "1") -> Loaded:
    path = tmp_path / "m.yaml"
    path.write_text(RULE.replace("SAMPLE", sample).replace("VALUE", value))
    return load([path], {})


def outcomes(tmp_path: Path, rate: str) -> dict[str, bool]:
    found = loaded(tmp_path, f"{{by: payload.user, rate: {rate}}}").ruleset
    assert found is not None
    snapshot = Snapshot(found)
    kept: dict[str, bool] = {}
    for number in range(1_000):
        value = f'{{"type": "page", "id": "{number}", "user": "u{number % 500}"}}'.encode()
        outcome = evaluate(Message("t", 0, number, 1_795_000_000_000, value=value), snapshot)
        assert isinstance(outcome, Outcome)
        codes = [(each.code, each.rule, each.field) for each in outcome.counts]
        assert len(outcome.events) == 1 or codes == [("sampled-out", "seen", "sample")]
        user = f"u{number % 500}"
        assert kept.setdefault(user, bool(outcome.events)) is bool(outcome.events)
    return kept


def test_always_the_same_users_are_kept_and_a_larger_rate_keeps_them_too(tmp_path: Path) -> None:
    tenth = {user for user, kept in outcomes(tmp_path, "0.1").items() if kept}
    half = {user for user, kept in outcomes(tmp_path, "0.5").items() if kept}
    assert 25 <= len(tenth) <= 75
    assert 200 <= len(half) <= 300
    assert tenth < half
    assert all(outcomes(tmp_path, "1").values())


@pytest.mark.parametrize(
    ("payload", "codes"),
    [
        ('{"type": "page", "id": "1"}', ["sampled-out"]),
        ('{"type": "page", "id": "1", "user": null}', ["sampled-out"]),
        ('{"type": "page", "id": "1", "user": [1]}', ["type-mismatch", "sampled-out"]),
        ('{"type": "other", "id": "1"}', []),
    ],
)
def test_who_is_nobody_is_left_out_and_counted(tmp_path: Path, payload: str, codes: list[str]) -> None:
    found = loaded(tmp_path, "{by: payload.user, rate: 0.5}").ruleset
    assert found is not None
    outcome = evaluate(Message("t", 0, 1, 1_795_000_000_000, value=payload.encode()), Snapshot(found))
    assert isinstance(outcome, Outcome)
    assert (outcome.events, outcome.problems) == ((), ())
    assert [each.code for each in outcome.counts] == codes


@pytest.mark.parametrize(
    ("sample", "value", "code", "hint"),
    [
        ("{by: payload.user, rate: 0}", "1", "wrong-type", "rate: 0.1 keeps a tenth"),
        ("{by: payload.user, rate: 2}", "1", "wrong-type", "rate: 0.1 keeps a tenth"),
        ("{by: payload.user, rate: 10%}", "1", "wrong-type", "rate: 0.1"),
        ("{by: payload.user, rate: 0.0000001}", "1", "wrong-type", "rate: 0.1"),
        ("{by: \"'user'\", rate: 0.1}", "1", "wrong-type", "by: payload.user_id"),
        ("{by: payload.user}", "1", "missing-key", "e.g. rate: 0.1"),
        (
            "{by: payload.user, rate: 0.1}",
            '= money_major(payload.amount, "EUR")',
            "sampled-revenue",
            "leave sample out, or write revenue: true in it if that is meant",
        ),
    ],
)
def test_a_sample_that_cannot_be_meant_is_a_finding(
    tmp_path: Path, sample: str, value: str, code: str, hint: str
) -> None:
    found = [each for each in loaded(tmp_path, sample, value).findings if each.code not in ("no-currency",)]
    assert (code, hint) in [(each.code, each.hint) for each in found]


def test_revenue_may_be_sampled_on_purpose(tmp_path: Path) -> None:
    found = loaded(tmp_path, "{by: payload.user, rate: 0.1, revenue: true}", '= money_major(payload.amount, "EUR")')
    assert "sampled-revenue" not in [each.code for each in found.findings]


def test_a_hash_of_whom_the_sample_is_needs_the_key_like_any_other(tmp_path: Path) -> None:
    ruleset = loaded(tmp_path, "{by: hash(payload.user), rate: 0.5}").ruleset
    assert ruleset is not None
    assert ruleset.hashes is not None
    assert (ruleset.hashes.place.line, ruleset.hashes.text) == (6, "hash(payload.user)")
