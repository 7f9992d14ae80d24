"""Sources of configuration values, and the report of all errors at once."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent

import pytest

from greenflash_kafka.config.load import examine, load_config
from greenflash_kafka.config.location import config_file
from greenflash_kafka.config.secrets import api_key, hash_key
from greenflash_kafka.errors import ConfigInvalid

ENOUGH = {"KAFKA_BOOTSTRAP_SERVERS": "broker:9092", "GREENFLASH_API_KEY": "key-1"}
FLAGS = {"dead_letter.topic": "dead"}


def written(folder: Path, text: str) -> Path:
    file = folder / "c.yaml"
    file.write_text(dedent(text))
    return file


def refusal(file: Path | None, environ: Mapping[str, str], flags: Mapping[str, object] = FLAGS) -> str:
    with pytest.raises(ConfigInvalid) as caught:
        load_config(file, environ, flags)
    return str(caught.value)


def test_the_defaults_need_a_broker_a_key_and_a_dead_letter_topic() -> None:
    config = load_config(None, ENOUGH, FLAGS)
    assert config.kafka.bootstrap_servers == "broker:9092"
    assert config.kafka.start == "latest"
    assert config.mappings == (Path("mappings"),)
    assert config.delivery.in_flight == 128
    assert config.greenflash.base_url == "https://www.greenflash.ai/api/v1"
    text = refusal(None, {}, {})
    assert "kafka.bootstrap_servers is not set" in text
    assert "dead_letter.topic is not set" in text
    assert "greenflash.api_key is not set" in text


def test_what_a_dry_run_does_not_need_is_not_asked_for() -> None:
    config = load_config(None, {"KAFKA_BOOTSTRAP_SERVERS": "b"}, {}, required=["kafka.bootstrap_servers"])
    assert config.dead_letter.topic == ""
    assert api_key(config.greenflash) is None


def test_the_config_file_is_the_one_given_or_named_or_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert config_file(None, {}) is None
    Path("greenflash-kafka.yaml").touch()
    assert config_file(None, {}) == Path("greenflash-kafka.yaml")
    assert config_file(None, {"GREENFLASH_KAFKA_CONFIG": "named.yaml"}) == Path("named.yaml")
    assert config_file(Path("given.yaml"), {"GREENFLASH_KAFKA_CONFIG": "named.yaml"}) == Path("given.yaml")


def test_flags_win_over_the_environment_and_the_environment_over_the_file(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        kafka: {bootstrap_servers: from-file, group: from-file, start: earliest}
        delivery: {in_flight: 1}
        """,
    )
    environ = {
        "KAFKA_BOOTSTRAP_SERVERS": "well-known",
        "GREENFLASH_KAFKA_KAFKA__GROUP": "from-env",
        "GREENFLASH_KAFKA_DELIVERY__IN_FLIGHT": "2",
        "GREENFLASH_API_KEY": "k",
    }
    config = load_config(file, environ, {**FLAGS, "delivery.in_flight": 3, "kafka.start": None})
    assert config.kafka.bootstrap_servers == "well-known"
    assert config.kafka.group == "from-env"
    assert config.delivery.in_flight == 3
    assert config.kafka.start == "earliest"
    long = {**environ, "GREENFLASH_KAFKA_KAFKA__BOOTSTRAP_SERVERS": "long-name"}
    assert load_config(file, long, FLAGS).kafka.bootstrap_servers == "long-name"


def test_a_dry_run_needs_no_key_and_no_dead_letter_topic_however_it_is_asked_for() -> None:
    environ = {"KAFKA_BOOTSTRAP_SERVERS": "b"}
    assert load_config(None, environ, {"run.dry_run": True}).run.dry_run
    assert load_config(None, {**environ, "GREENFLASH_KAFKA_RUN__DRY_RUN": "true"}).run.dry_run
    assert "greenflash.api_key is not set" in refusal(None, environ, {"run.dry_run": False})


def test_what_kubernetes_puts_into_the_environment_is_no_mistake() -> None:
    links = {
        "GREENFLASH_KAFKA_SERVICE_HOST": "10.0.0.1",
        "GREENFLASH_KAFKA_SERVICE_PORT": "9464",
        "GREENFLASH_KAFKA_SERVICE_PORT_METRICS": "9464",
        "GREENFLASH_KAFKA_PORT": "tcp://10.0.0.1:9464",
        "GREENFLASH_KAFKA_PORT_9464_TCP": "tcp://10.0.0.1:9464",
        "GREENFLASH_KAFKA_PORT_9464_TCP_ADDR": "10.0.0.1",
    }
    assert load_config(None, {**ENOUGH, **links}, FLAGS).http.port == 9464


def test_an_empty_variable_is_no_variable() -> None:
    config = load_config(None, {**ENOUGH, "GREENFLASH_BASE_URL": "", "GREENFLASH_KAFKA_KAFKA__GROUP": ""}, FLAGS)
    assert config.greenflash.base_url.startswith("https://www.greenflash.ai")
    assert config.kafka.group == "greenflash-kafka"


def test_a_start_time_without_a_zone_is_utc() -> None:
    config = load_config(None, ENOUGH, {**FLAGS, "kafka.start": "2026-11-18"})
    assert config.kafka.start == datetime(2026, 11, 18, tzinfo=UTC)


def test_relative_paths_of_the_file_are_relative_to_the_file(tmp_path: Path) -> None:
    file = written(tmp_path, "mappings: [a, b/c.yaml]\n")
    assert load_config(file, ENOUGH, FLAGS).mappings == (tmp_path / "a", tmp_path / "b/c.yaml")
    here = load_config(file, {**ENOUGH, "GREENFLASH_KAFKA_MAPPINGS": "x:y"}, FLAGS)
    assert here.mappings == (Path("x"), Path("y"))


def test_ten_mistakes_are_told_in_one_go_each_with_its_place(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """\
        kafka:
          bootstrap_server: localhost:9092
          group: 5
          start: soon
          properties:
            enable.auto.commit: true
            sasl.password: hunter2
        greenflash:
          api_key: sk-secret
          base_url: http://other.example/api
          proxy: ${NOT_SET}
        delivery:
          in_flight: 0
        http: {port: 99999}
        dead_leter: {topic: x}
        dead_letter: {topic: dead}
        """,
    )
    text = refusal(file, {"GREENFLASH_KAFKA_KAFKA__GRUOP": "x"}, {})
    for place, words in {
        "2:3": "kafka.bootstrap_server is no key",
        "3:3": "kafka.group should be a text",
        "4:3": "which is neither latest, earliest nor a time",
        "6:5": "'enable.auto.commit' is set by greenflash-kafka",
        "7:5": "'sasl.password' is a secret",
        "9:3": "greenflash.api_key stands readable in the file",
        "10:3": "unencrypted",
        "11:3": "the environment variable NOT_SET is not set",
        "13:3": "delivery.in_flight should be greater than or equal to 1",
        "14:8": "http.port should be less than or equal to 65535",
        "15:1": "dead_leter is no key",
    }.items():
        assert any(f":{place}: " in each and words in each for each in text.splitlines()), (place, words, text)
    assert "did you mean bootstrap_servers?" in text
    assert "did you mean dead_letter?" in text
    assert "did you mean GREENFLASH_KAFKA_KAFKA__GROUP?" in text
    assert "hunter2" not in text
    assert "sk-secret" not in text


def test_yaml_faults_have_their_line(tmp_path: Path) -> None:
    file = written(tmp_path, "kafka: {group: a}\nkafka: {group: b}\n")
    assert "c.yaml:2:1: duplicate-key" in refusal(file, ENOUGH)
    assert "can't be read" in refusal(tmp_path / "none.yaml", ENOUGH)
    assert "a map of sections" in refusal(written(tmp_path, "[1, 2]\n"), ENOUGH)
    assert load_config(written(tmp_path, "# nothing yet\n"), ENOUGH, FLAGS).dead_letter.topic == "dead"
    assert load_config(written(tmp_path, "kafka:\nlog:\n"), ENOUGH, FLAGS).log.level == "info"


def test_variables_stand_for_whole_values(tmp_path: Path) -> None:
    file = written(tmp_path, "kafka: {bootstrap_servers: '${BROKERS}'}\ngreenflash: {api_key: '${KEY}'}\n")
    config = load_config(file, {"BROKERS": "b1,b2", "KEY": "k"}, FLAGS)
    assert config.kafka.bootstrap_servers == "b1,b2"
    file = written(tmp_path, "kafka: {bootstrap_servers: '${HOST}:9092'}\n")
    assert "${NAME} stands for a whole value" in refusal(file, {**ENOUGH, "HOST": "h"})


def test_kafka_properties_come_from_the_environment_too() -> None:
    environ = {
        **ENOUGH,
        "GREENFLASH_KAFKA_KAFKA__PROPERTIES__SECURITY_PROTOCOL": "sasl_ssl",
        "GREENFLASH_KAFKA_KAFKA__PROPERTIES__SASL_PASSWORD": "hunter2",
    }
    config = load_config(None, environ, FLAGS)
    assert config.kafka.properties["security.protocol"] == "sasl_ssl"
    assert "hunter2" not in repr(config)
    owned = {**ENOUGH, "GREENFLASH_KAFKA_KAFKA__PROPERTIES__GROUP_ID": "x"}
    assert "GREENFLASH_KAFKA_KAFKA__PROPERTIES__GROUP_ID: bad-property" in refusal(None, owned)


def test_secrets_are_stripped_checked_and_never_shown(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("sk-canary\n")
    environ = {"KAFKA_BOOTSTRAP_SERVERS": "b", "GREENFLASH_API_KEY_FILE": str(key), "GREENFLASH_KAFKA_HASH_KEY": "salt"}
    config = load_config(None, environ, FLAGS)
    found = api_key(config.greenflash)
    assert found is not None
    assert found.get_secret_value() == "sk-canary"
    assert hash_key(config.rules) == b"salt"
    assert "salt" not in repr(config)
    assert "canary" not in repr(config) + str(config) + str(config.model_dump())
    key.write_text("sk-\n-canary")
    assert "canary" not in refusal(None, environ)
    key.unlink()
    assert "can't be read" in refusal(None, environ)


def test_a_key_file_is_read_again_at_every_call(tmp_path: Path) -> None:
    key = tmp_path / "key"
    key.write_text("one")
    config = load_config(None, {"KAFKA_BOOTSTRAP_SERVERS": "b", "GREENFLASH_API_KEY_FILE": str(key)}, FLAGS)
    key.write_text("two\n")
    found = api_key(config.greenflash)
    assert found is not None
    assert found.get_secret_value() == "two"


def test_the_environments_key_replaces_the_files_key_file(tmp_path: Path) -> None:
    file = written(tmp_path, "greenflash: {api_key_file: nowhere}\n")
    config = load_config(file, ENOUGH, FLAGS)
    assert config.greenflash.api_key_file is None
    both = {**ENOUGH, "GREENFLASH_API_KEY_FILE": "x"}
    assert "GREENFLASH_API_KEY_FILE: both: GREENFLASH_API_KEY is set too" in refusal(None, both)


def test_two_keys_that_differ_are_told_without_them_and_which_one_counts(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("key-of-the-file\n")
    file = written(tmp_path, "greenflash: {api_key_file: key}\n")
    (warning,) = load_config(file, ENOUGH, FLAGS).warnings
    assert warning.startswith("greenflash.api_key (GREENFLASH_API_KEY) and greenflash.api_key_file (")
    assert warning.endswith("greenflash.api_key (GREENFLASH_API_KEY) wins, and the other is not read")
    assert "key-1" not in warning
    assert "key-of-the-file" not in warning
    (tmp_path / "key").write_text("key-1\n")
    assert load_config(file, ENOUGH, FLAGS).warnings == ()
    file.write_text("greenflash: {api_key: '${K}', api_key_file: key}\n")
    (warning,) = load_config(file, {"KAFKA_BOOTSTRAP_SERVERS": "b", "K": "another"}, FLAGS).warnings
    assert "c.yaml:1:14) wins" in warning
    file.write_text("greenflash: {api_key_file: key}\n")
    (tmp_path / "other").write_text("another")
    environ = {"KAFKA_BOOTSTRAP_SERVERS": "b", "GREENFLASH_API_KEY_FILE": str(tmp_path / "other")}
    assert load_config(file, environ, FLAGS).greenflash.api_key_file == tmp_path / "other"


@pytest.mark.parametrize(
    ("url", "flag", "good"),
    [
        ("https://eu.example/api/v1", "false", True),
        ("http://localhost:8787/api/v1", "false", True),
        ("http://127.0.0.1:8787/api/v1", "false", True),
        ("http://sandbox:8787/api/v1", "false", False),
        ("http://sandbox:8787/api/v1", "true", True),
        ("https://user:hunter2@host/api", "true", False),
        ("ftp://host/api", "true", False),
        ("host/api", "true", False),
    ],
)
def test_which_base_urls_are_taken(url: str, flag: str, good: bool) -> None:
    environ = {**ENOUGH, "GREENFLASH_BASE_URL": url, "GREENFLASH_KAFKA_GREENFLASH__ALLOW_HTTP": flag}
    config, findings = examine(None, environ, FLAGS)
    assert (config is not None) is good, findings
    assert good or findings[0].where == "GREENFLASH_BASE_URL"
    assert all("hunter2" not in each.describe() for each in findings)


def test_loading_imports_neither_the_sdk_nor_the_kafka_client() -> None:
    code = (
        "import sys; from greenflash_kafka.config.load import load_config;"
        "print([m for m in ('greenflash', 'confluent_kafka', 'httpx', 'pycurl') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_proxy_is_an_address_and_its_password_is_not_shown() -> None:
    variable = "GREENFLASH_KAFKA_GREENFLASH__PROXY"
    config = load_config(None, {**ENOUGH, variable: "http://user:canary@proxy:3128"}, FLAGS)
    assert config.greenflash.proxy == "http://user:canary@proxy:3128"
    assert "canary" not in repr(config)
    for wrong in ("proxy:3128", "user:canary@proxy:3128", "socks5://user:canary@proxy", "http://:3128", "http://p:x"):
        said = refusal(None, {**ENOUGH, variable: wrong})
        assert "greenflash.proxy is not a proxy's address" in said
        assert "canary" not in said
