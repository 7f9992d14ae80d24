"""`try --case`: every case that it writes passes when `test` runs it."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest

from greenflash_kafka.cases.case_files import open_cases
from greenflash_kafka.cli.main import run
from greenflash_kafka.documents.findings import FileReport

SHIPPED = Path(__file__).parents[3] / "mappings"
SAMPLES = sorted(path.relative_to(SHIPPED) for path in SHIPPED.glob("*/samples/**/*.json"))


def read_by(sample: Path) -> str:
    """The mapping file that a shipped sample is named after."""
    folder = SHIPPED / sample.parts[0]
    stems = [each.stem for each in folder.glob("*.yaml") if not each.stem.endswith("_test")]
    return max((each for each in stems if sample.stem.startswith(each)), key=len, default=stems[0])


FIRST = {read_by(sample): sample for sample in reversed(SAMPLES)}.values()
"""One sample of each mapping file, which its own cases file gets too."""

RULES = """\
version: 1
source: {topics: [shop.orders]}
defaults: {product_id: "${GREENFLASH_PRODUCT_ID}", insert_id: = payload.id, external_user_id: = kafka.key}
rules:
  - name: paid
    when: {type: paid, cents: {above: 0}}
    where: payload.currency != "XXX"
    event:
      event_type: paid
      influence: positive
      value: = money_minor(payload.cents, payload.currency)
      event_at: = time(payload.at)
      properties: {currency: = payload.currency, "a b": = payload.note, from: '= kafka.headers["source"]'}
  - name: items
    each: payload.items
    when: {payload.type: list, item.n: {above: 0}}
    event: {event_type: item, influence: neutral, value: = item.n, insert_id: "= join([payload.id, index], '-')"}
  - name: seen
    when: {type: seen}
    event: {event_type: seen, influence: neutral, value: "1", insert_id: null}
"""
PAID = {"type": "paid", "id": "o-1", "cents": 14900, "currency": "EUR", "at": "2026-11-18T11:06:40Z", "note": "x: #y"}
ODD: dict[str, tuple[object, tuple[str, ...]]] = {
    "mapped": (PAID, ()),
    "key": (PAID, ("--key", "true")),
    "key of JSON": (PAID, ("--key", '{"id": 1}')),
    "key of digits": (PAID, ("--key", "0042")),
    "headers": (PAID, ("--header", "source=1.0", "--header", "empty=")),
    "timestamp": (PAID, ("--timestamp", "2026-11-18T11:06:41.5+01:00")),
    "no timestamp": (PAID, ("--timestamp", "none")),
    "too late": (PAID, ("--timestamp", "2026-01-01")),
    "without a time": ({**PAID, "at": None}, ()),
    "filtered by type": ({**PAID, "type": "other"}, ()),
    "filtered by an operator": ({**PAID, "cents": 0}, ()),
    "filtered by where": ({**PAID, "currency": "XXX"}, ()),
    "invalid": ({**PAID, "currency": "ZZZ"}, ()),
    "invalid twice": ({**PAID, "currency": "ZZZ", "id": None}, ()),
    "items": ({"type": "list", "id": "l", "items": [{"n": 1}, {"n": 0}, {"n": 2.50}]}, ()),
    "good and bad items": ({"type": "list", "items": [{"n": 1}], "id": ""}, ()),
    "no list": ({"type": "list", "id": "l", "items": "many"}, ()),
    "record id": ({"type": "seen", "n": 1e3, "007": "007", "deep": [[1, {"a": []}], {}], "no": "yes", "t": "~"}, ()),
    "no JSON": ('{"id": ', ()),
    "JSON null": ("null", ()),
    "a text": ('"hello"', ()),
    "a list": ("[]", ()),
    "tombstone": ("", ("--tombstone",)),
    "tombstone with a key": ("", ("--tombstone", "--key", "k")),
    "unicode": ({**PAID, "note": "Zoë \u2028 \u0007 – “ok”", "id": "é"}, ()),
}
BASES = {
    "none": "",
    "new": None,
    "empty": "version: 1\ncases: []\n",
    "with a message": (
        "version: 1\nenv: {GREENFLASH_PRODUCT_ID: 3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11}\n"
        "message:\n  key: base\n  headers: {source: base}\n  payload: {type: paid}\n"
        "event:\n  event_type: paid\n  value: '1.00'\n  external_user_id: base\n  value_type: currency\n"
        '  properties: {currency: USD, gone: 1, "x y": 2}\n'
        "\ncases:\n# begin\n- name: old\n  message: {payload: null, key: null}\n  expect: nothing\n"
    ),
    "exact, and not at the end": (
        "version: 1\nexact: true\ncases:\n    - name: old\n      message: {payload: null}\n      expect: nothing\n\n"
        "# what all start from\nmessage:\n  payload: {}\nenv:\n    OTHER: x\n"
    ),
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("GREENFLASH_PRODUCT_ID", raising=False)
    (tmp_path / "shop.yaml").write_text(RULES)
    (tmp_path / "samples").mkdir()
    return tmp_path


def names(file: Path) -> list[str]:
    opened = open_cases(file, FileReport(str(file)))
    assert opened is not None
    return [name for name, _ in opened._named()]


_EVERYWHERE = ("mapped", "filtered by type")


@pytest.mark.parametrize(
    ("odd", "base"),
    [
        *((odd, base) for odd in ODD for base in ("new", "with a message")),
        *((odd, base) for odd in _EVERYWHERE for base in BASES if base not in ("new", "with a message")),
    ],
)
def test_a_case_passes_wherever_it_is_added(
    folder: Path, capfd: pytest.CaptureFixture[str], odd: str, base: str
) -> None:
    (message, arguments), content = ODD[odd], BASES[base]
    cases = folder / "shop_test.yaml"
    if content is not None:
        cases.write_text(content)
    sample = folder / "samples" / "message.json"
    sample.write_text(message if isinstance(message, str) else json.dumps(message))
    call = ["try", "--rules", str(folder), str(sample), *arguments, "--case", str(cases)]
    times = 2 if odd in _EVERYWHERE else 1
    for _ in range(times):
        assert run(call) == 0, capfd.readouterr().err
    old = 1 if content and "old" in content else 0
    assert len(set(names(cases))) == len(names(cases)) == old + times
    if "--tombstone" not in arguments:
        assert cases.read_text().count("file: samples/message.json") == times
    assert run(["lint", str(cases)]) == 0
    capfd.readouterr()
    assert run(["test", str(cases)]) == 0, capfd.readouterr().out + cases.read_text()
    assert f"{old + times} passed in 1 file." in capfd.readouterr().out


@pytest.mark.parametrize(("message", "arguments"), ODD.values(), ids=ODD)
def test_a_file_that_is_printed_passes(
    folder: Path, capfd: pytest.CaptureFixture[str], message: object, arguments: tuple[str, ...]
) -> None:
    sample = folder / "message.json"
    sample.write_text(message if isinstance(message, str) else json.dumps(message))
    assert run(["try", "--rules", str(folder), str(sample), *arguments, "--case"]) == 0
    (folder / "shop_test.yaml").write_text(capfd.readouterr().out)
    assert run(["test", str(folder)]) == 0, capfd.readouterr().out


@pytest.mark.parametrize("sample", SAMPLES, ids=str)
def test_each_shipped_sample_can_be_taken(tmp_path: Path, capfd: pytest.CaptureFixture[str], sample: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "mappings")
    folder = tmp_path / "mappings" / sample.parts[0]
    message = tmp_path / "mappings" / sample
    file = folder / f"{read_by(sample)}.yaml"
    new = file.with_name(f"{file.stem}_new_test.yaml")
    topic = file.read_text().partition("topics: [")[2].partition("]")[0]
    call = ["try", "--rules", str(file), str(message), "--topic", topic, "--case"]
    assert run([*call, str(new)]) == 0, capfd.readouterr().err
    assert run(["test", str(new)]) == 0, capfd.readouterr().out
    if sample not in FIRST:
        return
    existing = file.with_name(f"{file.stem}_test.yaml")
    before = len(names(existing))
    assert run([*call, str(existing)]) == 0, capfd.readouterr().err
    assert len(set(names(existing))) == before + 1
    assert run(["test", str(existing)]) == 0, capfd.readouterr().out


def test_the_case_says_only_what_differs(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    cases = folder / "shop_test.yaml"
    cases.write_text(str(BASES["with a message"]))
    (folder / "samples/paid.json").write_text(json.dumps(PAID))
    assert run(["try", "--rules", str(folder), str(folder / "samples/paid.json"), "--case", str(cases)]) == 0
    assert capfd.readouterr().out == f"{cases}: added the case `paid.json gives paid`; it passes\n"
    assert cases.read_text().partition("  expect: nothing\n")[2] == (
        "- name: paid.json gives paid\n"
        "  message:\n"
        "    key: null\n"
        "    headers: {}\n"
        "    file: samples/paid.json\n"
        "  expect:\n"
        '    - product_id: "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"\n'
        '      value: "149.00"\n'
        "      influence: positive\n"
        '      event_at: "2026-11-18T11:06:40Z"\n'
        "      properties:\n"
        "        currency: EUR\n"
        '        a b: "x: #y"\n'
        '      insert_id: "paid:o-1"\n'
        "      unset:\n"
        "        - external_user_id\n"
        "        - properties.gone\n"
        '        - "properties[\\"x y\\"]"\n'
    )


def test_a_new_file_has_what_it_needs(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "cases").mkdir()
    (folder / "samples/other.json").write_text('{"type": "other"}')
    call = ["try", "--rules", str(folder), str(folder / "samples/other.json"), "--case"]
    assert run([*call, str(folder / "cases/all_test.yaml")]) == 0
    assert "written with the case `other.json gives nothing because of type`" in capfd.readouterr().out
    assert (folder / "cases/all_test.yaml").read_text() == (
        "version: 1\n"
        "mapping: ../shop.yaml\n"
        "env:\n"
        '  GREENFLASH_PRODUCT_ID: "00000000-0000-0000-0000-000000000000"\n'
        "cases:\n"
        "  - name: other.json gives nothing because of type\n"
        "    message:\n"
        '      file: "../samples/other.json"\n'
        "    expect: nothing\n"
        "    because: type\n"
    )


def test_a_message_from_standard_input_is_written_out(
    folder: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stdin:
        buffer = io.BytesIO(json.dumps(PAID).encode())

    monkeypatch.setattr("sys.stdin", Stdin())
    monkeypatch.setenv("GREENFLASH_PRODUCT_ID", "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11")
    cases = folder / "shop_test.yaml"
    assert run(["try", "--rules", str(folder), "-", "--case", str(cases)]) == 0
    assert "a message from shop.orders gives paid" in cases.read_text()
    assert "        cents: 14900\n" in cases.read_text()
    assert "GREENFLASH_PRODUCT_ID: 3f6f0c4e" in cases.read_text() or '"3f6f0c4e' in cases.read_text()
    assert run(["test", str(folder)]) == 0, capfd.readouterr().out


@pytest.mark.parametrize(
    ("file", "content", "code", "said"),
    [
        ("shop.yml", None, 2, "the name of a cases file ends in _test.yaml"),
        (
            "shop_test.yaml",
            "version: 1\ncases: [{name: a, message: {raw: a}, expect: nothing}]\n",
            1,
            "in brackets",
        ),
        ("shop_test.yaml", "cases: [\n", 1, "lint"),
        ("shop_test.yaml", "version: 1\ncases:\n  - {name: a, expct: nothing}\n", 1, "expct"),
        ("shop_test.yaml", "version: 1\nmapping: gone.yaml\ncases: []\n", 1, "gone.yaml"),
        ("crm_test.yaml", None, 1, "doesn't read the topic shop.orders"),
    ],
)
def test_a_case_that_cannot_be_added_is_said_and_nothing_is_written(
    folder: Path, capfd: pytest.CaptureFixture[str], file: str, content: str | None, code: int, said: str
) -> None:
    (folder / "crm.yaml").write_text(RULES.replace("shop.orders", "crm.deals"))
    cases = folder / file
    if content is not None:
        cases.write_text(content)
    (folder / "paid.json").write_text(json.dumps(PAID))
    rules = str(folder / "shop.yaml")
    assert run(["try", "--rules", rules, str(folder / "paid.json"), "--case", str(cases)]) == code
    assert said in capfd.readouterr().err
    assert (cases.read_text() if cases.exists() else None) == content


ORDER = (
    '{"type": "record", "name": "Order", "fields": [{"name": "id", "type": "string"}, {"name": "n", "type": "int"}]}'
)


@pytest.mark.parametrize(
    ("name", "content"), [("order.json", b'{"id": "o1", "n": 3}'), ("order.bin", b"\x04o1\x06")], ids=["json", "bytes"]
)
def test_a_topic_with_the_schema_of_a_file_takes_data_and_bytes(
    name: str, content: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "order.avsc").write_text(ORDER)
    (tmp_path / name).write_bytes(content)
    (tmp_path / "shop.yaml").write_text(
        RULES.partition("rules:")[0].replace("[shop.orders]", "[shop.orders], format: avro, schema: order.avsc")
        + "rules:\n  - name: any\n    when: {n: {above: 0}}\n"
        + "    event: {event_type: any, influence: neutral, value: = payload.n}\n"
    )
    assert run(["try", "--rules", "shop.yaml", name, "--case", "shop_test.yaml"]) == 0
    assert "event_type: any" in (tmp_path / "shop_test.yaml").read_text()
    assert run(["test", "shop.yaml"]) == 0
