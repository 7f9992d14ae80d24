"""`lint` as people and CI servers use it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from tests.unit.cases.test_case_links import CHAT, PAID


def test_lint_takes_mappings_by_itself_and_an_unset_variable_is_a_warning(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "a_test.yaml").unlink()
    assert run(["lint"]) == 0
    assert "mappings/a.yaml:6:" in (said := capfd.readouterr().out)
    assert "warning unset-env" in said
    assert said.endswith("1 warning, 2 pieces of advice.\n")
    assert run(["lint", "--strict"]) == 1


def test_a_variable_that_the_cases_give_need_not_be_set_here(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--strict", str(folder)]) == 0
    assert "unset-env" not in capfd.readouterr().out


def test_lint_reads_cases_files_too(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "a_test.yaml").write_text(
        (folder / "a_test.yaml").read_text().replace("expect: [{value: x,", "exspect: [{value: x,")
    )
    assert run(["lint", "--format", "json"]) == 1
    found = json.loads(capfd.readouterr().out)
    assert {(Path(each["file"]).name, each["line"], each["code"]) for each in found if each["severity"] == "error"} == {
        ("a_test.yaml", 6, "unknown-key"),
    }
    assert run(["lint", str(folder / "a_test.yaml")]) == 1


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
    (folder / "a.yaml").write_text((folder / "a.yaml").read_text().replace("[shop.orders]", f"[{read}]"))
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
    assert said.endswith("2 pieces of advice.\n")
    assert run(["lint", "--format", "github"]) == 0
    place = "line=6,col=5,endLine=6,endColumn=10"
    assert capfd.readouterr().out.startswith(f"::notice file=mappings/a.yaml,{place},title=missing-insert-id::")
    (folder / "a.yaml").write_text(
        (folder / "a.yaml").read_text().replace("value: x", "value: x, insert_id: = payload.id, external_user_id: u")
    )
    assert run(["lint", "--strict"]) == 0
    assert capfd.readouterr().out == "No findings.\n"


def test_topics_that_are_read_behind_are_named_with_the_reason(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chat.yaml").write_text(CHAT.partition("rules:")[0])
    (tmp_path / "paid.yaml").write_text(PAID)
    assert run(["lint", str(tmp_path)]) == 0
    said = capfd.readouterr().out
    assert said.startswith("shop.orders is read 1m and up to 6 s behind: paid may link to support_chat\n")
    assert said.endswith("No findings.\n")
    assert run(["lint", str(tmp_path), "--format", "json"]) == 0
    assert json.loads(capfd.readouterr().out) == []


def test_conversations_that_cases_take_from_a_file_that_is_not_looked_at_may_be_there(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "chat.yaml").write_text(CHAT.partition("rules:")[0])
    (tmp_path / "paid.yaml").write_text(PAID)
    run(["lint", str(tmp_path / "paid.yaml")])
    assert "no-conversations" in capfd.readouterr().out
    (tmp_path / "paid_test.yaml").write_text("version: 1\nconversations_from: [chat.yaml]\ncases: []\n")
    assert run(["lint", "--strict", str(tmp_path / "paid.yaml")]) == 0, capfd.readouterr().out
