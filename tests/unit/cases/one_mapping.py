"""A mapping file of one rule, and cases files beside it as they are read."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

from greenflash_kafka.cases.case import CasesFile
from greenflash_kafka.cases.case_files import read
from greenflash_kafka.documents.findings import FileReport, Finding

MAPPING = """\
version: 1
source: {topics: [shop.orders]}
tables: {plans: {a: {name: A}}}
rules:
  - name: paid
    when: {type: paid}
    event: {event_type: paid, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, value: 1, influence: positive}
"""


def cases(folder: Path, text: str) -> tuple[CasesFile | None, tuple[Finding, ...]]:
    (folder / "x.yaml").write_text(MAPPING)
    file = folder / "x_test.yaml"
    file.write_text(dedent(text))
    report = FileReport(str(file))
    return read(file, report), report.findings


def one(folder: Path, case: str) -> tuple[CasesFile, tuple[Finding, ...]]:
    file, findings = cases(
        folder,
        f"version: 1\nmessage: {{payload: {{a: 1, list: [1]}}}}\ncases:\n  - {{name: n, expect: nothing, {case}}}\n",
    )
    assert file is not None
    return file, findings
