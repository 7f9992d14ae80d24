"""One thing at a time is changed in each shipped rule; lint, a case or a snapshot finds it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from greenflash_kafka.cases.case_runner import run
from greenflash_kafka.cases.linting import lint
from greenflash_kafka.cases.sample_runner import run_samples
from greenflash_kafka.mappings.workspace import Workspace

MAPPINGS: Final = Path(__file__).parents[3] / "mappings"
FILES: Final = sorted(
    path for path in MAPPINGS.glob("*/*.yaml") if not path.stem.endswith("_test") and "rules:" in path.read_text()
)
ENV: Final = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}

SWAPS: Final = (
    ("influence: positive", "influence: negative"),
    ("influence: negative", "influence: positive"),
    ("influence: neutral", "influence: positive"),
    ("{above: 0}", "{below: 0}"),
    ("{increased: true}", "{decreased: true}"),
    ("becomes: true", "becomes: false"),
    ("becomes: cancelling", "becomes: cancelled"),
    ("from: trialing, to: active", "from: active, to: trialing"),
    ("{not: ", "{contains: "),
    ("starts_with", "ends_with"),
    ("ends_with", "starts_with"),
    (" == ", " != "),
    (" > 0", " >= 0"),
    (" - ", " + "),
    (" * ", " + "),
    ("money_major", "money_minor"),
    ("money_minor", "money_major"),
    ('"ms")', '"s")'),
    ('"s")', '"ms")'),
    ("/ 86400", "/ 3600"),
    ("/ 1000", "/ 100"),
    ("upper(", "lower("),
    ("lower(", "upper("),
    ("floor(", "ceil("),
    ("coalesce(", "max("),
    ("first(", "last("),
    ("last(", "first("),
    (": true", ": false"),
    (": null", ": x"),
)
_TEXT: Final = re.compile(r'"[a-z_]{4,}"|(?<=: )[a-z_.]{4,}(?= *(?:#.*)?$)|(?<=[\[ ])[a-z_.]{6,}(?=[,\]])')
_PATH: Final = re.compile(r"(?<=\.)[a-z_]+(?=[^A-Za-z_(.]|$)")


EQUIVALENT: Final = {
    # `days_between` counts whole days, so that there is nothing to round.
    "days_after_order: = ceil(days_between(time(payload.refund.ordered_at), time(payload.occurred_at)))",
}
"""Mutants that do the same, by the line as it becomes."""


def mutants(text: str) -> Iterator[tuple[int, str]]:
    """Each line of the rules with one thing changed; and without a property."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith("rules:"))
    for number, line in enumerate(lines[start:], start):
        code = line.partition(" #")[0].rstrip()
        if not code.strip() or code.strip().startswith(("#", "- name:", "description:")):
            continue
        for before, after in SWAPS:
            if before in code:
                yield number, code.replace(before, after, 1)
        for pattern in (_TEXT, _PATH):
            found = pattern.search(code)
            if found is not None:
                yield (
                    number,
                    code[: found.end()].rstrip('"')
                    + "x"
                    + ('"' if found[0].endswith('"') else "")
                    + code[found.end() :],
                )
        if re.match(r" {8}\w+: ", code):
            yield number, ""
        if code.strip() == "properties:":
            yield number, f"{code}\n        added: 1"


def _found(file: Path, workspace: Workspace) -> bool:
    """Whether a sample, a case or lint finds it; the quickest first."""
    samples = run_samples([file], lambda _: True, update=False, workspace=workspace)
    if samples.findings or not all(each.passed for each in samples.results):
        return True
    return not run([file], workspace=workspace).passed or bool(lint([file], ENV, workspace=workspace).findings)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_change_of_a_rule_is_found(file: Path) -> None:
    workspace = Workspace()  # the files beside it are compiled once
    text = file.read_text()
    lines = text.splitlines()
    survived, number_of = [], 0
    for number, changed in mutants(text):
        number_of += 1
        edited = "\n".join([*lines[:number], changed, *lines[number + 1 :], ""]).encode()
        if not _found(file, workspace.edited({file: edited})) and changed.strip() not in EQUIVALENT:
            survived.append(f"{file.name}:{number + 1}: {lines[number].strip()}  ->  {changed.strip()}")
    assert not survived, f"{len(survived)} of {number_of} survive:\n" + "\n".join(survived)
