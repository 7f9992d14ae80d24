"""The registry in the demo's process answers as Confluent's does."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any

import pytest

from greenflash_kafka.demo.avro_topics import SCHEMAS
from greenflash_kafka.demo.demo_registry import running_registry
from greenflash_kafka.model.schema import key_text


def test_schemas_are_given_by_id_and_by_subject_and_others_are_named_as_unknown() -> None:
    with running_registry(SCHEMAS) as url:
        for key, schema in SCHEMAS.items():
            assert _ask(f"{url}/schemas/ids/{key_text(key)}?format=serialized") == {"schema": schema.text}
            assert _ask(f"{url}/subjects/{schema.subject}/versions/latest")["id"] == key
        assert _ask(f"{url}/subjects") == [each.subject for each in SCHEMAS.values()]
        for path, code in {"/schemas/ids/99": 40403, "/subjects/none/versions/latest": 40401, "/else": 404}.items():
            with pytest.raises(urllib.error.HTTPError) as refused:
                _ask(url + path)
            assert json.loads(refused.value.read())["error_code"] == code


def _ask(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=30) as answer:
        return json.load(answer)
