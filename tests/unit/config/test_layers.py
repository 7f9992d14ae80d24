"""Values gathered layer upon layer, each with where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.config.checks import check_properties, validate
from greenflash_kafka.config.layers import Layers
from greenflash_kafka.config.model import Config
from tests.unit.config.gathering import layers, told


def made(gathered: Layers) -> Config:
    config = validate(gathered)
    assert config is not None, gathered.findings
    assert gathered.findings == []
    return config


def test_the_later_layer_wins_key_by_key(tmp_path: Path) -> None:
    config = made(
        layers(
            tmp_path,
            "kafka: {group: file, bootstrap_servers: file}\ndelivery: {in_flight: 1, drain_seconds: 3}\n",
            {"KAFKA_BOOTSTRAP_SERVERS": "environment", "GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT": "2"},
            kafka__group="flag",
            delivery__in_flight=None,
        )
    )
    assert (config.kafka.group, config.kafka.bootstrap_servers) == ("flag", "environment")
    assert (config.delivery.in_flight, config.delivery.drain_seconds) == (2, 3.0)


def test_a_wrong_value_is_told_where_it_stands(tmp_path: Path) -> None:
    gathered = layers(
        tmp_path,
        "http:\n  port: 99999\n",
        {"GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT": "many"},
        kafka__start="soon",
    )
    assert validate(gathered) is None
    assert set(told(gathered)) == {
        ("c.yaml:2:3", "bad-value"),
        ("GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT", "bad-value"),
        ("--from", "bad-value"),
    }


def test_paths_of_the_file_begin_at_the_file_and_those_of_the_environment_here(tmp_path: Path) -> None:
    config = made(layers(tmp_path, "mappings: [m, /abs]\ngreenflash: {ca_file: ca.pem}\n"))
    assert config.mappings == (tmp_path / "m", Path("/abs"))
    assert config.greenflash.ca_file == tmp_path / "ca.pem"
    config = made(layers(tmp_path, "mappings: m\n", {"GREENFLASH_KAFKA_MAPPINGS": "x:y"}))
    assert config.mappings == (Path("x"), Path("y"))


@pytest.mark.parametrize(
    ("file", "environ", "finding"),
    [
        ("greenflash: {api_key: sk-1}\n", {}, ("c.yaml:1:14", "secret-in-file")),
        ("greenflash: {proxy: 'http://u:p@host:1'}\n", {}, ("c.yaml:1:14", "secret-in-file")),
        ("schema_registry: {proxy: 'http://u:p@host:1'}\n", {}, ("c.yaml:1:19", "secret-in-file")),
        ("kafka: {group: '${NOPE}'}\n", {}, ("c.yaml:1:9", "missing-variable")),
        ("kafka: {group: 'a-${NAME}'}\n", {"NAME": "x"}, ("c.yaml:1:9", "bad-reference")),
        ("", {"GREENFLASH_KAFKA_HTTP__PROT": "1"}, ("GREENFLASH_KAFKA_HTTP__PROT", "unknown-variable")),
        (
            "",
            {"GREENFLASH_KAFKA_HASH_KEY": "a", "GREENFLASH_KAFKA_HASH_KEY_FILE": "b"},
            ("GREENFLASH_KAFKA_HASH_KEY_FILE", "both"),
        ),
    ],
)
def test_what_can_not_be_meant_is_one_finding_at_its_place(
    tmp_path: Path, file: str, environ: dict[str, str], finding: tuple[str, str]
) -> None:
    assert told(layers(tmp_path, file, environ)) == [finding]


def test_a_secret_of_kafka_from_the_environment_is_looked_up_late_and_never_shown(tmp_path: Path) -> None:
    name = "GREENFLASH_KAFKA_KAFKA__PROPERTIES__SASL_PASSWORD"
    gathered = layers(tmp_path, environ={name: "hunter2", "GREENFLASH_KAFKA_KAFKA__PROPERTIES__LINGER_MS": "5"})
    check_properties(gathered)
    assert made(gathered).kafka.properties == {"sasl.password": f"${{{name}}}", "linger.ms": "5"}
