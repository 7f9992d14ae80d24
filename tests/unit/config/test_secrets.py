"""Our own two secrets, and all that no log line may hold."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from greenflash_kafka.config.load import load_config
from greenflash_kafka.config.secrets import registry_secrets, secrets
from greenflash_kafka.errors import ConfigInvalid

BROKER = {"KAFKA_BOOTSTRAP_SERVERS": "b"}
FLAGS = {"dead_letter.topic": "dead"}


def refusal(environ: Mapping[str, str]) -> str:
    with pytest.raises(ConfigInvalid) as caught:
        load_config(None, environ, FLAGS)
    return str(caught.value)


@pytest.mark.parametrize("content", ["", "\n", " \n "])
def test_a_key_file_that_holds_nothing_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "key").write_text(content)
    assert "the API key is empty" in refusal({**BROKER, "GREENFLASH_API_KEY_FILE": str(tmp_path / "key")})


def test_a_key_file_that_is_no_text_is_refused_without_its_content(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"canary\xff")
    said = refusal({**BROKER, "GREENFLASH_API_KEY": "k", "GREENFLASH_KAFKA_HASH_KEY_FILE": str(tmp_path / "key")})
    assert "the key of hash() can't be read" in said
    assert "not UTF-8 text" in said
    assert "canary" not in said


def test_no_log_line_may_hold_any_of_these() -> None:
    environ = {
        **BROKER,
        "GREENFLASH_API_KEY": "sk-1",
        "GREENFLASH_KAFKA_HASH_KEY": "salt",
        "GREENFLASH_KAFKA_GREENFLASH__PROXY": "http://user:p%40ss@proxy:3128",
    }
    config = load_config(None, environ, FLAGS)
    kafka = {"sasl.password": "hunter2", "sasl.username": "shop", "ssl.key.pem": "-----BEGIN"}
    assert set(secrets(config, kafka)) == {"sk-1", "salt", "p%40ss", "p@ss", "hunter2", "-----BEGIN"}


def test_a_dry_run_reads_no_key(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("sk-1")
    config = load_config(None, {**BROKER, "GREENFLASH_API_KEY_FILE": str(key)}, {"run.dry_run": True})
    key.unlink()
    assert secrets(config, {}) == []


def test_of_the_registrys_properties_the_password_alone_is_secret_too() -> None:
    given = {"basic.auth.user.info": "ann:hunter2:x", "ssl.key.password": "key-password", "ssl.ca.location": "/ca.pem"}
    assert sorted(registry_secrets(given)) == ["ann:hunter2:x", "hunter2:x", "key-password"]
    assert registry_secrets({"bearer.auth.token": "t"}) == ["t"]
