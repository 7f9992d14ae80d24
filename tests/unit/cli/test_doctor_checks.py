"""The checks of `doctor` where there is no broker and no Greenflash."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from greenflash_kafka.cli.check import Check
from greenflash_kafka.cli.doctor_checks import everything
from tests.fakes.raw_server import RawServer, answer

PRODUCT = "3f6f0c4e-8f0c-4b7e-9d59-0a4d0f5f8a11"
RULES = """\
version: 1
source: {topics: [orders]}
rules:
  - name: paid
    when: {type: paid}
    event:
      event_type: paid
      product_id: PRODUCT
      influence: positive
      value: x
      insert_id: = payload.id
""".replace("PRODUCT", PRODUCT)


@pytest.fixture
def server() -> Iterator[RawServer]:
    running = RawServer()
    yield running
    running.close()


def checks(folder: Path, rules: str = RULES, **environ: str) -> dict[str, list[Check]]:
    """Everything, by name."""
    (folder / "a.yaml").write_text(rules)
    found: dict[str, list[Check]] = {}
    for each in everything(None, {"GREENFLASH_KAFKA_MAPPINGS": str(folder), **environ}):
        found.setdefault(each.name, []).append(each)
    return found


def test_everything_that_is_not_configured_is_told_and_the_rest_is_looked_at_all_the_same(tmp_path: Path) -> None:
    found = checks(tmp_path)
    said = [each.said for each in found["configuration"]]
    assert any("kafka.bootstrap_servers is not set" in each for each in said)
    assert any("greenflash.api_key is not set" in each for each in said)
    assert {each.status for each in found["configuration"]} == {"failed"}
    assert found["mapping files"][0].status == "ok"
    assert [found["broker"][0].status, found["API key"][0].status] == ["skipped", "skipped"]


def test_without_any_usable_configuration_nothing_else_is_guessed(tmp_path: Path) -> None:
    found = checks(tmp_path, GREENFLASH_KAFKA_HTTP__PORT="x")
    assert set(found) == {"configuration", "everything else"}
    assert found["everything else"][0].status == "skipped"


def test_each_error_of_a_mapping_file_is_told_with_its_place(tmp_path: Path) -> None:
    found = checks(tmp_path, RULES.replace("rules:", "ruels:"))
    said = [each.said for each in found["mapping files"]]
    assert any(each.startswith(f"{tmp_path}/a.yaml:3:1: ") for each in said)
    assert {each.status for each in found["mapping files"]} == {"failed"}


def test_what_each_process_of_a_machine_has_to_have_for_itself_is_named(tmp_path: Path) -> None:
    (said,) = checks(
        tmp_path,
        GREENFLASH_KAFKA_DELIVERY__MAX_EVENTS_PER_SECOND="50",
        GREENFLASH_KAFKA_KAFKA__PROPERTIES__GROUP_INSTANCE_ID="one",
    )["of one process"]
    for part in ("http.port 9464", "max_events_per_second 50", "group.instance.id one"):
        assert part in said.said


@pytest.mark.parametrize(
    ("status", "body", "name", "said"),
    [
        (200, f'[{{"id": "{PRODUCT.upper()}"}}]', f"product {PRODUCT}", "used by"),
        (200, "[]", f"product {PRODUCT}", ""),
        (401, "{}", "API key", "refused it (401)"),
        (503, "{}", "Greenflash", "answered with 503"),
        (200, "<html>", "Greenflash", "not as Greenflash does"),
    ],
)
def test_greenflash_is_asked_for_the_products_that_the_rules_name(
    tmp_path: Path, server: RawServer, status: int, body: str, name: str, said: str
) -> None:
    server.script = lambda exchange: exchange.send(
        answer(status, body.encode() if "page=1&" in exchange.request.path or status != 200 else b"[]")
    )
    found = checks(tmp_path, GREENFLASH_BASE_URL=server.base_url(), GREENFLASH_API_KEY="sk-canary")
    (check,) = found[name]
    assert said in check.said
    assert check.status == ("ok" if said == "used by" else check.status)
    if said != "used by":
        assert check.status in ("failed", "warning")
        assert check.todo
    assert "canary" not in repr(found)


def test_a_greenflash_that_is_not_there_is_said(tmp_path: Path, server: RawServer) -> None:
    server.close()
    (check,) = checks(tmp_path, GREENFLASH_BASE_URL=server.base_url(), GREENFLASH_API_KEY="k")["Greenflash"]
    assert check.status == "failed"
    assert "can't be reached" in check.said
    assert "greenflash.base_url" in check.todo
