"""What is checked of the gathered values."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.config.checks import check_properties, check_required, validate
from greenflash_kafka.documents.given_values import resolve_values
from tests.unit.config.gathering import layers, told


def test_wrong_properties_are_told_also_when_the_rest_is_no_configuration(tmp_path: Path) -> None:
    gathered = layers(
        tmp_path,
        "kafka:\n  properties:\n    group.id: x\n    sasl.password: ${NOPE}\nhttp: {port: x}\n",
    )
    assert validate(gathered) is None
    check_properties(gathered)
    assert set(told(gathered)) == {
        ("c.yaml:3:5", "bad-property"),
        ("c.yaml:4:5", "bad-property"),
        ("c.yaml:5:8", "bad-value"),
    }


def test_what_is_required_is_asked_for_with_all_ways_to_give_it_and_less_for_a_dry_run(tmp_path: Path) -> None:
    gathered = layers(tmp_path)
    check_required(gathered, None)
    said = {each.message: str(each.hint) for each in gathered.findings}
    assert set(said) == {
        f"{key} is not set" for key in ("kafka.bootstrap_servers", "dead_letter.topic", "greenflash.api_key")
    }
    assert "--dead-letter-topic" in said["dead_letter.topic is not set"]
    assert "greenflash.api_key_file" in said["greenflash.api_key is not set"]
    dry = layers(tmp_path, run__dry_run=True)
    check_required(dry, None)
    assert [each.message for each in dry.findings] == ["kafka.bootstrap_servers is not set"]
    given = layers(tmp_path, environ={"GREENFLASH_API_KEY_FILE": "x"})
    check_required(given, ["greenflash.api_key"])
    assert given.findings == []


def test_what_was_refused_already_is_not_called_missing_too(tmp_path: Path) -> None:
    gathered = layers(tmp_path, "greenflash: {api_key: sk-1}\n")
    check_required(gathered, ["greenflash.api_key"])
    assert [code for _, code in told(gathered)] == ["secret-in-file"]


def test_the_registry_is_checked_as_kafka_is_and_shows_no_value(tmp_path: Path) -> None:
    gathered = layers(
        tmp_path,
        "schema_registry:\n"
        "  url: https://ann:hunter2@registry\n"
        "  properties:\n"
        "    basic.auth.user.inf: ${NOPE}\n"
        "    bearer.auth.token: hunter2\n"
        "    ssl.ca.location: ${file:/nowhere/ca.pem}\n",
    )
    check_properties(gathered)
    assert validate(gathered) is None
    said = {each.line: f"{each.message} {each.hint}" for each in gathered.findings}
    assert "user name or password" in said[2]
    assert "did you mean basic.auth.user.info" in str([each.hint for each in gathered.findings])
    assert "can't be read" in said[6]
    assert "hunter2" not in str(gathered.findings)


def test_properties_of_the_registry_may_be_variables(tmp_path: Path) -> None:
    name = "GREENFLASH_KAFKA_SCHEMA_REGISTRY__PROPERTIES__BASIC_AUTH_USER_INFO"
    environ = {name: "ann:hunter2", "GREENFLASH_KAFKA_SCHEMA_REGISTRY__URL": "https://a/, https://b/apis/ccompat/v7/"}
    gathered = layers(tmp_path, environ=environ)
    check_properties(gathered)
    config = validate(gathered)
    assert config is not None
    assert gathered.findings == []
    assert config.schema_registry.url == "https://a,https://b/apis/ccompat/v7"
    assert config.schema_registry.properties == {"basic.auth.user.info": f"${{{name}}}"}
    assert resolve_values(config.schema_registry.properties, environ)[0] == {"basic.auth.user.info": "ann:hunter2"}
