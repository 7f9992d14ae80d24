"""Which samples lint looks at, and that the shipped rules have no false alarm."""

from __future__ import annotations

import json
from pathlib import Path

from greenflash_kafka.cases.linting import lint
from tests.unit.cases.sample_advice.conftest import HEAD, ORDER, Advice

ROOT = Path(__file__).parents[4]
RULE = "  - {name: r, when: {typ: order.paid}, event: {}}\n"


def test_the_shipped_rules_have_no_finding_beside_their_samples() -> None:
    assert list((ROOT / "mappings").rglob("samples/*.json"))
    env = {"GREENFLASH_PRODUCT_ID": "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"}
    assert [each.describe() for each in lint([ROOT / "mappings"], env).findings] == []
    for file in (ROOT / "mappings").rglob("*.yaml"):
        if "samples" not in file.parts and file.name != "events.yaml":
            assert [each.describe() for each in lint([file], env).findings] == []


def test_samples_of_another_folder(advice: Advice, tmp_path: Path) -> None:
    assert advice(RULE, folder="exported/shop.orders") == []
    (found,) = advice(RULE, folder="exported/shop.orders", more=(tmp_path / "exported",))
    assert found.code == "misspelled-path"


def test_a_sample_of_another_file_of_the_folder_is_not_this_one_s(tmp_path: Path) -> None:
    (tmp_path / "samples").mkdir()
    (tmp_path / "samples" / "chats_1.json").write_text(json.dumps(ORDER))
    (tmp_path / "orders.yaml").write_text(HEAD + RULE)
    (tmp_path / "chats.yaml").write_text(HEAD.replace("shop.orders", "chats") + RULE)
    assert lint([tmp_path / "orders.yaml"], {}).findings == ()
    assert [Path(each.file).name for each in lint([tmp_path], {}).findings] == ["chats.yaml"]


def test_a_sample_of_a_topic_that_a_pattern_matches(tmp_path: Path) -> None:
    folder = tmp_path / "samples" / "shop.orders.eu"
    folder.mkdir(parents=True)
    (folder / "x.json").write_text(json.dumps(ORDER))
    (tmp_path / "orders.yaml").write_text(HEAD.replace("shop.orders", "/shop\\.orders\\..*/") + RULE)
    assert [each.code for each in lint([tmp_path], {}).findings] == ["misspelled-path"]


def test_a_sample_that_cannot_be_read_is_passed_over(advice: Advice, tmp_path: Path) -> None:
    advice(RULE)
    (tmp_path / "samples" / "orders_0.json").write_text("{")
    assert lint([tmp_path], {}).findings == ()
