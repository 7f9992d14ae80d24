"""The values that a configuration takes, and the names of its keys."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from greenflash_kafka.config.model import Config, proxy_parts


def refused(section: str, **values: Any) -> bool:
    try:
        Config.model_validate({section: values})
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("latest", "latest"),
        ("2026-11-18", datetime(2026, 11, 18, tzinfo=UTC)),
        ("2026-11-18T12:00:00+01:00", datetime(2026, 11, 18, 11, tzinfo=UTC)),
    ],
)
def test_a_start_is_a_word_or_a_time(text: str, start: object) -> None:
    assert Config.model_validate({"kafka": {"start": text}}).kafka.start == start
    assert refused("kafka", start="soon")


@pytest.mark.parametrize("off", ["none", "None", "null", "", None])
def test_a_limit_of_dead_letters_can_be_switched_off(off: object) -> None:
    limits = {"max_invalid_ratio": off, "max_consecutive": off}
    config = Config.model_validate({"dead_letter": limits})
    assert (config.dead_letter.max_invalid_ratio, config.dead_letter.max_consecutive) == (None, None)


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("dead_letter", {"max_invalid_ratio": 1.1}),
        ("dead_letter", {"max_consecutive": 0}),
        ("dead_letter", {"topic": "a b"}),
        ("delivery", {"in_flight": 0}),
        ("delivery", {"in_flight": 901}),
        ("delivery", {"max_events_per_second": 0}),
        ("delivery", {"give_up_after": float("inf")}),
        ("delivery", {"drain_seconds": float("nan")}),
        ("delivery", {"order": "partition"}),
        ("kafka", {"group": ""}),
        ("kafka", {"oauth_token_url": "http://login/token"}),
        ("kafka", {"oauth_token_url": "https://user:pass@login/token"}),
        ("http", {"port": 65536}),
        ("greenflash", {"timeout_seconds": 0}),
    ],
)
def test_values_that_can_not_work_are_refused(section: str, values: dict[str, Any]) -> None:
    assert refused(section, **values)


def test_one_path_of_mappings_is_a_list_of_one() -> None:
    assert Config.model_validate({"mappings": "a"}).mappings == (Path("a"),)
    assert refused("mappings")


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("http://proxy:3128", True),
        ("https://user:secret@proxy:3128/", True),
        ("http://proxy", True),
        ("proxy:3128", False),
        ("http://:3128", False),
        ("http://proxy:0", False),
        ("http://proxy:99999", False),
        ("http://proxy/path", False),
        ("http://proxy?x=1", False),
        ("socks5://proxy", False),
        ("http://[::1", False),
    ],
)
def test_what_is_a_proxys_address(text: str, good: bool) -> None:
    assert (proxy_parts(text) is not None) is good


def test_secrets_are_in_no_text_of_a_configuration() -> None:
    values = {
        "greenflash": {"api_key": "canary1", "proxy": "http://u:canary2@proxy:1"},
        "rules": {"hash_key": "canary3"},
    }
    config = Config.model_validate(values)
    assert "canary" not in repr(config) + str(config)
