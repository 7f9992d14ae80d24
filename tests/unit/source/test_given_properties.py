"""`kafka.properties`: what passes, what is refused with a way out, and values from the environment or files."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path

import confluent_kafka
import pytest

from greenflash_kafka.source import given_properties
from greenflash_kafka.source.given_properties import check, refusal_of, refusal_of_value, resolve, warnings
from greenflash_kafka.source.properties import ClientSettings


@pytest.mark.parametrize(
    ("key", "instead"),
    [
        ("bootstrap.servers", "kafka.bootstrap_servers"),
        ("metadata.broker.list", "kafka.bootstrap_servers"),
        ("group.id", "kafka.group"),
        ("group.protocol", "kafka.group_protocol"),
        ("auto.offset.reset", "kafka.start"),
        ("enable.auto.commit", "remove it"),
        ("auto.commit.enable", "remove it"),
        ("isolation.level", "remove it"),
        ("partition.assignment.strategy", "kafka.assignor"),
        ("sasl.kerberos.kinit.cmd", "kinit"),
        ("plugin.library.paths", "remove it"),
        ("ssl.engine.location", "ssl.key.location"),
        ("sasl.oauthbearer.token.endpoint.url", "kafka.oauth_token_url"),
        ("sasl.oauthbearer.assertion.file", "${file:"),
        ("enable.sasl.oauthbearer.unsecure.jwt", "oidc"),
        ("debug", "log.level"),
        ("error_cb", "remove it"),
        ("test.mock.num.brokers", "demo"),
        (" plugin.library.paths", "remove it"),
        ("Plugin.Library.Paths", "remove it"),
        ("SSL.CA.LOCATION", "lowercase"),
    ],
)
def test_a_refused_property_says_why_and_what_instead(key: str, instead: str) -> None:
    (refused,) = check({key: "x"})
    assert refused.key == key
    assert instead in refused.describe()


def test_everything_wrong_is_reported_at_once_and_the_rest_passes() -> None:
    found = check(
        {"debug": "all", "security.protocol": "sasl_ssl", "group.id": "g", "fetch.min.bytes": 10, "client.rack": None}
    )
    assert [one.key for one in found] == ["debug", "group.id", "client.rack"]


def test_a_readable_secret_is_refused_and_never_echoed() -> None:
    (refused,) = check({"sasl.username": "me", "sasl.password": "hunter2"})
    assert "hunter2" not in refused.describe()
    assert "${NAME}" in refused.describe()
    assert check({"sasl.password": "${KAFKA_PASSWORD}", "ssl.key.pem": "${file:/run/key.pem}"}) == ()


@pytest.mark.parametrize(
    "switched_off",
    [
        {"enable.ssl.certificate.verification": False},
        {"enable.ssl.certificate.verification": "F"},
        {"enable.ssl.certificate.verification": 0},
        {"ssl.endpoint.identification.algorithm": "NONE"},
        {"ssl.endpoint.identification.algorithm": " none"},
    ],
)
def test_certificates_are_verified_unless_our_own_flag_says_otherwise(switched_off: dict[str, object]) -> None:
    (refused,) = check(switched_off)
    assert "ssl.ca.location" in refused.instead
    assert check(switched_off, insecure=True) == ()
    assert any("not verified" in line for line in warnings(switched_off))


def test_a_password_sent_in_the_clear_is_warned_of() -> None:
    plain = {"security.protocol": "SASL_PLAINTEXT", "sasl.mechanism": "plain"}
    assert any("sasl_ssl" in line for line in warnings(plain))
    assert warnings({**plain, "security.protocol": "sasl_ssl"}) == ()


@pytest.mark.parametrize("key", ["sasl.kerberos.keytab", "sasl.kerberos.principal"])
def test_what_goes_into_kinits_command_line_is_no_command(key: str) -> None:
    (refused,) = check({key: 'x"; touch /tmp/gotcha; "'})
    assert "shell" in refused.reason
    values, unfit = resolve({key: "${K}"}, {"K": "$(touch /tmp/gotcha)"})
    assert values == {}
    assert [one.key for one in unfit] == [key]
    assert check({key: "kafka/host.example@REALM"}) == ()


def test_one_property_under_two_names_is_refused() -> None:
    (refused,) = check({"fetch.message.max.bytes": 1, "max.partition.fetch.bytes": 2})
    assert refused.key == "max.partition.fetch.bytes"


def test_session_settings_are_the_brokers_under_the_consumer_protocol() -> None:
    (refused,) = check({"session.timeout.ms": 6000}, group_protocol="consumer")
    assert "broker" in refused.reason
    assert check({"session.timeout.ms": 6000}) == ()


def test_the_names_are_librdkafkas(librdkafka_properties: dict[str, str]) -> None:
    """Held to the installed library's own table: roles, and that no alias of an owned property is forgotten."""
    for name in given_properties.CONSUMER_ONLY:
        assert librdkafka_properties[name] == "C", name
    for name in given_properties.PRODUCER_ONLY:
        assert librdkafka_properties[name] in ("P", "*"), name
    for name in given_properties.SECRETS:
        assert name in librdkafka_properties
    forgotten = [
        name
        for name, role in librdkafka_properties.items()
        if role in "CP"
        and refusal_of(name) is None
        and given_properties.ALIASES.get(name, name)
        not in given_properties.CONSUMER_ONLY | given_properties.PRODUCER_ONLY
    ]
    assert forgotten == []


def test_the_aliases_are_librdkafkas(librdkafka_aliases: dict[str, str]) -> None:
    for alias, name in librdkafka_aliases.items():
        ours = given_properties.ALIASES
        assert ours.get(alias, alias) == ours.get(name, name), f"{alias} is {name}"
        assert (refusal_of(alias) is None) == (refusal_of(name) is None), alias


@pytest.fixture(scope="module")
def librdkafka_table(tmp_path_factory: pytest.TempPathFactory) -> str:
    library = next(
        (Path(confluent_kafka.__file__).parent.parent / "confluent_kafka.libs").glob("librdkafka*.so*"), None
    )
    if library is None:
        pytest.skip("this confluent-kafka wheel carries its librdkafka elsewhere")
    rdkafka, libc = ctypes.CDLL(str(library)), ctypes.CDLL(None)
    libc.fopen.restype = ctypes.c_void_p
    path = tmp_path_factory.mktemp("librdkafka") / "table"
    file = libc.fopen(str(path).encode(), b"w")
    rdkafka.rd_kafka_conf_properties_show(ctypes.c_void_p(file))
    libc.fclose(ctypes.c_void_p(file))
    return path.read_text()


@pytest.fixture(scope="module")
def librdkafka_properties(librdkafka_table: str) -> dict[str, str]:
    rows = re.findall(r"^(\S+)\s+\|\s+([CP*])\s+\|", librdkafka_table, re.MULTILINE)
    assert len(rows) > 100
    return dict(reversed(rows))


@pytest.fixture(scope="module")
def librdkafka_aliases(librdkafka_table: str) -> dict[str, str]:
    rows = re.findall(r"^(\S+)\s+\|.*Alias for `([^`]+)`", librdkafka_table, re.MULTILINE)
    assert rows
    return dict(rows)


@pytest.mark.parametrize("name", ["ssl.ca.location", "sasl.password", "linger.ms", "log_level"])
def test_an_ordinary_name_is_taken(name: str) -> None:
    assert refusal_of(name) is None


@pytest.mark.parametrize("name", ["Debug", " debug", "debug ", "de\nbug", "", "ssl..ca", "ssl.ca.location=x"])
def test_no_spelling_carries_a_name_past_the_list(name: str) -> None:
    assert refusal_of(name) is not None


@pytest.mark.parametrize("value", ["a;b", "$(id)", "a b", "a\nb", '"', ""])
def test_what_a_shell_reads_is_not_given_to_it_and_not_repeated(value: str) -> None:
    refused = refusal_of_value("sasl.kerberos.principal", value)
    assert refused is not None
    assert not value or value not in "".join(refused).replace(" ", "")
    assert refusal_of_value("client.id", value) is None


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
