"""Every shipped preset: lint and cases, real shapes, every event type of the provider, and together with the others."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from greenflash_kafka.cli.main import run
from greenflash_kafka.cli.preset_facts import facts_of
from greenflash_kafka.cli.preset_folder import YOURS, shipped_presets

FACTS = Path(__file__).parents[2] / "presets"
NAMES = list(shipped_presets())
WITH_FACTS = [name for name in NAMES if (FACTS / f"{name}.yaml").exists()]
CONVERSATIONS = [name for name in NAMES if shipped_presets()[name].describes_conversations]


@cache
def facts(name: str) -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = YAML(typ="safe").load((FACTS / f"{name}.yaml").read_text(encoding="utf-8"))
    return loaded


def samples(name: str) -> dict[str, Any]:
    found = (shipped_presets()[name].folder / "samples" / name).glob("*.json")
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in found}


def keys_of(text: str) -> dict[str, Any]:
    """The tree of keys that `a b(c d)` writes."""
    root: dict[str, Any] = {}
    stack, last = [root], root
    for word in re.findall(r"[^\s()]+|[()]", text):
        if word == "(":
            stack.append(last)
        elif word == ")":
            stack.pop()
        else:
            last = stack[-1].setdefault(word, {})
    assert len(stack) == 1
    return root


def invented(value: Any, known: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Paths of a sample that the real object hasn't. What `*` stands for is free."""
    if "*" in known:
        return
    if isinstance(value, list):
        for each in value:
            if isinstance(each, dict | list):
                yield from invented(each, known.get("[]", {}), f"{path}[]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key not in known:
                yield f"{path}.{key}"
            else:
                yield from invented(inner, known[key], f"{path}.{key}")


def lacking(value: Any, known: Mapping[str, Any], path: str = "") -> Iterator[str]:
    """Paths of the real object that a sample hasn't. Below null and what is empty nothing is asked for."""
    if "*" in known:
        return
    if isinstance(value, list):
        for each in value:
            yield from lacking(each, known.get("[]", {}), f"{path}[]")
    elif isinstance(value, dict):
        for key, inner in known.items():
            if key != "[]" and key not in value:
                yield f"{path}.{key}".lstrip(".")
            elif value.get(key):
                yield from lacking(value[key], inner, f"{path}.{key}")


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_alone_has_no_findings_and_its_cases_pass(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GREENFLASH_PRODUCT_ID", raising=False)
    assert run(["init", str(tmp_path / "new"), "--preset", name]) == 0
    capfd.readouterr()
    assert run(["lint", "--strict", str(tmp_path / "new/mappings")]) == 0, capfd.readouterr().out
    assert "No findings." in capfd.readouterr().out
    assert run(["test", "--strict", str(tmp_path / "new/mappings")]) == 0, capfd.readouterr().out


@pytest.mark.parametrize("conversations", CONVERSATIONS)
def test_every_preset_fits_beside_every_source_of_conversations(
    conversations: str, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    others = [name for name in NAMES if name not in CONVERSATIONS]
    assert run(["init", str(tmp_path), "--preset", ",".join([conversations, *others])]) == 0
    capfd.readouterr()
    assert run(["lint", "--strict", str(tmp_path / "mappings")]) == 0, capfd.readouterr().out


def test_all_presets_together_have_no_findings(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["init", str(tmp_path), "--preset", ",".join(NAMES)]) == 0
    capfd.readouterr()
    assert run(["lint", "--strict", str(tmp_path / "mappings")]) == 0, capfd.readouterr().out


@pytest.mark.parametrize("name", NAMES)
def test_the_lines_that_depend_on_the_company_stand_at_the_top(name: str) -> None:
    lines = shipped_presets()[name].mapping.read_text(encoding="utf-8").splitlines()
    marked = [number for number, line in enumerate(lines) if YOURS.search(line)]
    first = next(number for number, line in enumerate(lines) if re.match("(defaults|rules|conversations):", line))
    assert marked
    assert max(marked) < first
    assert "topics:" in lines[marked[0]]


@pytest.mark.parametrize("name", NAMES)
def test_the_sources_of_a_presets_facts_are_named(name: str) -> None:
    assert name in WITH_FACTS
    assert facts(name)["samples"].keys() == samples(name).keys()


@pytest.mark.parametrize("name", WITH_FACTS)
def test_a_sample_has_no_key_that_the_real_object_hasnt(name: str) -> None:
    shapes = {shape: keys_of(each["keys"]) for shape, each in facts(name)["shapes"].items()}
    wrong = {
        sample: paths
        for sample, value in samples(name).items()
        if (paths := list(invented(value, shapes[facts(name)["samples"][sample]])))
    }
    assert wrong == {}


@pytest.mark.parametrize("name", WITH_FACTS)
def test_all_keys_of_the_real_object_are_in_a_sample_but_those_that_are_named_as_absent(name: str) -> None:
    said = facts(name)
    for shape, each in said["shapes"].items():
        known = keys_of(each["keys"])
        of_shape = [
            set(lacking(samples(name)[sample], known)) for sample, its in said["samples"].items() if its == shape
        ]
        # What changed is a part of the object by nature.
        lacks = {path for path in set.intersection(*of_shape) if "previous_attributes" not in path}
        assert lacks == set(each.get("absent", "").split()), shape


@pytest.mark.parametrize("name", WITH_FACTS)
def test_every_event_type_of_the_provider_is_taken_or_named_as_left_out(name: str) -> None:
    said = facts_of(shipped_presets()[name])
    patterns = [pattern for each in said.left_out for pattern in each.types]
    listed = facts(name)["event_types"]["types"]
    types = listed if isinstance(listed, list) else listed.split()
    assert [
        each for each in types if not any(fnmatch.fnmatchcase(each, one) for one in (*said.mapped, *patterns))
    ] == []
    assert [each for each in said.mapped if any(fnmatch.fnmatchcase(each, one) for one in patterns)] == []
    assert [one for one in (*said.mapped, *patterns) if not any(fnmatch.fnmatchcase(each, one) for each in types)] == []


@pytest.mark.parametrize("name", WITH_FACTS)
def test_a_case_shows_that_each_event_type_that_is_taken_gives_something(name: str) -> None:
    preset = shipped_presets()[name]
    cases = YAML(typ="safe").load((preset.folder / f"{name}_test.yaml").read_text(encoding="utf-8"))
    path = facts(name)["event_types"]["at"]
    given = {
        value
        for case in cases["cases"]
        if case["expect"] != "nothing" and not (isinstance(case["expect"], dict) and "invalid" in case["expect"])
        for value in types_of({**cases.get("message", {}), **case.get("message", {})}, case, path, preset.folder)
    }
    assert set(facts_of(preset).mapped) - given == set()


def types_of(message: Mapping[str, Any], case: Mapping[str, Any], path: str, folder: Path) -> Iterator[str]:
    """The event types of a case's message, at `path`: `headers.NAME`, or of the payload, `[]` for each of a list."""
    if path.startswith("headers."):
        yield message.get("headers", {}).get(path.removeprefix("headers."))
        return
    changed = case.get("set", {})
    payload = message.get("payload") or json.loads((folder / message["file"]).read_text(encoding="utf-8"))
    for place, value in changed.items():
        if re.sub(r"\[[0-9]+\]", "[]", place) == path:
            yield value
            return
    found = [payload]
    for part in path.replace("[]", ".[]").split("."):
        if part == "[]":
            found = [inner for each in found for inner in each]
        elif part:
            found = [each.get(part) for each in found if isinstance(each, dict)]
    yield from (each for each in found if isinstance(each, str))
