"""Parts of a mapping file are cut out of its text as they stand there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from greenflash_kafka.documents.findings import FileReport
from greenflash_kafka.documents.schema_types import Values
from greenflash_kafka.documents.yaml_document import parse
from greenflash_kafka.documents.yaml_nodes import Map, place
from greenflash_kafka.mappings.files import Loaded
from greenflash_kafka.mappings.rule_origins import Origins

Load = Callable[..., Loaded]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a: = payload.x  # why\n", "= payload.x"),
        ("a: 'it''s'\n", "'it''s'"),
        ("a:\n    b: 1\n    c:\n      d: 2\n", "b: 1\nc:\n  d: 2"),
        ("a:\n  - b: 1\n    c: 2\n", "- b: 1\n  c: 2"),
        ("a: {b: 1,\n    c: 2}\n", "{b: 1,\n c: 2}"),
        ("a: |\n  one\n\n    two\n\nb: 1\n", "|\none\n\n  two"),
        ("\ufeffa: b\r\n", "b"),
        ("a: ü€😀 x\n", "ü€😀 x"),
    ],
)
def test_text_is_as_written_without_the_indentation_of_further_lines(content: str, text: str) -> None:
    report = FileReport("f.yaml")
    root = parse(content.encode(), report)
    assert isinstance(root, Map)
    origins = Origins("f.yaml", content.encode(), Values(root))
    origin = origins.origin(place(root.entries[0].value), "rule")
    assert (origin.text, origin.file, origin.layer) == (text, "f.yaml", "rule")


def test_a_default_of_many_rules_is_kept_once(load_text: Load) -> None:
    rule = "  - {name: r%d, when: {n: %d}, event: {event_type: e%d, value: 1}}\n"
    rules = "".join(rule % (number, number, number) for number in range(3))
    defaults = "defaults: {product_id: '${PRODUCT_ID}', influence: neutral, external_user_id: = payload.user}\n"
    loaded = load_text(f"version: 1\nsource: {{topics: [t]}}\n{defaults}rules:\n{rules}")
    assert loaded.ruleset is not None
    users = [field.origin for info in loaded.ruleset.infos for field in info.fields if field.name == "external_user_id"]
    assert len(users) == 3
    assert users[0] is users[1] is users[2]


def test_lets_of_lets_come_to_paths_of_the_message(load_text: Load) -> None:
    lets = "".join(f"  x{n}: = x{n - 1} + x{n - 1}.a\n" for n in range(1, 40))
    loaded = load_text(
        f"version: 1\nsource: {{topics: [t]}}\nlet:\n  x0: = payload.a\n{lets}"
        "rules:\n  - {name: r, where: x39 > payload.b, event: {event_type: e, value: 1, product_id: '${PRODUCT_ID}'}}\n"
    )
    assert loaded.ruleset is not None, loaded.findings
    (condition,) = loaded.ruleset.infos[0].conditions
    assert {str(path) for path in condition.reads} == {"payload.a", "payload.a.a", "payload.b"}
    assert condition.lets == ("x39",)
