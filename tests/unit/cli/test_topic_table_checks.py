"""The checks of tables' topics: what is kept, and what the latest records give."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import msgspec
import pytest

from greenflash_kafka.cli.topic_table_checks import SampledRows, kept_check, row_checks, sampled_rows
from greenflash_kafka.source.start_questions import TopicSettings
from tests.unit.link_study.linked_shop import PAID_BY_CUSTOMER, records, snapshot_of

WEEK = str(7 * 86_400_000)


@pytest.mark.parametrize(
    ("settings", "status", "words"),
    [
        ({"cleanup.policy": "compact", "retention.ms": WEEK}, "ok", "compacted"),
        ({"cleanup.policy": "delete", "retention.ms": "-1", "retention.bytes": "-1"}, "ok", "3 partitions"),
        ({"cleanup.policy": "delete", "retention.ms": WEEK}, "warning", "it keeps records for 7 d"),
        ({"cleanup.policy": "compact,delete", "retention.ms": WEEK}, "warning", "it keeps records for 7 d"),
        ({"cleanup.policy": "delete", "retention.bytes": "1000"}, "warning", "it keeps 1000 bytes"),
        ({}, "warning", "taken for compacted"),
    ],
)
def test_a_topic_that_forgets_rows_is_a_warning(settings: dict[str, str], status: str, words: str) -> None:
    found = kept_check("crm", 3, TopicSettings("crm", None, 1.0, settings), {"bootstrap.servers": "b"})
    assert (found.name, found.status) == ("table topic crm", status)
    assert words in found.said
    assert bool(found.todo) == (status == "warning")
    assert ("--operation DescribeConfigs --topic crm" in found.todo) == (settings == {})


def test_rows_of_a_sample_are_counted_with_what_is_wrong_of_them(tmp_path: Path) -> None:
    rules = snapshot_of(tmp_path, PAID_BY_CUSTOMER)
    messages = records("crm", [{"id": "a", "user_id": "u"}, {"id": "b"}, {"user_id": "u"}, {"id": "c"}])
    keys = (b"1", b"1", b"2", None)
    found = sampled_rows(
        [msgspec.structs.replace(each, key=key) for each, key in zip(messages, keys, strict=True)], rules
    )
    assert (found.records, found.rows, found.unkeyed, found.shared) == (4, {"tables.customers": 3}, 1, 2)
    (check,) = row_checks("crm", ["tables.customers"], found, compacted=True)
    assert (check.status, check.said) == (
        "warning",
        "the 4 latest records give rows: 3 of customers; 0 of them deletions",
    )
    assert check.todo.splitlines() == [
        "1 give no row: customers: missing; see one: greenflash-kafka explain crm/0/2",
        "1 row stands in a record without a key, which compaction refuses or loses",
        "2 rows share their record's key with other rows: compaction keeps one of them. Let the producer use the row's "
        "key, or don't compact",
    ]
    (check,) = row_checks("crm", ["tables.customers"], found, compacted=False)
    assert check.todo == "1 give no row: customers: missing; see one: greenflash-kafka explain crm/0/2"


def test_a_table_without_rows_is_a_warning_and_a_topic_without_records_is_not(tmp_path: Path) -> None:
    rules = snapshot_of(tmp_path, PAID_BY_CUSTOMER.replace("key: id", "key: id, when: {kind: x}"))
    (check,) = row_checks(
        "crm", ["tables.customers"], sampled_rows(records("crm", [{"id": "a"}]), rules), compacted=False
    )
    assert check.todo == "no record gives a row of customers: see its `when`, `key` and `fields`"
    (check,) = row_checks("crm", ["tables.customers"], sampled_rows([], rules), compacted=False)
    assert check.status == "skipped"


def test_a_record_whose_schema_nobody_knows_is_a_failure_since_it_holds_the_others() -> None:
    sampled = SampledRows(10, Counter({"tables.customers": 9}), problems=Counter({"unknown-schema": 1}))
    (check,) = row_checks("crm", ["tables.customers"], sampled, compacted=True)
    assert check.status == "failed"
    assert "`source: {format: json}`" in check.todo
