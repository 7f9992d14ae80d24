"""`lint --explain CODE`: the meaning of a finding's code, its remedy, a wrong and a right example."""

from __future__ import annotations

import textwrap

import click

from greenflash_kafka.cli import style
from greenflash_kafka.documents.code_examples import EXAMPLES
from greenflash_kafka.documents.codes import CODES
from greenflash_kafka.documents.did_you_mean import did_you_mean


def explain(code: str) -> int:
    """Print what a code means. Raises UsageError for an unknown one."""
    known = CODES.get(code.strip().strip("`"))
    if known is None:
        hint = did_you_mean(code, CODES) or "docs/findings.md lists all codes"
        raise click.UsageError(f"there is no code {code}: {hint}")
    lines = [f"{code} ({known.severity})", "", *_wrapped(known.meaning), *_wrapped(known.fix)]
    example = EXAMPLES.get(code)
    if example is not None:
        lines += [
            "",
            "wrong:",
            textwrap.indent(example.wrong, "  "),
            "",
            "right:",
            textwrap.indent(example.right, "  "),
        ]
    style.show("\n".join(lines))
    return 0


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, 100)
