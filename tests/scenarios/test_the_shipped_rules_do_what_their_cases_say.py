"""The shipped rules, which users copy: each loads without a finding, has its cases, and they pass."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from greenflash_kafka.cases.case import Case
from greenflash_kafka.cases.case_files import find, read
from greenflash_kafka.cases.case_runner import mappings_in
from greenflash_kafka.cases.cases_context import CONTEXT
from greenflash_kafka.cases.linting import lint
from greenflash_kafka.cases.sample_runner import run_samples
from greenflash_kafka.cases.suite import run_suite
from greenflash_kafka.demo.generate import QUIET_TOPICS
from greenflash_kafka.demo.traffic import TOPICS
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.loading import load
from greenflash_kafka.resolve import resolve
from greenflash_kafka.snapshot import Snapshot

ROOT = Path(__file__).parents[2]
MAPPINGS = ROOT / "mappings"
PAGE_EXAMPLES = ROOT / "tests" / "cases" / "mappings"
ENV = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}
INFLUENCE = {
    **dict.fromkeys(
        ["signup_completed", "trial_started", "task_success", "upgrade_purchased", "meeting_booked", "lead_converted"],
        "positive",
    ),
    **dict.fromkeys(
        ["cancellation_requested", "error_encountered", "workflow_abandoned", "refund_requested"], "negative"
    ),
    **dict.fromkeys(["feature_viewed", "step_completed", "usage_logged"], "neutral"),
}


def test_the_shipped_files_are_without_a_finding() -> None:
    assert lint([MAPPINGS], ENV).findings == ()


@pytest.mark.parametrize("file", sorted(PAGE_EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_example_of_the_languages_page_is_without_a_finding(file: Path) -> None:
    assert lint([file], ENV).findings == ()


@pytest.mark.parametrize("folder", [MAPPINGS, PAGE_EXAMPLES], ids=["shipped", "page"])
def test_every_case_passes(folder: Path) -> None:
    results = run_suite([folder], strict=folder == MAPPINGS)
    failed = [f"{each.file}:{each.line}: {each.name}\n{each.difference}" for each in results.results if not each.passed]
    assert not failed, "\n\n".join(failed)
    assert results.passed, results.findings
    assert results.without_cases == ()


def test_all_topics_are_those_of_the_demo() -> None:
    ruleset = load([MAPPINGS], ENV).ruleset
    assert ruleset is not None
    assert set(ruleset.topics) == {*TOPICS, *QUIET_TOPICS}
    assert ruleset.patterns == ()
    assert not ruleset.needs_topic_ids  # every event has an insert_id of its own


def test_the_samples_and_cases_show_every_event_of_the_api_page_with_its_influence() -> None:
    shown: dict[str, set[object]] = defaultdict(set)
    ruleset = load([MAPPINGS], ENV).ruleset
    assert ruleset is not None
    snapshot = Snapshot(ruleset, CONTEXT)
    events = [event for case in _cases() for event in resolve(case.message, snapshot).events]
    samples = run_samples(mappings_in([MAPPINGS]), lambda _: True, update=False).observed
    for event in [*events, *(event for each in samples for event in each.events)]:
        shown[str(event.fields["event_type"])].add(event.fields.get("influence"))
    assert shown == {name: {influence} for name, influence in INFLUENCE.items()}


def test_every_rule_has_a_hit_a_near_miss_a_missing_field_and_a_bad_value() -> None:
    ruleset = load([MAPPINGS], ENV).ruleset
    assert ruleset is not None
    hits: dict[str, int] = defaultdict(int)
    invalid: dict[str, int] = defaultdict(int)
    misses = 0
    for each in run_samples(mappings_in([MAPPINGS]), lambda _: True, update=False).observed:
        for rule in {event.rule for event in each.events}:
            hits[rule] += 1
    for case in _cases():
        outcome = resolve(case.message, Snapshot(ruleset, CONTEXT))
        for rule in {event.rule for event in outcome.events}:
            hits[rule] += 1
        for named in {problem.rule for problem in outcome.problems if problem.rule}:
            invalid[named] += 1
        misses += case.because is not None
    rules = set(hits)
    assert len(rules) == 25
    assert all(count >= 2 for count in hits.values()), hits  # the whole fact, and one with a field missing
    assert set(invalid) == rules
    assert misses >= len(rules)


def _cases() -> list[Case]:
    files = [read(path, FileReport(str(path))) for path in find([MAPPINGS])]
    return [case for file in files if file is not None for case in file.cases]
