"""Reports of case results: text for people, JSON for programs, JUnit XML for CI servers."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

from greenflash_kafka.cases.case_runner import CaseResult
from greenflash_kafka.cases.suite import SuiteResults, run_suite
from greenflash_kafka.cli import style
from greenflash_kafka.cli.finding_reports import as_object, as_text
from greenflash_kafka.cli.style import mark

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(results: SuiteResults) -> str:
    blocks = [_failure(each) for each in results.results if not each.passed]
    if results.findings:
        blocks.append(as_text(results.findings) + "\n")
    blocks += [f"{file}: no cases" for file in results.without_cases]
    if results.written:
        blocks += ["snapshots written:", *(f"  {each}" for each in results.written), ""]
    blocks.append(_counts(results))
    return "\n".join(blocks)


def _failure(result: CaseResult) -> str:
    lines = (f"    {line}" for line in result.difference.splitlines())
    where = f"{result.file}:{result.line}:{result.column}"
    return "\n".join([f"{where}: {mark('failed', 'failed')}: {result.name}", *lines, ""])


def _counts(results: SuiteResults) -> str:
    passed = sum(each.passed for each in results.results)
    failed = len(results.results) - passed
    files = len({each.file for each in results.results})
    if results.nothing:
        return results.nothing
    words = mark(f"{passed} passed", "passed") + (f", {mark(f'{failed} failed', 'failed')}" if failed else "")
    return f"{words} in {files} file{'s' if files != 1 else ''}."


def _json(results: SuiteResults) -> str:
    cases = [
        {
            "file": each.file,
            "line": each.line,
            "column": each.column,
            "name": each.name,
            "passed": each.passed,
            "difference": each.difference,
        }
        for each in results.results
    ]
    passed = sum(each.passed for each in results.results)
    whole = {
        "passed": passed,
        "failed": len(cases) - passed,
        "cases": cases,
        "findings": [as_object(each) for each in results.findings],
        "without_cases": list(results.without_cases),
        "written": list(results.written),
        "nothing_ran": results.nothing,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def _junit(results: SuiteResults) -> str:
    broken = [each for each in results.findings if each.severity == "error"]
    failed = sum(not each.passed for each in results.results)
    total = len(results.results) + len(broken)
    suite = ElementTree.Element(
        "testsuite", name="greenflash-kafka", tests=str(total), failures=str(failed), errors=str(len(broken))
    )
    for each in results.results:
        case = ElementTree.SubElement(
            suite,
            "testcase",
            classname=_xml(each.file),
            name=_xml(each.name),
            file=_xml(each.file),
            line=str(each.line),
        )
        if not each.passed:
            failure = ElementTree.SubElement(case, "failure", message="expected and got differ")
            failure.text = _xml(each.difference)
    for finding in broken:
        case = ElementTree.SubElement(suite, "testcase", classname=_xml(finding.file), name=finding.code)
        ElementTree.SubElement(case, "error", message=_xml(finding.describe()))
    whole = ElementTree.Element("testsuites")
    whole.append(suite)
    ElementTree.indent(whole)
    return ElementTree.tostring(whole, encoding="unicode", xml_declaration=True)


def _xml(text: str) -> str:
    return _NOT_XML.sub("?", text)


FORMATS: Final[dict[str, Callable[[SuiteResults], str]]] = {"text": _text, "json": _json, "junit": _junit}


def show(paths: Sequence[Path], word: str, form: str, *, update: bool, strict: bool) -> int:
    """Run the cases and samples of these paths whose name holds the word, and print the results; 1 when one fails, or
    nothing ran. The other parameters are those of `run_suite`."""
    results = run_suite(paths, word, update=update, strict=strict)
    style.show(FORMATS[form](results))
    return 0 if results.passed else 1
