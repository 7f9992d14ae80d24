"""The recipes of CONTRIBUTING.md, followed to the letter on a copy of the package: each adds something that works."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parents[3]
_FENCE: Final = re.compile(r"^```python title=(\S+)(?: table=(\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_EVENT: Final = {"event_type": "e", "product_id": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11", "influence": "neutral"}


class Package:
    """A copy of the package, to which a recipe is applied."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.source = folder / "consumer"
        shutil.copytree(
            ROOT / "consumer" / "greenflash_kafka",
            self.source / "greenflash_kafka",
            ignore=shutil.ignore_patterns("__pycache__"),
        )

    def follow(self, title: str) -> None:
        """Do what the section of this title says: write a file, or a block at the end of one, or a line of a table."""
        page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
        section = page.split(f"\n## {title}\n")[1].split("\n## ")[0]
        steps = _FENCE.findall(section)
        assert steps, title
        for name, table, text in steps:
            path = self.source / "greenflash_kafka" / name
            before = path.read_text(encoding="utf-8") if path.exists() else ""
            path.write_text(_with_line(before, table, text) if table else f"{before}\n\n{text}".lstrip("\n"))

    def run(self, *arguments: str) -> str:
        """What the copy's command line prints. It must succeed."""
        done = subprocess.run(
            [sys.executable, "-m", "greenflash_kafka", *arguments],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(self.source), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def passes(self, file: dict[str, Any], *cases: dict[str, Any]) -> None:
        """Whether the cases of a mapping file pass, and lint has nothing to say against it."""
        mappings = self.folder / "mappings"
        mappings.mkdir(exist_ok=True)
        (mappings / "toy.yaml").write_text(json.dumps({"version": 1, **file}))
        made = [{"name": f"case {number}", **case} for number, case in enumerate(cases)]
        (mappings / "toy_test.yaml").write_text(json.dumps({"version": 1, "event": _EVENT, "cases": made}))
        self.run("lint", "mappings", "--strict")
        self.run("test", "mappings")


def _with_line(text: str, table: str, line: str) -> str:
    """The line before the bracket that closes the table's map."""
    lines = text.splitlines(keepends=True)
    begins = next(number for number, each in enumerate(lines) if each.startswith(f"{table}:"))
    ends = next(number for number, each in enumerate(lines) if number > begins and each.strip() == "}")
    return "".join([*lines[:ends], line, *lines[ends:]])


@pytest.fixture
def package(tmp_path: Path) -> Package:
    return Package(tmp_path)


def rule(**parts: Any) -> list[dict[str, Any]]:
    return [{"name": "toy", **parts, "event": {**_EVENT, "insert_id": "= payload.id", **parts.get("event", {})}}]


LIST_OPERATOR: Final = """

ENDS_WITH_ANY: Final = WhenOperator(
    "ends_with_any",
    "the text ends with any of these",
    _TEXT,
    "texts",
    is_text,
    many=True,
    prepare=lambda given: lambda value: as_text(value).endswith(given),
    words="ends with {}",
)
"""


def event(value: str, value_type: str = "text") -> dict[str, str]:
    return {"value": value, "value_type": value_type, "insert_id": "e:i"}


def test_a_function_is_one_block(package: Package) -> None:
    package.follow("Add a function")
    assert "The first letters" in package.run("functions", "initials")
    package.passes(
        {
            "source": {"topics": ["t"]},
            "rules": rule(when={"a": {"exists": True}}, event={"value": "= initials(payload.a)"}),
        },
        {"message": {"payload": {"id": "i", "a": "Ada Lovelace"}}, "expect": [event("A.L.")]},
        {
            "message": {"payload": {"id": "i", "a": 5}},
            "expect": {"invalid": [{"code": "type-mismatch", "field": "value"}]},
        },
    )


def test_an_operator_is_one_block(package: Package) -> None:
    package.follow("Add an operator of `when`")
    package.passes(
        {"source": {"topics": ["t"]}, "rules": rule(when={"n": {"multiple_of": 5}}, event={"value": "= payload.n"})},
        {"message": {"payload": {"id": "i", "n": 15}}, "expect": [event("15", "numeric")]},
        {"message": {"payload": {"id": "i", "n": 16}}, "expect": "nothing"},
        {"message": {"payload": {"id": "i", "n": "x"}}, "expect": "nothing"},
    )


def test_an_operator_of_a_list_is_one_block(package: Package) -> None:
    file = package.source / "greenflash_kafka" / "rules" / "when_operators" / "parts.py"
    file.write_text(file.read_text(encoding="utf-8") + LIST_OPERATOR)
    ends = {"ends_with_any": [".org", ".net"]}
    package.passes(
        {
            "source": {"topics": ["t"]},
            "rules": rule(when={"m": ends, "l": {"any": ends}}, event={"value": "= payload.m"}),
        },
        {"message": {"payload": {"id": "i", "m": "a.net", "l": ["x", "b.org"]}}, "expect": [event("a.net")]},
        {"message": {"payload": {"id": "i", "m": ".org", "l": ["a.com"]}}, "expect": "nothing"},
        {"message": {"payload": {"id": "i", "m": "a.com", "l": ["b.org"]}}, "expect": "nothing"},
    )
    assert "ends with `.org` or `.net`" in package.run("catalog", "mappings")
    message = package.folder / "message.json"
    message.write_text('{"id": "i", "m": "a.com", "l": []}')
    assert 'a value that ends with one of ".org", ".net"' in package.run("try", "message.json")
    wrong = json.dumps(
        {"version": 1, "source": {"topics": ["t"]}, "rules": rule(when={"m": {"ends_with_any": ["a", 5]}})}
    )
    (package.folder / "mappings" / "toy.yaml").write_text(wrong)
    with pytest.raises(AssertionError, match="bad-literal: `ends_with_any` takes texts, not the number 5"):
        package.run("lint", "mappings")


def test_a_format_is_one_file_and_one_line(package: Package) -> None:
    package.follow("Add a payload format")
    package.passes(
        {
            "source": {"topics": ["t"], "format": "pairs"},
            "rules": rule(when={"a": "b"}, event={"value": "= payload.c"}),
        },
        {"message": {"raw": "id=i\na=b\nc=d"}, "expect": [event("d")]},
        {"message": {"raw": "id"}, "expect": {"invalid": [{"code": "bad-payload"}]}},
    )
    other = [{**rule(when={"a": "b"}, event={"value": 1})[0], "name": "other"}]
    file = {"version": 1, "source": {"topics": ["t"], "format": "json"}, "rules": other}
    (package.folder / "mappings" / "zzz.yaml").write_text(json.dumps(file))
    with pytest.raises(AssertionError, match=r"mixed-source: .*toy\.yaml reads the same topic, with format: pairs"):
        package.run("lint", "mappings")


def test_a_verb_is_one_file_and_one_line(package: Package) -> None:
    package.follow("Add a verb")
    assert "topics      Print the topics" in re.sub(" {2,}", "      ", package.run("--help"))
    (package.folder / "mappings").mkdir()
    file = {"version": 1, "source": {"topics": ["a.b"]}, "rules": rule(when={"a": "b"}, event={"value": 1})}
    (package.folder / "mappings" / "m.yaml").write_text(json.dumps(file))
    assert package.run("topics") == "a.b\n"


def test_the_picture_of_the_floors_has_what_import_linter_keeps() -> None:
    page = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Floors and rooms")[1].split("```")[1]
    # Four spaces stand before what is said of a row's rooms; a line that begins with spaces goes on with that.
    drawn = [name for line in page.splitlines() if line[:1].strip() for name in line.split("    ")[0].split()]
    kept = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"][0]
    assert sorted(drawn) == sorted(name for layer in kept["layers"] for name in layer.split(" | "))
