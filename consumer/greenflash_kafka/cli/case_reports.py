"""How the results of cases are shown: for people, for programs, and for CI servers (JUnit's XML)."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import click

from greenflash_kafka.cases.run import Result, Results, run
from greenflash_kafka.cli.findings import as_object, as_text

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _text(results: Results) -> str:
    blocks = [_failure(each) for each in results.results if not each.passed]
    if results.findings:
        blocks.append(as_text(results.findings) + "\n")
    blocks += [f"{file}: no cases" for file in results.without_cases]
    blocks.append(_counts(results))
    return "\n".join(blocks)


def _failure(result: Result) -> str:
    lines = (f"    {line}" for line in result.difference.splitlines())
    return "\n".join([f"{result.file}:{result.line}:{result.column}: failed: {result.name}", *lines, ""])


def _counts(results: Results) -> str:
    passed = sum(each.passed for each in results.results)
    failed = len(results.results) - passed
    files = len({each.file for each in results.results})
    if not results.results:
        return "No cases were run."
    words = f"{passed} passed" + (f", {failed} failed" if failed else "")
    return f"{words} in {files} file{'s' if files != 1 else ''}."


def _json(results: Results) -> str:
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
    }
    return json.dumps(whole, indent=2, ensure_ascii=False)


def _junit(results: Results) -> str:
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


FORMATS: Final[dict[str, Callable[[Results], str]]] = {"text": _text, "json": _json, "junit": _junit}


def show(paths: Sequence[Path], word: str, form: str) -> int:
    """Run the cases of these paths whose name holds the word, and print the results; 1 when one fails."""
    results = run(paths, lambda name: word.casefold() in name.casefold())
    click.echo(FORMATS[form](results))
    return 0 if results.passed else 1
