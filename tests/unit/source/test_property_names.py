"""librdkafka's names, held against the installed library, and those that are refused."""

from __future__ import annotations

import ctypes
import re
from pathlib import Path

import confluent_kafka
import pytest

from greenflash_kafka.source import property_names


def test_the_names_are_librdkafkas(librdkafka_properties: dict[str, str]) -> None:
    """Held to the installed library's own table: roles, and that no alias of an owned property is forgotten."""
    for name in property_names.CONSUMER_ONLY:
        assert librdkafka_properties[name] == "C", name
    for name in property_names.PRODUCER_ONLY:
        assert librdkafka_properties[name] in ("P", "*"), name
    for name in property_names.SECRETS:
        assert name in librdkafka_properties
    forgotten = [
        name
        for name, role in librdkafka_properties.items()
        if role in "CP"
        and property_names.refusal_of(name) is None
        and name not in property_names.CONSUMER_ONLY | property_names.PRODUCER_ONLY
    ]
    assert forgotten == []


def test_the_aliases_are_librdkafkas(librdkafka_aliases: dict[str, str]) -> None:
    for alias, name in librdkafka_aliases.items():
        ours = property_names.ALIASES
        assert ours.get(alias, alias) == ours.get(name, name), f"{alias} is {name}"
        assert (property_names.refusal_of(alias) is None) == (property_names.refusal_of(name) is None), alias


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
    assert property_names.refusal_of(name) is None


@pytest.mark.parametrize("name", ["Debug", " debug", "debug ", "de\nbug", "", "ssl..ca", "ssl.ca.location=x"])
def test_no_spelling_carries_a_name_past_the_list(name: str) -> None:
    assert property_names.refusal_of(name) is not None


@pytest.mark.parametrize("value", ["a;b", "$(id)", "a b", "a\nb", '"', ""])
def test_what_a_shell_reads_is_not_given_to_it_and_not_repeated(value: str) -> None:
    refused = property_names.refusal_of_value("sasl.kerberos.principal", value)
    assert refused is not None
    assert not value or value not in "".join(refused).replace(" ", "")
    assert property_names.refusal_of_value("client.id", value) is None
