from __future__ import annotations

import pytest

from greenflash_kafka.errors import ConfigInvalid
from greenflash_kafka.schemas.registry_address import registry_urls


@pytest.mark.parametrize(
    ("text", "urls"),
    [
        ("https://registry:8081", ("https://registry:8081",)),
        ("https://a/apis/ccompat/v7/, http://localhost:8081 ,", ("https://a/apis/ccompat/v7", "http://localhost:8081")),
        ("http://127.0.0.1:8081", ("http://127.0.0.1:8081",)),
    ],
)
def test_the_path_is_kept(text: str, urls: tuple[str, ...]) -> None:
    assert registry_urls(text, allow_http=False) == urls


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("https://ann:hunter2@registry", "user name or password"),
        ("http://registry:8081", "allow_http"),
        ("registry:8081", "https://host"),
        ("ftp://registry", "https://host"),
        ("https://registry/?a=b", "'?'"),
        ("https://registry/a b", "characters"),
        ("https://169.254.169.254/", "link-local"),
        ("https://[", "not a URL"),
        (" , ", "empty"),
    ],
)
def test_an_address_that_gives_secrets_away_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        registry_urls(text, allow_http=False)
    assert words in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_http_elsewhere_has_to_be_allowed() -> None:
    assert registry_urls("http://registry:8081", allow_http=True) == ("http://registry:8081",)
