"""The systemd unit that is shipped: systemd takes it, and it fits what the program does."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

from greenflash_kafka.app.engine import CLOSE_SECONDS
from greenflash_kafka.config.load import load_config
from greenflash_kafka.config.model import Config
from greenflash_kafka.config.secrets import api_key
from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.instrumentation.health import LIVE_SECONDS
from greenflash_kafka.instrumentation.systemd import READY_SECONDS

DOCS = Path(__file__).parents[3] / "docs"
UNIT = DOCS / "systemd" / "greenflash-kafka@.service"
BROKERLESS_START = 10.0
"""Seconds after which a start without a broker gives up (`source.admin`)."""


@pytest.fixture(scope="module")
def unit() -> dict[str, list[str]]:
    """The unit's settings, also those that are commented out: a name may stand more than once."""
    found: dict[str, list[str]] = defaultdict(list)
    for name, value in re.findall(r"^#?([A-Z]\w+)=(.*)$", UNIT.read_text(), re.MULTILINE):
        found[name].append(value)
    return found


def seconds(unit: dict[str, list[str]], name: str) -> float:
    (value,) = unit[name]
    return float(value)


def test_a_loop_that_waits_as_long_as_it_may_is_not_taken_for_one_that_hangs(unit: dict[str, list[str]]) -> None:
    assert seconds(unit, "WatchdogSec") >= LIVE_SECONDS


def test_it_is_killed_only_after_it_had_its_time(unit: dict[str, list[str]]) -> None:
    assert seconds(unit, "TimeoutStopSec") > Config().delivery.drain_seconds + 2 * CLOSE_SECONDS
    assert seconds(unit, "TimeoutStartSec") > READY_SECONDS + 2 * BROKERLESS_START


def test_a_wrong_configuration_is_not_started_again(unit: dict[str, list[str]]) -> None:
    assert unit["RestartPreventExitStatus"] == [str(ConfigInvalid.exit_code)]


def test_a_start_without_brokers_is_repeated_without_end_and_what_ends_at_once_is_not(
    unit: dict[str, list[str]],
) -> None:
    within, starts, pause = (
        seconds(unit, f"{each}") for each in ("StartLimitIntervalSec", "StartLimitBurst", "RestartSec")
    )
    assert starts * (BROKERLESS_START + pause) > within
    assert starts * (2 + pause) < within


def test_each_instance_has_its_own_port_and_name_and_gets_the_key(unit: dict[str, list[str]], tmp_path: Path) -> None:
    (tmp_path / "api-key").write_text("sk-unit\n")
    (tmp_path / "kafka-password").write_text("pw\n")
    text = {"%i": "9465", "%H": "host", "%d": str(tmp_path)}
    environ = {"KAFKA_BOOTSTRAP_SERVERS": "b:9092", "GREENFLASH_KAFKA_DEAD_LETTER__TOPIC": "letters"}
    for line in unit["Environment"]:
        name, _, value = re.sub("%[iHd]", lambda match: text[match[0]], line).partition("=")
        environ[name] = value
    config = load_config(None, environ)
    assert config.http.port == 9465
    assert config.kafka.properties["group.instance.id"] == "host-9465"
    assert config.delivery.max_events_per_second == 250
    key = api_key(config.greenflash)
    assert key is not None
    assert key.get_secret_value() == "sk-unit"
    loaded = {line.partition(":")[0] for line in unit["LoadCredential"]}
    assert {Path(value).name for value in environ.values() if value.startswith(str(tmp_path))} == loaded


def test_the_page_shows_it_as_it_is() -> None:
    assert f"```ini\n{UNIT.read_text()}```" in (DOCS / "scaling.md").read_text()


def test_systemd_understands_every_line(tmp_path: Path) -> None:
    """Where systemd-analyze is installed; elsewhere the tests above are what there is."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return
    program = shutil.which("true")
    copy = tmp_path / UNIT.name
    copy.write_text(UNIT.read_text().replace("/opt/greenflash-kafka/bin/greenflash-kafka", str(program)))
    done = subprocess.run([analyze, "verify", str(copy)], capture_output=True, text=True, check=False)
    # Of a key that it doesn't know it says so, and exits with 0.
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
