"""The verbs of presets: list, show, diff; what `init --preset` copies; the advice about newer versions."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from greenflash_kafka.cli.main import run
from greenflash_kafka.cli.preset_folder import shipped_presets

OLDER = "# preset: stripe 0 "


@pytest.fixture
def folder(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> Path:
    """A new folder with the preset of Stripe."""
    assert run(["init", str(tmp_path / "new"), "--preset", "stripe"]) == 0
    capfd.readouterr()
    return tmp_path / "new"


def test_the_list_has_each_with_what_it_takes(capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["presets"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == sorted(shipped_presets())
    assert next(line for line in lines if line.startswith("intercom")).split()[2] == "conversations"


def test_one_is_shown_with_its_ids_its_lines_to_change_and_the_types_it_leaves_out(
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert run(["presets", "show", "stripe"]) == 0
    shown = capfd.readouterr().out
    assert re.search(r"stripe\.yaml:8: topics: \[billing\.stripe\.events\] +# yours: ", shown)
    assert "  user: None of its own." in shown
    assert "  customer.subscription.created, " in shown
    assert "payment_intent.succeeded" in shown.partition("left out:")[2]
    assert run(["presets", "show", "stripe", "--mapping"]) == 0
    assert capfd.readouterr().out == shipped_presets()["stripe"].mapping.read_text(encoding="utf-8")


def test_an_unknown_name_has_the_nearest_one(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["presets", "show", "strip"]) == 2
    assert "did you mean stripe" in capfd.readouterr().err.lower()
    assert run(["init", str(tmp_path / "new"), "--preset", "strip"]) == 2
    assert run(["init", str(tmp_path / "new"), "--preset", " ,"]) == 2
    assert "--preset needs a name" in capfd.readouterr().err.replace("\n", " ")
    assert not (tmp_path / "new").exists()


def test_a_folder_of_presets_has_their_files_and_not_the_example(folder: Path) -> None:
    assert {path.name for path in folder.glob("mappings/*.yaml")} == {"stripe.yaml", "stripe_test.yaml", "events.yaml"}
    assert (folder / "mappings/samples/stripe/upgrade.json").exists()
    assert not (folder / "docker-compose.yml").exists()
    assert "shop" not in (folder / "README.md").read_text(encoding="utf-8")


def test_the_plan_has_the_event_types_of_the_chosen_presets_alone(folder: Path) -> None:
    plan = (folder / "mappings/events.yaml").read_text(encoding="utf-8")
    assert "\n  trial_started:" in plan
    assert "meeting_booked" not in plan


def test_a_second_preset_comes_beside_the_first_and_nothing_is_overwritten(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stripe, plan = folder / "mappings/stripe.yaml", folder / "mappings/events.yaml"
    stripe.write_text(stripe.read_text().replace("billing.stripe.events", "acme.stripe"))
    before = stripe.read_text(), plan.read_text()
    assert run(["init", str(folder), "--preset", "zendesk"]) == 0
    said = capfd.readouterr().out
    assert (stripe.read_text(), plan.read_text()) == before
    assert "lacks ticket_solved, ticket_reopened" in said
    assert "zendesk.yaml:9: topics: [chat.zendesk.events]" in said
    assert run(["init", str(folder), "--preset", "zendesk"]) == 2
    assert "mappings/zendesk.yaml" in capfd.readouterr().err


def test_lines_that_link_are_active_where_there_are_conversations(tmp_path: Path, folder: Path) -> None:
    assert "\n# link: {by: " in (folder / "mappings/stripe.yaml").read_text(encoding="utf-8")
    assert run(["init", str(tmp_path / "both"), "--preset", "stripe,intercom"]) == 0
    assert "\nlink: {by: " in (tmp_path / "both/mappings/stripe.yaml").read_text(encoding="utf-8")
    chat = tmp_path / "mine/mappings/chat.yaml"
    chat.parent.mkdir(parents=True)
    chat.write_text("version: 1\nsource: {topics: [chat]}\nconversations: []\n")
    assert run(["init", str(tmp_path / "mine"), "--preset", "stripe"]) == 0
    assert "\nlink: {by: " in (tmp_path / "mine/mappings/stripe.yaml").read_text(encoding="utf-8")


def test_a_copy_that_nobody_changed_has_no_difference(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run(["presets", "diff", str(folder / "mappings/stripe.yaml")]) == 0
    assert capfd.readouterr().out.endswith("is the shipped version 1 of stripe\n")


def test_a_difference_names_the_rules_whose_ids_differ_first(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = folder / "mappings/stripe.yaml"
    text = file.read_text(encoding="utf-8").replace("billing.stripe.events", "acme.stripe")
    file.write_text(text.replace('concat(object.id, "-started")', "object.id"))
    assert run(["presets", "diff", str(file)]) == 1
    shown = capfd.readouterr().out
    ids, diff = shown.split("\n\n---")
    assert "ids of events of rule stripe_subscribed differ, by insert_id" in ids
    assert ids.count("differ, by") == 1
    assert "-  topics: [acme.stripe]" in diff
    assert "# link" not in diff


def test_a_name_that_an_id_uses_counts_as_the_id(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = folder / "mappings/stripe.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("object: = payload.data.object", "object: = payload.object")
    )
    assert run(["presets", "diff", str(file)]) == 1
    assert "ids of events of rule stripe_dispute differ, by object" in capfd.readouterr().out


def test_a_topic_alone_leaves_the_ids_as_they_are(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = folder / "mappings/stripe.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("billing.stripe.events", "acme.stripe"))
    assert run(["presets", "diff", str(file)]) == 1
    assert "ids of events: the same in all rules that both have" in capfd.readouterr().out


def test_a_file_that_came_from_no_preset_is_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "own.yaml").write_text("version: 1\n")
    assert run(["presets", "diff", str(tmp_path / "own.yaml")]) == 2
    assert "didn't come from a preset" in capfd.readouterr().err


def test_lint_advises_of_a_newer_version_and_passes(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = folder / "mappings/stripe.yaml"
    file.write_text(re.sub(r"^# preset: stripe \d+ ", OLDER, file.read_text(encoding="utf-8")))
    assert run(["lint", "--strict", str(folder / "mappings")]) == 0
    shown = capfd.readouterr().out
    assert "stripe.yaml:1:1: advice newer-preset: this came from version 0 of the preset stripe; 1 is shipped" in shown
    assert f"greenflash-kafka presets diff {file}" in shown


OWN = """\
version: 1
source: {topics: [shop.orders]}
rules:
  - name: paid
    when: {type: paid}
    event:
      {event_type: order_paid, product_id: "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11", value: a, value_type: text,
       influence: positive, insert_id: = payload.id, external_user_id: = payload.user}
"""


def _with_own_rules(folder: Path, plan: str = "") -> None:
    (folder / "mappings").mkdir(parents=True)
    (folder / "mappings/own.yaml").write_text(OWN)
    if plan:
        (folder / "mappings/events.yaml").write_text(plan)


def test_a_preset_beside_own_rules_brings_no_closed_plan(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _with_own_rules(tmp_path)
    assert run(["init", str(tmp_path), "--preset", "hubspot"]) == 0
    assert "No tracking plan was written: there are rules already" in capfd.readouterr().out
    assert run(["lint", str(tmp_path / "mappings")]) == 0


def test_event_types_that_a_plan_lacks_come_beside_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    _with_own_rules(tmp_path, "version: 1\nclosed: true\nevents:\n  order_paid: {meaning: Paid.}\n")
    assert run(["init", str(tmp_path), "--preset", "hubspot"]) == 0
    assert f"{tmp_path / 'mappings/hubspot/events.yaml'} has them" in capfd.readouterr().out
    assert run(["lint", str(tmp_path / "mappings")]) == 0


def test_a_preset_that_a_plan_leaves_no_room_for_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    plan = "version: 1\nclosed: true\nevents:\n  order_paid: {meaning: a}\n  upgrade_purchased: {meaning: b}\n"
    _with_own_rules(tmp_path, plan)
    before = sorted(tmp_path.rglob("*"))
    assert run(["init", str(tmp_path), "--preset", "stripe"]) == 2
    assert "nothing was written" in capfd.readouterr().err
    assert sorted(tmp_path.rglob("*")) == before
