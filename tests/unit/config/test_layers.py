"""Values gathered layer upon layer, each with where it came from."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.config.layers import Layers
from greenflash_kafka.config.model import Config


def layers(folder: Path, file: str = "", environ: dict[str, str] | None = None, **flags: object) -> Layers:
    made = Layers(environ or {})
    if file:
        (folder / "c.yaml").write_text(file)
        assert made.add_file(folder / "c.yaml")
    made.add_environment()
    made.add_flags({name.replace("__", "."): value for name, value in flags.items()})
    return made


def made(gathered: Layers) -> Config:
    config = gathered.validate()
    assert config is not None, gathered.findings
    assert gathered.findings == []
    return config


def told(gathered: Layers) -> list[tuple[str, str]]:
    return [(each.where.rpartition("/")[2], each.code) for each in gathered.findings]


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
    assert gathered.validate() is None
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
    gathered.check_properties()
    assert made(gathered).kafka.properties == {"sasl.password": f"${{{name}}}", "linger.ms": "5"}


def test_wrong_properties_are_told_also_when_the_rest_is_no_configuration(tmp_path: Path) -> None:
    gathered = layers(
        tmp_path,
        "kafka:\n  properties:\n    group.id: x\n    sasl.password: ${NOPE}\nhttp: {port: x}\n",
    )
    assert gathered.validate() is None
    gathered.check_properties()
    assert set(told(gathered)) == {
        ("c.yaml:3:5", "bad-property"),
        ("c.yaml:4:5", "bad-property"),
        ("c.yaml:5:8", "bad-value"),
    }


def test_what_is_required_is_asked_for_with_all_ways_to_give_it_and_less_for_a_dry_run(tmp_path: Path) -> None:
    gathered = layers(tmp_path)
    gathered.check_required(None)
    said = {each.message: str(each.hint) for each in gathered.findings}
    assert set(said) == {
        f"{key} is not set" for key in ("kafka.bootstrap_servers", "dead_letter.topic", "greenflash.api_key")
    }
    assert "--dead-letter-topic" in said["dead_letter.topic is not set"]
    assert "greenflash.api_key_file" in said["greenflash.api_key is not set"]
    dry = layers(tmp_path, run__dry_run=True)
    dry.check_required(None)
    assert [each.message for each in dry.findings] == ["kafka.bootstrap_servers is not set"]
    given = layers(tmp_path, environ={"GREENFLASH_API_KEY_FILE": "x"})
    given.check_required(["greenflash.api_key"])
    assert given.findings == []


def test_what_was_refused_already_is_not_called_missing_too(tmp_path: Path) -> None:
    gathered = layers(tmp_path, "greenflash: {api_key: sk-1}\n")
    gathered.check_required(["greenflash.api_key"])
    assert [code for _, code in told(gathered)] == ["secret-in-file"]
