"""The flags of the traffic that the compose file starts."""

from __future__ import annotations

import pytest

from greenflash_kafka.demo.generate import main


@pytest.mark.parametrize(
    ("flags", "said"),
    [(["--rate", "0"], "--rate must be above 0"), (["--rate", "nan"], "--rate must be above 0"),
     (["--partitions", "0"], "--partitions must be at least 1")],
)  # fmt: skip
def test_what_can_make_no_traffic_is_refused(capsys: pytest.CaptureFixture[str], flags: list[str], said: str) -> None:
    with pytest.raises(SystemExit):
        main(flags)
    assert said in capsys.readouterr().err
