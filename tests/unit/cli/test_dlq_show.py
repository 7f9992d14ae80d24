"""`dlq show`, as far as no broker is needed."""

from __future__ import annotations

import pytest

from greenflash_kafka.cli.main import run


@pytest.mark.parametrize("coordinate", ["orders", "orders/1", "orders/x/1", "orders/1/-1", "/1/2", "orders/1/2/3"])
def test_what_is_no_coordinate_is_wrong_usage_with_an_example(
    coordinate: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(["dlq", "show", coordinate]) == 2
    said = capfd.readouterr().err
    assert "TOPIC/PARTITION/OFFSET" in said
    assert "orders/3/1187" in said
