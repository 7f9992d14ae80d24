"""What is checked of the gathered values."""

from __future__ import annotations

from pathlib import Path

from greenflash_kafka.config.checks import check_properties, check_required, validate
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
