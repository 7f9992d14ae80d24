"""Tables: what is wrong with one is a finding, and none is read from outside the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.rules.files import load
from tests.unit.rules.one_rule import RULE, places


@pytest.mark.parametrize(
    ("csv", "said"),
    [
        ("", "empty"),
        ("a,a\n1,2\n", "another"),
        ("a,b\n1\n", "line 2"),
        ("a,b\n1,2\n1,3\n", "second row"),
        ('a,b\n"1,2\n', "CSV"),
        ("\xff", "CSV"),
    ],
)
def test_a_broken_table_is_a_finding(tmp_path: Path, csv: str, said: str) -> None:
    (tmp_path / "p.csv").write_bytes(csv.encode("latin-1"))
    path = tmp_path / "m.yaml"
    path.write_text(RULE.replace("rules:", "tables: {p: {file: p.csv}}\nrules:"))
    loaded = load([path], {})
    assert places(loaded.findings) == [(3, 20, "bad-table")]
    assert said in loaded.findings[0].message


@pytest.mark.parametrize(
    "file", ["../secret.csv", "link.csv", "folder/p.csv", "round.csv", "inside.csv", "sub/../p.csv"]
)
def test_a_table_lies_in_the_folder_of_its_mapping_file(tmp_path: Path, file: str) -> None:
    rules = tmp_path / "rules"
    (rules / "sub").mkdir(parents=True)
    (tmp_path / "elsewhere").mkdir()
    for each in (tmp_path / "secret.csv", tmp_path / "elsewhere" / "p.csv", rules / "p.csv"):
        each.write_text("a,b\n1,2\n")
    (rules / "link.csv").symlink_to(tmp_path / "secret.csv")
    (rules / "folder").symlink_to(tmp_path / "elsewhere")
    (rules / "round.csv").symlink_to(rules / "round.csv")
    (rules / "inside.csv").symlink_to(rules / "p.csv")  # as a ConfigMap is mounted
    path = rules / "m.yaml"
    path.write_text(RULE.replace("rules:", f"tables: {{p: {{file: {file}}}}}\nrules:"))
    loaded = load([path], {})
    if file in ("inside.csv", "sub/../p.csv"):
        assert loaded.ruleset is not None
    else:
        assert places(loaded.findings) == [(3, 20, "bad-table")]
        assert "outside" in loaded.findings[0].message
