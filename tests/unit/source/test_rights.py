"""Commands that grant what the brokers refuse: they name the user, where the client knows it, the topic, the group."""

from __future__ import annotations

import pytest

from greenflash_kafka.source.rights import grant_command, group_refusal


@pytest.mark.parametrize(
    ("client", "user"),
    [
        ({"sasl.mechanism": "PLAIN", "sasl.username": "gf"}, "User:gf"),
        ({"sasl.mechanisms": "SCRAM-SHA-256", "sasl.username": "a b"}, "'User:a b'"),
        ({"sasl.mechanism": "OAUTHBEARER", "sasl.username": "gf"}, "User:NAME"),
        ({}, "User:NAME"),
    ],
)
def test_the_command_names_the_user_that_signs_in_by_a_password(client: dict[str, str], user: str) -> None:
    client = {"bootstrap.servers": "b:1", **client}
    assert grant_command(client, "Write", topic="gf.dlq") == (
        f"kafka-acls.sh --bootstrap-server b:1 --add --allow-principal {user} --operation Write --topic gf.dlq"
    )
    assert group_refusal(client, "s5").endswith(f"--allow-principal {user} --operation Read --group s5")
