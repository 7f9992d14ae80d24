"""The findings of lint that are frozen: of every mapping and cases file that is kept, and of broken copies of them.

A broken copy is a shipped mapping file with one change, of a kind that is named here. Kinds are hashed one by one, so that a
finding that is changed on purpose is frozen anew under its own name: `--write --only findings --name 'yaml *'`. Who
changes a shipped file freezes all of them anew, after looking that nothing differs before the change.
"""

# ruff: noqa: E501 - tables of data
from __future__ import annotations

import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from functools import cache, partial
from pathlib import Path
from typing import Final

from greenflash_kafka.advice.all_advice import advise
from greenflash_kafka.cases.case_files import read as read_cases
from greenflash_kafka.documents.findings import FileReport, Finding
from greenflash_kafka.loading import load

ROOT: Final = Path(__file__).parents[2]
ENV: Final = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}
TODAY: Final = datetime(2026, 12, 1, tzinfo=UTC)
SEED: Final = "findings 1"

SAMPLE: Final = 3
"""Copies of each kind that the tests look at."""

COPIES: Final = 60
"""Copies of each kind."""

_EVENTS: Final = "events.yaml"
"""The tracking plan, to which the broken copies aren't held, and the end of snapshots' names: frozen without both."""

_COPIED: Final = ("mappings", "tests/cases/mappings")
"""Folders whose files are broken."""

Change = Callable[[random.Random, list[str]], None]
"""Changes one place of a file's lines. Raises IndexError if the file has no such place."""


def _lines(lines: Sequence[str], pattern: str) -> list[int]:
    return [number for number, line in enumerate(lines) if re.search(pattern, line)]


def _in_line(pattern: str, make: Callable[[random.Random, re.Match[str]], str]) -> Change:
    """Replace one match of a pattern in one line."""

    def change(chance: random.Random, lines: list[str]) -> None:
        number = chance.choice(_lines(lines, pattern))
        match = chance.choice(list(re.finditer(pattern, lines[number])))
        lines[number] = lines[number][: match.start()] + make(chance, match) + lines[number][match.end() :]

    return change


def _misspelled(chance: random.Random, word: str) -> str:
    at = chance.randrange(len(word))
    match chance.randint(0, 3):
        case 0:
            return word[:at] + word[at + 1 :] or "x"
        case 1:
            return word[:at] + chance.choice("aeiost_") + word[at:]
        case 2:
            return word[: at - 1] + word[at : at + 1] + word[at - 1 : at] + word[at + 1 :] if at else word + "s"
    return word.upper() if chance.random() < 0.3 else word[:at] + "x" + word[at + 1 :]


def _word(*words: str) -> Callable[[random.Random, re.Match[str]], str]:
    return lambda chance, match: match[0].replace(match[1], chance.choice(words))


def _drop_line(chance: random.Random, lines: list[str]) -> None:
    del lines[chance.choice(_lines(lines, r"\S"))]


def _twice(chance: random.Random, lines: list[str]) -> None:
    number = chance.choice(_lines(lines, r"^\s+[\w.]+: \S"))
    lines.insert(number, lines[number])


def _indent(chance: random.Random, lines: list[str]) -> None:
    number = chance.choice(_lines(lines, r"^ {2,}\S"))
    lines[number] = chance.choice((" ", "  ", "   ", "\t")) + lines[number]


def _dedent(chance: random.Random, lines: list[str]) -> None:
    number = chance.choice(_lines(lines, r"^ {2,}\S"))
    lines[number] = lines[number][chance.choice((1, 2)) :]


def _new_key(chance: random.Random, lines: list[str]) -> None:
    number = chance.choice(_lines(lines, r"^\s+[\w.]+:"))
    space = lines[number][: len(lines[number]) - len(lines[number].lstrip())]
    names = ("conversation", "topic", "value_typ", "time", "name", "lookback", "event", "filter", "user", "each", "if")
    lines.insert(number, f"{space}{chance.choice(names)}: {chance.choice(('x', '= payload.a', '[a]', '{a: b}', '5'))}")


def _two(chance: random.Random, lines: list[str]) -> None:
    for change in chance.sample([*KINDS.values()], 2):
        change(chance, lines)


_VALUE: Final = r"(?<=: )[^\s#].*$"
_EXPRESSION: Final = r"(?<=: )= .*$"

KINDS: Final[dict[str, Change]] = {
    "yaml line dropped": _drop_line,
    "yaml key twice": _twice,
    "yaml indented": _indent,
    "yaml dedented": _dedent,
    "yaml no colon": _in_line(r"(?<=\w):(?= )", lambda chance, _: chance.choice(("", " ", "=", " :"))),
    "yaml no blank after colon": _in_line(r"(?<=\w): ", lambda *_: ":"),
    "yaml quote or bracket": _in_line(r"[\"'\[\]{}]", lambda chance, _: chance.choice(("", '"', "'", "[", "}"))),
    "yaml odd start of a value": _in_line(
        r"(?<=: )(?=\S)", lambda chance, _: chance.choice(("*", "&a ", "!x ", "- ", "@", "%", "`", "|", "? ", '"', "# "))
    ),
    "yaml inside a value": _in_line(
        r"(?<=\w)[ .](?=\w)", lambda chance, _: chance.choice((": ", " #", ", ", " ]", " }", "\t", '" ', ' "'))
    ),
    "yaml odd character": _in_line(r"\w", lambda chance, _: chance.choice(("\x07", "\ufeff", "\u2028", "\x00", "\u00a0"))),
    "number not shortest": _in_line(r"(?<=: )\d+$", lambda chance, match: chance.choice(("0", "1.", "")) + match[0] + ".0"),
    "key misspelled": _in_line(r"[a-z_]{3,}(?=:)", lambda chance, match: _misspelled(chance, match[0])),
    "key unknown": _new_key,
    "value of another type": _in_line(
        _VALUE, lambda chance, _: chance.choice(("5", "true", "null", "[a, b]", "{a: b}", "text", '""', "2026-11-18", "1.50"))
    ),
    "value gone": _in_line(_VALUE, lambda *_: ""),
    "environment": _in_line(_VALUE, lambda chance, _: chance.choice(("${NO_SUCH}", "${GREENFLASH_PRODUCT_ID}", "${}", "x${A}"))),
    "operator": _in_line(
        r"\b(exists|not|above|at_least|below|at_most|starts_with|ends_with|contains|matches|changed|increased|to|from)(?=: )",
        lambda chance, match: chance.choice(
            ("gt", "gte", "between", "in", "eq", "prefix", "regex", "is_null", "became", "like", _misspelled(chance, match[0]))
        ),
    ),
    "function": _in_line(r"\b[a-z_]{3,}(?=\()", lambda chance, match: chance.choice(
        ("len", "nvl", "ifnull", "str", "money", "now", "if", "cast", "concatenate", _misspelled(chance, match[0]))
    )),
    "name": _in_line(r"\b(payload|item|kafka|index)\b", lambda chance, match: chance.choice(
        ("event", "message", "msg", "row", "envelope", "conversation", _misspelled(chance, match[0]))
    )),
    "expression cut": _in_line(_EXPRESSION, lambda chance, match: match[0][: chance.randint(1, len(match[0]))]),
    "expression odd sign": _in_line(
        r"(?<=[\w)]) ?[=<>+*/,.(-]=? ?(?=\w)", lambda chance, _: chance.choice((" = ", " <> ", " || ", " AND ", " & ", "..", " === ", "?"))
    ),
    "expression other language": _in_line(_EXPRESSION, lambda chance, _: chance.choice((
        "= payload.a IS NULL", "= CASE WHEN payload.a THEN 1 END", "= payload.a LIKE 'x%'", "= IF(payload.a, 1, 2)",
        "= payload.a ? 1 : 2", "= $.a", "= payload->a", "= payload.a == null && true", "= 1 < payload.a < 5", "= money(payload.a)",
        "= payload.a / 100", "= time(payload.a)", '= time(5, "s")', '= upper(5)', "= lambda x: x", "= sum(payload.a[*].b)",
    ))),
    "literal": _in_line(r"(?<=[:\[,] )[a-z_.]+(?=[,\]}]|$)", lambda chance, _: chance.choice(("yes", "1_000", "0x1f", "=5", "007", "~", ""))),
}  # fmt: skip
KINDS["two changes"] = _two


def kept() -> Iterator[tuple[str, list[str]]]:
    """The findings of each file of the repository's, by its name."""
    for path in _files(*_COPIED):
        yield path.relative_to(ROOT).as_posix(), _found(path)
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted((ROOT / "tests/fuzz/corpus/mapping").iterdir()):
            copy = Path(folder, "m.yaml")
            copy.write_bytes(path.read_bytes().partition(b"\0")[0])
            yield path.relative_to(ROOT).as_posix(), _found(copy)
        for path in sorted((ROOT / "tests/fuzz/corpus/cases").iterdir()):
            copy = Path(folder, "m_test.yaml")
            copy.write_bytes(path.read_bytes())
            yield path.relative_to(ROOT).as_posix(), _found(copy)


def broken(name: str, copies: Iterable[int]) -> Iterator[tuple[str, list[str]]]:
    """The text of each broken copy of a kind (a name of `names`), and its findings."""
    files = [path for path in _files(*_COPIED) if not path.stem.endswith("_test")]
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder, "kept")
        for folder_name in _COPIED:
            shutil.copytree(ROOT / folder_name, place / folder_name, ignore=shutil.ignore_patterns(_EVENTS))
        for number in copies:
            chance = random.Random(f"{SEED} {name} {number}")
            text, path = "", place
            while not text:
                original = chance.choice(files)
                path = place / original.relative_to(ROOT)
                lines = original.read_text(encoding="utf-8").split("\n")
                try:
                    KINDS[name](chance, lines)
                    text = "\n".join(lines)
                except IndexError:
                    continue
            before = path.read_bytes()
            path.write_text(text, encoding="utf-8")
            yield text, _found(path)
            path.write_bytes(before)


@cache
def _files(*folders: str) -> list[Path]:
    """The mapping and cases files of folders."""
    return sorted(
        path for folder in folders for path in (ROOT / folder).rglob("*.yaml") if not path.name.endswith(_EVENTS)
    )


def _found(path: Path) -> list[str]:
    """One line a finding: place, severity, code, text and hint, without the folder."""
    if path.stem.endswith("_test"):
        report = FileReport(str(path))
        read_cases(path, report)
        return [_line(finding, path) for finding in report.findings]
    loaded = load([path], ENV, strict_env=False, whole=False, advise=partial(advise, now=TODAY))
    return [_line(finding, path) for finding in loaded.findings]


def _line(finding: Finding, path: Path) -> str:
    at = f"{finding.line}:{finding.column}-{finding.end_line}:{finding.end_column}"
    text = f"{at} {finding.severity} {finding.code} {finding.message!r} {finding.hint!r}"
    return text.replace(str(path.parent), "FOLDER")


def names(pattern: str | None = None) -> list[str]:
    """The kinds whose names match."""
    return [name for name in KINDS if pattern is None or fnmatchcase(name, pattern)]
