"""Confluent's names are taken, others answered with the right one."""

from __future__ import annotations

import inspect

import pytest
from confluent_kafka.schema_registry._sync import schema_registry_client
from confluent_kafka.schema_registry.common import _oauthbearer

from greenflash_kafka.schemas.registry_properties import KNOWN, check_registry_properties

SECRET = "${NAME}"


@pytest.mark.parametrize(
    ("properties", "words"),
    [
        ({"basic.auth.user.info": "ann:hunter2"}, "is a secret"),
        ({"bearer.auth.token": "${T}"}, "bearer.auth.credentials.source"),
        ({"bearer.auth.credentials.source": "STATIC_TOKEN"}, "bearer.auth.token"),
        ({"bearer.auth.credentials.source": "OAUTHBEARER"}, "bearer.auth.client.secret"),
        ({"bearer.auth.credentials.source": "CUSTOM"}, "OAUTHBEARER or STATIC_TOKEN"),
        ({"bearer.auth.custom.provider.function": "f"}, "runs code"),
        ({"basic.auth.credentials.source": "URL"}, "USER_INFO"),
        ({"basic.auth.user.inf": SECRET}, "did you mean basic.auth.user.info?"),
        ({"schema.registry.basic.auth.user.info": SECRET}, "write basic.auth.user.info"),
        ({"Basic.Auth.User.Info": SECRET}, "write basic.auth.user.info"),
        ({"url": "https://r"}, "schema_registry.url"),
        ({"schema.registry.url": "https://r"}, "schema_registry.url"),
        ({"schema.registry.timeout": "3"}, "schema_registry.timeout_seconds"),
        ({"max.retries": 3}, "asked until it answers"),
        ({"ssl.truststore.location": "/t.jks"}, "ssl.ca.location"),
        ({"enable.ssl.certificate.verification": False}, "ssl.ca.location"),
        ({"ssl.certificate.location": "/c"}, "ssl.key.location"),
        ({"ssl.ca.location": ""}, "needs a text"),
        ({"bearer.auth.issuer.endpoint.url": "http://login.test/token"}, "https"),
        ({"bearer.auth.issuer.endpoint.url": "https://a:b@login.test/token"}, "https"),
        (
            {
                "basic.auth.user.info": SECRET,
                "bearer.auth.credentials.source": "STATIC_TOKEN",
                "bearer.auth.token": SECRET,
            },
            "keep one of the two",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_can(properties: dict[str, object], words: str) -> None:
    refused = check_registry_properties(properties, allow_http=False)
    said = " ".join(each.describe() for each in refused)
    assert words in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"basic.auth.user.info": SECRET, "basic.auth.credentials.source": "USER_INFO"},
        {"bearer.auth.credentials.source": "static_token", "bearer.auth.token": SECRET},
        {
            "bearer.auth.credentials.source": "OAUTHBEARER",
            "bearer.auth.issuer.endpoint.url": "https://login.test/token",
            "bearer.auth.client.id": "a",
            "bearer.auth.client.secret": SECRET,
        },
        {
            "ssl.ca.location": "/ca",
            "ssl.certificate.location": "/c",
            "ssl.key.location": "/k",
            "ssl.key.password": SECRET,
        },
    ],
)
def test_what_confluents_clients_take_is_taken(properties: dict[str, object]) -> None:
    assert check_registry_properties(properties, allow_http=False) == ()


def test_every_name_is_one_of_confluents_client() -> None:
    text = inspect.getsource(schema_registry_client) + inspect.getsource(_oauthbearer)
    missing = {each for each in KNOWN if f"'{each}'" not in text and f'"{each}"' not in text}
    assert missing == {"basic.auth.credentials.source"}, "Java's, with one value that changes nothing"
