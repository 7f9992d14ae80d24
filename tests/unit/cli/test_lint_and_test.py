"""`lint` and `test` as people and CI servers use them."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from greenflash_kafka.cli.main import run

RULES = """\
version: 1
source: {topics: [shop.orders]}
rules:
  - name: paid
    when: {type: paid}
    event: {event_type: paid, product_id: "${PRODUCT_OF_A_TEST}", influence: positive, value: x}
"""
CASES = """\
version: 1
env: {PRODUCT_OF_A_TEST: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11}
message: {payload: {type: paid}}
event: {event_type: paid, product_id: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11, influence: positive, insert_id: record}
cases:
  - {name: Good, expect: [{value: x, value_type: text}]}
  - {name: bad <one>, expect: [{value: y, value_type: text}]}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings/a.yaml").write_text(RULES)
    (tmp_path / "mappings/a_test.yaml").write_text(CASES)
    monkeypatch.chdir(tmp_path)
    return tmp_path / "mappings"


def test_lint_takes_mappings_by_itself_and_an_unset_variable_is_a_warning(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "a_test.yaml").unlink()
    assert run(["lint"]) == 0
    assert "mappings/a.yaml:6:" in (said := capfd.readouterr().out)
    assert "warning unset-env" in said
    assert said.endswith("1 warning, 1 piece of advice.\n")
    assert run(["lint", "--strict"]) == 1


def test_a_variable_that_the_cases_give_need_not_be_set_here(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--strict", str(folder)]) == 0
    assert "unset-env" not in capfd.readouterr().out


def test_lint_reads_cases_files_too(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "a_test.yaml").write_text(CASES.replace("expect: [{value: x,", "exspect: [{value: x,"))
    assert run(["lint", "--format", "json"]) == 1
    found = json.loads(capfd.readouterr().out)
    assert {(Path(each["file"]).name, each["line"], each["code"]) for each in found if each["severity"] == "error"} == {
        ("a_test.yaml", 6, "unknown-key"),
    }
    assert run(["lint", str(folder / "a_test.yaml")]) == 1


def test_there_must_be_something_to_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["lint"]) == 2
    assert run(["test"]) == 2
    assert run(["lint", "nothing.yaml"]) == 2
    assert run(["lint", str(tmp_path)]) == 1


def test_a_failing_case_shows_place_and_difference(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["test"]) == 1
    said = capfd.readouterr().out
    assert "mappings/a_test.yaml:7:5: failed: bad <one>" in said
    assert '    -  value: "y"\n    +  value: "x"\n' in said
    assert said.endswith("1 passed, 1 failed in 1 file.\n")
    assert run(["test", str(folder), "-k", "GOOD"]) == 0
    assert capfd.readouterr().out == "1 passed in 1 file.\n"
    assert run(["test", "-k", "no such"]) == 0
    assert capfd.readouterr().out == "No cases were run.\n"


def test_mapping_files_without_cases_are_mentioned(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "b.yaml").write_text(RULES.replace("name: paid", "name: other"))
    run(["test", "-k", "good"])
    assert "mappings/b.yaml: no cases\n" in capfd.readouterr().out


def test_results_for_programs(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["test", str(folder), "--format", "json"]) == 1
    said = json.loads(capfd.readouterr().out)
    assert (said["passed"], said["failed"], said["findings"], said["without_cases"]) == (1, 1, [], [])
    assert [(each["name"], each["passed"], each["line"]) for each in said["cases"]] == [
        ("Good", True, 6),
        ("bad <one>", False, 7),
    ]


def test_results_for_ci_servers(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "b.yaml").write_text("version: 1\n")
    (folder / "b_test.yaml").write_text(CASES)
    assert run(["test", "--format", "junit"]) == 1
    suite = ElementTree.fromstring(capfd.readouterr().out).find("testsuite")
    assert suite is not None
    failures = [case.get("name") for case in suite if case.find("failure") is not None]
    errors = [case.get("classname") for case in suite if case.find("error") is not None]
    assert failures == ["bad <one>"]
    assert errors
    assert set(errors) <= {"mappings/b.yaml", "mappings/b_test.yaml"}
    assert suite.get("tests") == str(2 + len(errors))
    assert suite.get("failures") == "1"


@pytest.mark.parametrize("form", ["--config", "beside", "variable"])
@pytest.mark.parametrize(
    ("read", "letters", "found"),
    [
        ("shop.orders", "shop.orders", "a.yaml:2:19: error dead-letter-topic: shop.orders is the dead-letter topic"),
        ("/shop\\..*/", "shop.dead", "a.yaml:2:19: error dead-letter-topic: /shop\\..*/ matches the dead-letter topic"),
        ("/shop\\..*/", "dead.shop.x", ""),  # a pattern is for whole names
        ("shop.orders", "shop.dead", ""),
    ],
)
def test_a_dead_letter_topic_that_is_read_is_found_wherever_it_is_named(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    form: str,
    read: str,
    letters: str,
    found: str,
) -> None:
    (folder / "a_test.yaml").unlink()
    (folder / "a.yaml").write_text(RULES.replace("[shop.orders]", f"[{read}]"))
    config = folder.parent / ("greenflash-kafka.yaml" if form == "beside" else "prod.yaml")
    if form == "variable":
        monkeypatch.setenv("GREENFLASH_KAFKA_DEAD_LETTER__TOPIC", letters)
    else:
        # What else is missing here (brokers, the key) is not lint's to say.
        config.write_text(f"kafka: {{properties: {{sasl.password: '${{PASS}}'}}}}\ndead_letter: {{topic: {letters}}}\n")
    code = run(["lint", str(folder / "a.yaml"), *(["--config", str(config)] if form == "--config" else [])])
    assert (code, found in (said := capfd.readouterr().out)) == (1 if found else 0, True), said
    assert ("dead-letter-topic" in said) == bool(found)


def test_a_rule_without_an_insert_id_is_advised_to_have_one_and_strict_lets_it_be(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PRODUCT_OF_A_TEST", "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11")
    assert run(["lint", "--strict"]) == 0
    assert "a.yaml:6:5: advice missing-insert-id: paid has no insert_id" in (said := capfd.readouterr().out)
    assert "hint: add insert_id: = payload." in said
    assert said.endswith("1 piece of advice.\n")
    assert run(["lint", "--format", "github"]) == 0
    assert capfd.readouterr().out.startswith("::notice file=mappings/a.yaml,line=6,col=5,title=missing-insert-id::")
    (folder / "a.yaml").write_text(RULES.replace("value: x", "value: x, insert_id: = payload.id"))
    assert run(["lint", "--strict"]) == 0
    assert capfd.readouterr().out == "No findings.\n"
