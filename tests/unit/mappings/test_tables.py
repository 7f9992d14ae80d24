"""Tables: what is wrong with one is a finding, and none is read from outside the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.documents.file_tree import DISK
from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import Map
from greenflash_kafka.expressions.expression import compile_expression
from greenflash_kafka.expressions.names import Names
from greenflash_kafka.expressions.refusals import ExpressionRefused
from greenflash_kafka.expressions.scope import Scope
from greenflash_kafka.loading import load
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.mappings.table_files import header, read_csv
from greenflash_kafka.mappings.tables import read_table
from tests.unit.rules.one_rule import RULE, places


def _load(tmp_path: Path, content: bytes, table: str = "{file: p.csv}", value: str = "") -> Loaded:
    (tmp_path / "p.csv").write_bytes(content)
    path = tmp_path / "m.yaml"
    rule = RULE.replace("rules:", f"tables: {{p: {table}}}\nrules:")
    path.write_text(rule.replace("event:", f"event:\n      value: {value}", 1) if value else rule)
    return load([path], {})


@pytest.mark.parametrize(
    ("csv", "line", "said", "hint"),
    [
        (b"", 1, "the file is empty", "plan_id,name"),
        (b"a,a\n1,2\n", 1, "columns 1 and 2 are both named a", "rename one of them"),
        (b"a,,c\n1,2,3\n", 1, "column 2 has no name", "the first line names the columns"),
        (b"a,b\n1\n", 2, "1 cells, and the first line names 2 columns", "a cell with a comma in it stands in quotes"),
        (b"a,b\n1,2\n1,3\n", 3, "a second row of a '1'", "delete one of the two"),
        (b"a,b\n1,2\n,3\n4,5\n", 3, "the row has no a, by which it is looked up", "fill it in, or delete the row"),
        (
            b'a,b\n1,2\n2,"x\n3,y\n',
            3,
            "the quote (\") that opens on line 3 or below isn't closed",
            "close it, or leave",
        ),
        (b'a,b\n1,"x" y\n', 2, 'a quote (") stands within a cell of the row that begins on line 2', 'write "" for'),
        (b"a,b\n1,x\n2,caf\xe9\n", 3, "line 3 isn't UTF-8", "save it as `CSV UTF-8`"),
        (b"PK\x03\x04....", 1, "this is an Excel workbook, not a CSV file", "save it as `CSV UTF-8`"),
    ],
)
def test_a_broken_table_is_a_finding_at_its_line(tmp_path: Path, csv: bytes, line: int, said: str, hint: str) -> None:
    (finding,) = _load(tmp_path, csv).findings
    assert (finding.file, finding.line, finding.code) == (str(tmp_path / "p.csv"), line, "bad-table")
    assert said in finding.message
    assert finding.hint.startswith(hint)


@pytest.mark.parametrize(
    "csv",
    [
        b"a,b\r\n1,x\r\n2,y\r\n",
        b"a;b\r\n1;x\r\n2;y\r\n",
        b"a\tb\n1\tx\n2\ty\n",
        b"\xef\xbb\xbfa;b\n1;x\n2;y\n;\n;\n",
        b"sep=;\r\na;b\r\n1;x\r\n2;y\r\n",
        b"a,b\n1,x\n\n2,y\n,,\n,,\n".replace(b",,", b","),
        b"a,b,,\n1,x,,\n2,y,,\n",
        "a\tb\n1\tx\n2\ty\n".encode("utf-16"),
    ],
)
def test_a_table_is_read_as_spreadsheets_write_it(tmp_path: Path, csv: bytes) -> None:
    assert _load(tmp_path, csv).findings == ()
    rows = [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]
    assert [dict(zip(header(read_csv(csv)[0]), row.cells, strict=True)) for row in read_csv(csv)[1:]] == rows


def test_a_missing_file_says_where_it_was_looked_for_and_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "Prices.csv").write_bytes(b"a,b\n1,2\n")
    for file, hint in (
        ("prices.csv", "did you mean Prices.csv?"),
        ("quantities_sold.csv", "there is Prices.csv, p.csv"),
    ):
        (finding,) = _load(tmp_path, b"a,b\n1,2\n", f"{{file: {file}}}").findings
        said = f"there is no {file}: it is looked for in {tmp_path}, beside the mapping file"
        assert (finding.message, finding.hint) == (said, hint)


def test_a_row_without_its_column_names_those_there_are(tmp_path: Path) -> None:
    loaded = _load(tmp_path, b"plan,name,kind\np1,Pro,x\n", value="= tables.p[payload.plan]")
    assert [each.hint for each in loaded.findings if each.code == "wrong-type"] == [
        "add one of its columns: .name, .kind"
    ]


PRICES = b"plan,country,price\npro,DE,10\npro,FR,11\nfree,DE,\n"


def test_a_table_is_looked_up_by_two_columns(tmp_path: Path) -> None:
    report = FileReport("m.yaml")
    (tmp_path / "p.csv").write_bytes(PRICES)
    node = parse(b"p: {file: p.csv, key: [plan, country]}", report)
    assert isinstance(node, Map)
    table = read_table("p", node.entries[0].value, tmp_path, DISK, report)
    assert table is not None
    assert report.findings == ()
    look_up = compile_expression("tables.p[payload.plan][payload.country].price", Names(tables={"p": table}))
    found = [
        look_up.evaluate(Scope({"plan": plan, "country": country}))
        for plan, country in (("pro", "DE"), ("pro", "FR"), ("pro", "US"), ("none", "DE"), ("free", "DE"), (None, "DE"))
    ]
    assert found == ["10", "11", None, None, None, None]
    for text in ("tables.p[payload.plan].price", "tables.p[payload.plan]"):
        with pytest.raises(ExpressionRefused) as refused:
            compile_expression(text, Names(tables={"p": table}))
        assert refused.value.refusals[0].hint == "tables.p[payload.plan][payload.country].price"


def test_two_keys_in_one_bracket_lead_to_two_brackets() -> None:
    with pytest.raises(ExpressionRefused) as refused:
        compile_expression("tables.p[payload.plan, payload.country].price", Names())
    assert refused.value.refusals[0].hint == "tables.p[payload.plan][payload.country]"


def test_two_rows_of_the_same_two_keys_are_a_finding(tmp_path: Path) -> None:
    (finding,) = _load(tmp_path, PRICES + b"pro,FR,12\n", "{file: p.csv, key: [plan, country]}").findings
    assert (finding.line, finding.message) == (5, "a second row of plan 'pro' and country 'FR'")
    (finding,) = _load(tmp_path, PRICES, "{file: p.csv, key: [plan, contry]}").findings
    assert (finding.message, finding.hint) == ("p.csv has no column contry", "did you mean country?")


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
