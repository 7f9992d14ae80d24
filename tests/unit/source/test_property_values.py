"""Values of `kafka.properties` that stand in the environment or in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from greenflash_kafka.source.properties import ClientSettings
from greenflash_kafka.source.property_values import resolve


def test_secrets_come_from_the_environment_or_a_file_and_are_not_shown(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN-----\nabc\n")
    values, refused = resolve(
        {"sasl.password": "${PASSWORD}", "ssl.key.pem": f"${{file:{key}}}", "ssl.key.password": "${P}", "linger.ms": 5},
        {"PASSWORD": "hunter2", "P_FILE": str(key)},
    )
    assert refused == ()
    assert values["sasl.password"] == "hunter2"
    assert values["ssl.key.pem"] == values["ssl.key.password"] == "-----BEGIN-----\nabc"
    assert values["linger.ms"] == "5"
    assert "hunter2" not in repr(ClientSettings("b:1", properties=values))


def test_a_secret_that_is_nowhere_names_the_variable_and_the_file(tmp_path: Path) -> None:
    values, refused = resolve({"sasl.password": "${NOPE}", "ssl.key.pem": f"${{file:{tmp_path}/none}}"}, {})
    assert values == {}
    assert "NOPE_FILE" in refused[0].describe()
    assert f"{tmp_path}/none" in refused[1].describe()


def test_only_a_whole_value_is_looked_up() -> None:
    given = {"client.id": "a-${NAME}", "sasl.username": "$NAME", "enable.x": True, "linger.ms": 0.5}
    values, refused = resolve(given, {"NAME": "x"})
    assert refused == ()
    assert values == {"client.id": "a-${NAME}", "sasl.username": "$NAME", "enable.x": "true", "linger.ms": "0.5"}


@pytest.mark.parametrize(
    ("content", "value"),
    [("one\n", "one"), ("one\r\n", "one"), ("one\ntwo\n\n", "one\ntwo\n"), (" one ", " one ")],
)
def test_of_a_file_the_last_line_break_alone_is_left_out(tmp_path: Path, content: str, value: str) -> None:
    (tmp_path / "secret").write_bytes(content.encode())
    assert resolve({"sasl.password": f"${{file:{tmp_path}/secret}}"}, {}) == ({"sasl.password": value}, ())


def test_a_file_that_holds_nothing_or_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("\n")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    properties = {"sasl.password": f"${{file:{tmp_path}/empty}}", "ssl.key.pem": "${KEY}"}
    values, refused = resolve(properties, {"KEY_FILE": str(tmp_path / "binary")})
    assert values == {}
    assert [each.key for each in refused] == ["sasl.password", "ssl.key.pem"]
    assert "is empty" in refused[0].describe()
    assert "not UTF-8 text" in refused[1].describe()


def test_the_variable_counts_before_the_file_that_a_second_one_names(tmp_path: Path) -> None:
    assert resolve({"a": "${A}"}, {"A": "x", "A_FILE": str(tmp_path / "none")}) == ({"a": "x"}, ())
